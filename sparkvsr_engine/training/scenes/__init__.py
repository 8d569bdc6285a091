"""Footage and the bank of scenes: what is dear to make is made once and kept on disk."""
