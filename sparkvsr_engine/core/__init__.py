"""Pure planning and maths: frames, shots, keyframes, windows, tiles, blends. No files, weights, threads."""
