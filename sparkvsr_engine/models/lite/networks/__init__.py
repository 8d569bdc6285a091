"""The network of `lite`: its passes, its number formats, and what it is judged by in training."""
