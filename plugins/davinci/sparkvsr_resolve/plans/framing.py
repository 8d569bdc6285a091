# SPDX-License-Identifier: Apache-2.0
"""Whether a medium of another size would change a clip's framing, known before anything is placed."""

from __future__ import annotations

from typing import Tuple

from ..exchange.facts import ItemFacts, TimelineFacts

AS_PROJECT, CROP, FIT, FILL, STRETCH = range(5)
_CROPS = "centerCrop"

Size = Tuple[int, int]


def reframes(item: ItemFacts, timeline: TimelineFacts, before: Size, after: Size) -> bool:
    """Whether a take of another size is shown larger: media are cropped at the centre without resizing."""
    if before == after:
        return False
    return item.scaling == CROP or (item.scaling == AS_PROJECT and timeline.mismatch == _CROPS)


def warning(name: str, before: Size, after: Size) -> str:
    """What to know before placing."""
    return (
        f"{name} would be reframed: the project crops media of another size at the centre, and the result has"
        f" {after[0]}x{after[1]} instead of {before[0]}x{before[1]}. Set such clips to Fit (--fit), or the"
        " project's Mismatched Resolution to 'Scale entire image to fit'."
    )
