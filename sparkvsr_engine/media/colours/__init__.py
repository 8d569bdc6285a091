"""Colour arithmetic: tags, primaries, curves, OpenColorIO. `media.colour` chooses among them."""
