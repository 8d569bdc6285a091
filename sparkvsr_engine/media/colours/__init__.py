"""Colour arithmetic: tags, primaries, curves, OpenColorIO. Which of them a clip needs says `media.colour`."""
