"""What formats mean by their alpha where OpenImageIO has no word for it. No file is opened here."""

from __future__ import annotations

STRAIGHT_ALPHA = "oiio:UnassociatedAlpha"
"""OpenImageIO's mark of colours that are not multiplied by alpha."""

# Their specifications, or the programs that write them, store colours as they are beside the alpha: JPEG XL
# unless a flag marks it, JPEG 2000's opacity channel, DDS of uncompressed, DXT3 and DXT5 pixels, BMP.
_STRAIGHT = frozenset({"bmp", "dds", "jpeg2000", "jpegxl"})
# Renderers multiply, painters do not, and the files record neither.
_UNSAID = frozenset({"iff", "rla", "sgi"})


def alpha_is_straight(container: str, channels: int) -> bool:
    """Whether a format's colours are not multiplied by its alpha although OpenImageIO does not mark them.

    Args:
        container: OpenImageIO's name of the format.
        channels: how many a picture of it has.
    """
    return (channels > 3 and container in _STRAIGHT) or is_grey_with_alpha(container, channels)


def alpha_is_unsaid(container: str, channels: int) -> bool:
    """Whether a format has an alpha channel and no word for how it is meant.

    Args:
        container: OpenImageIO's name of the format.
        channels: how many a picture of it has.
    """
    return channels > 3 and container in _UNSAID


def is_grey_with_alpha(container: str, channels: int) -> bool:
    """Whether two channels, which OpenImageIO calls R and G, are grey and alpha: TGA of 16 bits a pixel.

    Args:
        container: OpenImageIO's name of the format.
        channels: how many a picture of it has.
    """
    return container == "targa" and channels == 2
