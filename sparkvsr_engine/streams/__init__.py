"""Small streams: a movie reduced in size with a few keyframes beside it, packed into one file or pipe and
unpacked.
"""
