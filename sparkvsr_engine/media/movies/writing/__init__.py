"""Frames into a movie: encoders, segments, and segments joined without encoding again."""
