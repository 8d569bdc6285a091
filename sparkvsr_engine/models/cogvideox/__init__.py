"""The published SparkVSR model: CogVideoX1.5-5B transformer and causal VAE, restoring in one step."""
