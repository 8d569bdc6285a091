"""What is drawn: panels, their parts, and confidence along a result."""
