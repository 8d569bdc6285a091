"""What is to become of a job's frames in the timeline, as data that outlives undo, reload and Blender."""

from __future__ import annotations

import dataclasses
import json
from typing import Dict, Optional

from .requests import Asked
from .timing import Placement


@dataclasses.dataclass(frozen=True)
class Order:
    """Where the frames of a job belong.

    scene: name of the scene. origin, strip: token and name of the strip they were made from; an undo may
        have taken the token back. asked: the whole request.
    first_content: content frame of the source strip that the first frame shows.
    placement: where they lay when the job was ordered; used when the source strip is gone.
    extension, colour: of the result's files. width, height: of the source in pixels.
    mute_source: whether the source strip is muted once the result is whole.
    """

    scene: str
    origin: str
    strip: str
    asked: Asked
    first_content: int
    placement: Placement
    extension: str
    colour: str
    width: int
    height: int
    label: str
    mute_source: bool = True

    @property
    def frames(self) -> int:
        """How many frames the result has."""
        return self.asked.last - self.asked.first + 1

    def to_json(self) -> str:
        """Text that `from_json` reads again."""
        return json.dumps({**_plain(self), "asked": self.asked.to_json()})

    @classmethod
    def from_json(cls, text: str) -> Optional[Order]:
        """What `to_json` wrote; None for anything else."""
        try:
            values = json.loads(text)
            asked = Asked.from_json(values.pop("asked"))
            placement = Placement(**values.pop("placement"))
            return None if asked is None else cls(asked=asked, placement=placement, **values)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def _plain(order: Order) -> Dict[str, object]:
    values = dataclasses.asdict(order)
    values.pop("asked")
    return values
