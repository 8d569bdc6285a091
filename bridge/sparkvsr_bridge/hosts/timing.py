# SPDX-License-Identifier: Apache-2.0
"""Which frame of its media a strip of a timeline shows when. Whole numbers only.

Words: a *timeline frame* is what the scene counts; a *content frame* counts the frames of the strip's file
(or pictures) from 0, whatever the strip leaves out of them.
"""

from __future__ import annotations

import dataclasses
from typing import Tuple


@dataclasses.dataclass(frozen=True)
class StripTiming:
    """Where a strip lies and what of its media it shows, at normal speed.

    content_start: timeline frame of the first content frame that is not skipped.
    content_frames: how many content frames there are without the skipped ones at both ends.
    left: first visible timeline frame. right: one past the last visible.
    skipped: content frames left out at the start (Blender's hold offset, animation_offset_start).
    Outside its content a strip holds the first or last frame.
    """

    content_start: int
    content_frames: int
    left: int
    right: int
    skipped: int = 0

    @property
    def frames(self) -> int:
        """How many timeline frames are visible."""
        return self.right - self.left

    def content_at(self, frame: int) -> int:
        """The content frame that a timeline frame shows; held where the strip reaches past its content.

        Args:
            frame: of the host's timeline.
        """
        inside = min(max(frame - self.content_start, 0), self.content_frames - 1)
        return inside + self.skipped

    def timeline_of(self, content: int) -> int:
        """The timeline frame that shows a content frame, visible or not.

        Args:
            content: a frame of the medium, from 0.
        """
        return content - self.skipped + self.content_start

    def shows(self, frame: int) -> bool:
        """Whether the strip is visible at a timeline frame.

        Args:
            frame: of the host's timeline.
        """
        return self.left <= frame < self.right

    def shown_content(self) -> Tuple[int, int]:
        """First and last content frame that is visible, inclusive."""
        return self.content_at(self.left), self.content_at(self.right - 1)


@dataclasses.dataclass(frozen=True)
class Placement:
    """Where a strip of upscaled frames goes.

    start: timeline frame of its first picture. frames: how many pictures it has.
    left, right: its handles, right exclusive; they reach past the pictures where the source holds.
    """

    start: int
    frames: int
    left: int
    right: int


def placement_of(timing: StripTiming) -> Placement:
    """Where the upscaled frames of what a strip shows go, so that they lie exactly over it.

    Args:
        timing: of the source's strip.
    """
    first, last = timing.shown_content()
    return Placement(timing.timeline_of(first), last - first + 1, timing.left, timing.right)
