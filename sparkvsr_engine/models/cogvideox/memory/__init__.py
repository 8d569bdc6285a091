"""How the model fits a device: plans, their cost, tiles, and which weights are there when."""
