"""What the benchmark is made of: clips, keyframe cases, methods, and the judging of one result."""
