"""Small streams in a movie file: the tag that marks one, and its track of keyframes, read and written."""
