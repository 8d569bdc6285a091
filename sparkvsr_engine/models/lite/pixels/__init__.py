"""What the network of `lite` is shown: planes, filters, prepared source frames, agreement with a source."""
