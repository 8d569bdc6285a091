"""What is worked on, as records: clips, keyframes, requests made of them, where results go."""
