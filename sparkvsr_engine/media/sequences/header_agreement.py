"""Whether frames of a sequence are of one size and kind, as the first one has them."""

from __future__ import annotations

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.sequences.picture_files.pictures import PictureHeader


def require_alike(info: ClipInfo, number: int, header: PictureHeader) -> None:
    """Raise MediaUnreadable for a frame whose size, alpha or kind of numbers differs from its sequence's.

    Args:
        info: the source as its headers describe it.
        number: the frame's number.
        header: of the frame's file.
    """
    if (header.width, header.height) != (info.width, info.height):
        raise MediaUnreadable(
            f"frame {number} ({header.path}) is {header.width}x{header.height}, but the sequence is"
            f" {info.width}x{info.height}; give all frames one size or narrow --frames.",
            frame=number,
        )
    if header.channels.has_alpha != info.has_alpha:
        wording = (
            ("has an alpha channel", "has none")
            if header.channels.has_alpha
            else ("has no alpha channel", "has")
        )
        raise MediaUnreadable(
            f"frame {number} ({header.path}) {wording[0]}, but the first frame {wording[1]};"
            " give all frames the same channels or narrow --frames.",
            frame=number,
        )
    if header.sample.startswith("float") != info.sample.startswith("float"):
        raise MediaUnreadable(
            f"frame {number} ({header.path}) holds {header.sample}, but the first frame {info.sample}: light"
            " and codes do not mix; give all frames one kind of numbers or narrow --frames.",
            frame=number,
        )
