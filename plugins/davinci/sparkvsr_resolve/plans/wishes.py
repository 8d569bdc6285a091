# SPDX-License-Identifier: Apache-2.0
"""What is asked of a run, as data."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Tuple

from .markers import DEFAULT_KEYS


@dataclasses.dataclass(frozen=True)
class Wishes:
    """scope: which clips, `selected`, `playhead`, `range`, `track` (the one of number `track`) or `timeline`.
    place: results as a `take` of each clip, on a new `track`, as a new `timeline` or `none`, only as files.

    handles: frames beyond what a clip shows. keys: names and colours of markers that are keyframes.
    options: as `UpscaleSettings.to_dict`. results: folder; empty is `sparkvsr` beside each source. fit: set a
    clip's scaling to Fit where it would be reframed. stills: folder of repaired stills; empty for none.
    copies_grades: onto a new track.
    """

    scope: str = "playhead"
    track: int = 1
    place: str = "take"
    handles: int = 8
    keys: Tuple[str, ...] = DEFAULT_KEYS
    options: Dict[str, Any] = dataclasses.field(default_factory=dict)
    results: str = ""
    fit: bool = False
    stills: str = ""
    copies_grades: bool = True
