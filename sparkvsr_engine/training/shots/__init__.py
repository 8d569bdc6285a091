"""Training `lite` on damaged shots as a job sees them: denoised, keyframes prepared, moved and weighed."""
