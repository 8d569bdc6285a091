# SPDX-License-Identifier: Apache-2.0
"""Where results lie: a folder per version, which nothing is written into twice."""

from __future__ import annotations

import re
from pathlib import Path

from ..refusals import Refused

FOLDER = "sparkvsr"
# Formats that hold what they are given; the result of a JPEG is no JPEG.
_KEPT_ENDINGS = (".png", ".tif", ".tiff", ".exr", ".dpx")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_MOST_VERSIONS = 9999


def ending_of(source: str, is_sequence: bool) -> str:
    """Movies become .mov, which carry rate and timecode; pictures stay what they are where that loses
    nothing.
    """
    if not is_sequence:
        return ".mov"
    ending = Path(source).suffix.lower()
    return ending if ending in _KEPT_ENDINGS else ".png"


def reserve(source: str, is_sequence: bool, last_number: int, folder: str) -> str:
    """The next version's file, or pattern with `%04d`; its folder is made, so that nobody else takes it.

    folder: of all results, empty for one beside the source. Raises Refused where it cannot be made.
    """
    name = plain_name(Path(source).stem.split("%")[0])
    home = Path(folder) if folder else Path(source).parent / FOLDER
    ending = ending_of(source, is_sequence)
    digits = max(4, len(str(last_number)))
    for number in range(1, _MOST_VERSIONS):
        stem = f"{name}_v{number:03d}"
        place = home / stem
        try:
            place.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise Refused(
                f"The results folder {place} cannot be made ({error.strerror}); name another one with"
                " --results."
            ) from error
        return str(place / (f"{stem}.%0{digits}d{ending}" if is_sequence else f"{stem}{ending}"))
    raise Refused(f"{home} holds {_MOST_VERSIONS} versions of {name}; name another folder with --results.")


def plain_name(text: str) -> str:
    """Letters, digits, `.`, `-` and `_` alone."""
    return _UNSAFE.sub("_", text).strip("._-")[:80] or "shot"
