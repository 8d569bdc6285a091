"""One picture file: its header, its channels and layers, and what of them is written again."""
