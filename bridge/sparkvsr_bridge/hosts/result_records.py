# SPDX-License-Identifier: Apache-2.0
"""Where a job's frames belong in the host, as data that outlives undo, reload and the host itself."""

from __future__ import annotations

import dataclasses
import json
from typing import Dict, Optional, Protocol

from .requests import ShotRequest
from .timing import Placement


class ResultRecord(Protocol):
    """What the job list needs of a host's own record."""

    @property
    def origin(self) -> str:
        """Token of the source that the job was made from."""
        ...

    @property
    def request(self) -> ShotRequest:
        """The whole request."""
        ...

    @property
    def frames(self) -> int:
        """Number of frames of the result."""
        ...


@dataclasses.dataclass(frozen=True)
class TimelineRecord:
    """Where the frames of a job belong in a timeline of strips or clips.

    scene: name of the scene. origin, strip: token and name of the source strip; an undo may have removed
        the token. request: the whole request.
    first_content: content frame of the source strip that the first frame shows.
    placement: position when the job was submitted; used when the source strip is gone.
    extension, colour: of the result's files. width, height: of the source in pixels.
    mute_source: whether the source strip is muted once the result is complete.
    """

    scene: str
    origin: str
    strip: str
    request: ShotRequest
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
        """Number of frames of the result."""
        return self.request.last - self.request.first + 1

    def to_json(self) -> str:
        """Text that `from_json` reads again."""
        return json.dumps({**_plain(self), "asked": self.request.to_json()})

    @classmethod
    def from_json(cls, text: str) -> Optional[TimelineRecord]:
        """What `to_json` wrote; None for anything else.

        Args:
            text: JSON, or anything else.
        """
        try:
            values = json.loads(text)
            request = ShotRequest.from_json(values.pop("asked"))
            placement = Placement(**values.pop("placement"))
            return None if request is None else cls(request=request, placement=placement, **values)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def _plain(record: TimelineRecord) -> Dict[str, object]:
    values = dataclasses.asdict(record)
    values.pop("request")
    return values
