"""The published networks at work: one step of the transformer, and the causal VAE."""
