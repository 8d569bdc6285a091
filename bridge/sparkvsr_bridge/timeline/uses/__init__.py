"""Which frames of which medium a timeline shows: clips walked, ranges, keyframes, shots."""
