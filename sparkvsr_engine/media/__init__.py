"""Frames in and out of files, streamed: movies through PyAV, pictures and sequences through OpenImageIO."""
