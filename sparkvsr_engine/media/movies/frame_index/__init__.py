"""Which packet of a movie shows which frame: read from tables and packets, or counted by decoding."""
