"""What the network of `lite` is shown: planes, filters, prepared source frames, and agreement with the source."""
