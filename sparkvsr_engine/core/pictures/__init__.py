"""Arithmetic on whole pictures: colour, light, motion, similarity. NumPy in and out."""
