"""Keyframes of a strip: listed, painted, previewed."""
