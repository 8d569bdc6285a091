"""What the window asks of the engine: previews, renders, advice, and the link they go over."""
