"""What each model brings to be trained: its batches, its losses, what it starts from."""
