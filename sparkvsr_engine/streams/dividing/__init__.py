"""How the bytes of a rate are divided between the tracks of a stream: bytes by quality, trials, and the
search.
"""
