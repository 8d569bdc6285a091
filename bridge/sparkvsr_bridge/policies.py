"""The keyframe policies there are, with words for menus; hosts, commands and requests take them from here.

A policy is added to `POLICIES`, at its end, and to the table of the same names in the engine's
`core.keyframe_choice.keyframes`, where frames are chosen.
"""

from __future__ import annotations

import dataclasses
from typing import Tuple


@dataclasses.dataclass(frozen=True)
class PolicyDescription:
    """A policy as menus show it.

    name: what requests call it. title: of its entry. summary: one line.
    """

    name: str
    title: str
    summary: str

    def item(self) -> Tuple[str, str, str]:
        """Name, title and summary, as menus of hosts take them."""
        return self.name, self.title, self.summary


POLICIES = (
    PolicyDescription("adaptive", "Automatic", "Keyframes where they help most, besides those in the list"),
    PolicyDescription("manual", "Only the List", "The keyframes in the list and no others"),
    PolicyDescription(
        "shot", "First of Each Shot", "The first frame of every shot, besides those in the list"
    ),
    PolicyDescription("uniform", "Evenly Spaced", "Keyframes at even distances, besides those in the list"),
    PolicyDescription(
        "iframe",
        "Codec Keyframes",
        "Where the movie's codec stored whole pictures, besides those in the list",
    ),
    PolicyDescription(
        "random", "Random", "Frames drawn by lot, the same ones every time, besides those in the list"
    ),
    PolicyDescription("none", "None", "No keyframes at all: restored from the source alone"),
)
"""In the order of menus; files of hosts may store an entry's place, so new ones go to the end."""

KEYFRAME_POLICIES = tuple(policy.name for policy in POLICIES)
