"""Arithmetic on whole pictures: colour, light, motion, likeness. NumPy in and out."""
