"""Small streams through a pipe: a chain of pieces, each a whole Matroska file that begins with a keyframe."""
