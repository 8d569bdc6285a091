"""Colour tags of movies: the code points of ITU-T H.273, and what an untagged movie is taken for."""

from __future__ import annotations

from dataclasses import dataclass, replace

UNSPECIFIED = 2
BT709 = 1
BT601 = 6
BT2020 = 9
LINEAR_TRANSFER = 8
SRGB_TRANSFER = 13
PQ_TRANSFER = 16
HLG_TRANSFER = 18
IDENTITY_MATRIX = 0

HD_ROWS = 720
"""From this height on a movie without tags is taken as BT.709, below as BT.601 (see `judged_rows`)."""

_HD_COLUMNS, _SD_ROWS = 1280, 576

_PRIMARIES = {1: "BT.709", 5: "BT.601 (625)", 6: "BT.601", 9: "BT.2020", 11: "DCI-P3", 12: "Display P3"}
_TRANSFERS = {
    1: "BT.709",
    6: "BT.601",
    8: "linear",
    13: "sRGB",
    14: "BT.2020",
    15: "BT.2020",
    16: "PQ",
    18: "HLG",
}
# H.273 matrices 5 and 6 are both BT.601's; 2020 constant luminance has no exact conversion anywhere.
KNOWN_MATRICES = {0, 1, 4, 5, 6, 7, 9}
# Matrices no library at hand converts; read by another one, every colour would be a wrong one.
_UNREAD_MATRICES = {
    8: "YCgCo",
    10: "BT.2020 with constant luminance",
    11: "SMPTE ST 2085",
    12: "derived from its primaries",
    13: "derived from its primaries, with constant luminance",
    14: "ICtCp",
    15: "IPT-C2",
    16: "YCgCo-Re",
    17: "YCgCo-Ro",
}
_DERIVED_MATRIX = 12


@dataclass(frozen=True)
class ColourTags:
    """H.273 code points; 2 is unspecified. full_range: None when the file does not name it."""

    primaries: int = UNSPECIFIED
    transfer: int = UNSPECIFIED
    matrix: int = UNSPECIFIED
    full_range: bool | None = None

    @property
    def is_hdr(self) -> bool:
        """Whether values are PQ or HLG coded."""
        return self.transfer in (PQ_TRANSFER, HLG_TRANSFER)

    def describe(self) -> str:
        """For people: `BT.2020 PQ`, empty when nothing is known."""
        words = [_PRIMARIES.get(self.primaries, ""), _TRANSFERS.get(self.transfer, "")]
        return " ".join(dict.fromkeys(word for word in words if word))

    def matrix_for(self, height: int) -> int:
        """The YUV matrix to decode with, for a movie of that many rows."""
        if self.matrix in KNOWN_MATRICES:
            return self.matrix
        return BT709 if height >= HD_ROWS else BT601


def settled_matrix(tags: ColourTags) -> ColourTags:
    """The same tags with a matrix by its own number where it is derived from primaries that have one.

    H.273, table 4: value 12 with BT.709's primaries gives BT.709's matrix, with BT.2020's that one's.
    """
    is_derived = tags.matrix == _DERIVED_MATRIX and tags.primaries in (BT709, BT2020)
    return replace(tags, matrix=tags.primaries) if is_derived else tags


def unread_matrix(tags: ColourTags) -> str:
    """The name of a matrix that is not read here; empty for any other."""
    return _UNREAD_MATRICES.get(tags.matrix, "")


def judged_rows(width: int, height: int) -> int:
    """The height an untagged movie is judged by: an HD one where either side is HD's, as players judge.

    Bars are cut off many films, so that 1280x536 is HD; phones hold theirs upright.
    """
    is_hd = max(width, height) >= _HD_COLUMNS or min(width, height) > _SD_ROWS
    return max(height, HD_ROWS) if is_hd else min(height, HD_ROWS - 1)


UNTAGGED = ColourTags()
"""A file without any label of its colours."""

SRGB_TAGS = ColourTags(BT709, SRGB_TRANSFER, BT709, full_range=False)
"""What sRGB-coded pictures are tagged as in a movie, so that they look there as they do beside it."""


def output_tags(source: ColourTags, height: int) -> ColourTags:
    """Tags of a movie of `height` rows made from a source with these tags.

    The source's labels are kept. An untagged source is written as what it was decoded as on its new
    size, and tagged: an upscaled SD clip without tags would otherwise change colour, because players
    take large untagged pictures as BT.709.
    """
    if source == ColourTags(full_range=source.full_range):
        standard = BT709 if height >= HD_ROWS else BT601
        return ColourTags(standard, standard, standard, full_range=bool(source.full_range))
    matrix = source.matrix
    if matrix not in KNOWN_MATRICES - {IDENTITY_MATRIX}:
        matrix = BT2020 if source.primaries == BT2020 else BT709 if height >= HD_ROWS else BT601
    return replace(source, matrix=matrix, full_range=bool(source.full_range))
