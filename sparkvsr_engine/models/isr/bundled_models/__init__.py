"""The image models that come with the engine: their networks, and where their weights are from."""
