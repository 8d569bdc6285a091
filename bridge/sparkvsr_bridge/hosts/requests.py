# SPDX-License-Identifier: Apache-2.0
"""From what the artist set to what the engine is asked, and from two requests to the revision between them.

A host keeps a `ShotRequest` with every result as JSON, so that a later session can still ask for changes.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Dict, Optional, Tuple

from .. import media, settings


@dataclasses.dataclass(frozen=True)
class ShotKeyframe:
    """One keyframe as the artist set it.

    frame: in the source's own numbers. image: full path; empty when the engine makes the picture.
    stamp: when the picture was last saved (nanoseconds), so that an edit is a change; 0 without picture.
    colour: colour space of the picture; empty means from the picture itself, else as the source is.
    matte: full path of a picture that limits where the keyframe counts; empty for everywhere.
    """

    frame: int
    image: str = ""
    strength: float = 1.0
    stamp: int = 0
    colour: str = ""
    matte: str = ""


@dataclasses.dataclass(frozen=True)
class ShotRequest:
    """A whole request: source range, settings (as `UpscaleSettings.to_dict`) and keyframes."""

    path: str
    first: int
    last: int
    options: Dict[str, Any]
    keyframes: Tuple[ShotKeyframe, ...] = ()

    def source(self) -> Any:
        """The SourceMedia of the request."""
        return media.SourceMedia(self.path, self.first, self.last)

    def settings(self) -> Any:
        """The UpscaleSettings of the request; raises InvalidSettings."""
        return settings.UpscaleSettings.from_dict(self.options)

    def engine_keyframes(self) -> Tuple[Any, ...]:
        """The keyframes as the engine takes them; those outside the range are left out."""
        inside = [wish for wish in self.keyframes if self.first <= wish.frame <= self.last]
        return tuple(_engine_keyframe(wish) for wish in inside)

    def job_spec(self, target: str) -> Any:
        """The JobSpec that puts frames out as `target`, a numbered pattern.

        Args:
            target: the pattern's path.
        """
        output = settings.OutputTarget(target)
        return settings.JobSpec(self.source(), output, self.settings(), self.engine_keyframes())

    def to_json(self) -> str:
        """Text that `from_json` reads again."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Optional[ShotRequest]:
        """What `to_json` wrote; None for anything else, which another version may have written.

        Args:
            text: JSON, or anything else.
        """
        try:
            values = json.loads(text)
            keyframes = tuple(ShotKeyframe(**keyframe) for keyframe in values.pop("keyframes"))
            return cls(keyframes=keyframes, **values)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def revision_between(before: ShotRequest, now: ShotRequest) -> Optional[Any]:
    """The Revision that turns one request into another; None where only a new job can.

    Keyframes, guidance, damage, learning and range may change in a job; other settings of source and model
    may not.

    Args:
        before: the request that was sent.
        now: the request as it stands.
    """
    if before.path != now.path or _fixed(before) != _fixed(now):
        return None
    old = {wish.frame: wish for wish in before.keyframes}
    new = {wish.frame: wish for wish in now.keyframes if now.first <= wish.frame <= now.last}
    changed = tuple(_engine_keyframe(wish) for frame, wish in sorted(new.items()) if old.get(frame) != wish)
    return settings.Revision(
        set_keyframes=changed,
        drop_keyframes=tuple(sorted(frame for frame in old if frame not in new)),
        first_frame=None if now.first == before.first else now.first,
        last_frame=None if now.last == before.last else now.last,
        **_changed_settings(before.settings(), now.settings()),
    )


def _changed_settings(before: settings.UpscaleSettings, now: settings.UpscaleSettings) -> Dict[str, Any]:
    learn = "off" if now.learn == "off" else "again"
    return {
        "guidance": None if now.guidance == before.guidance else now.guidance,
        "damage": None if now.damage == before.damage else now.damage,
        "judges_damage": now.damage is None and before.damage is not None,
        "learn": None if now.learn == before.learn else learn,
    }


def learning_again(revision: Any) -> Any:
    """The revision with the shots learnt anew from their keyframes; every frame of them is rendered.

    Args:
        revision: a `Revision` of a request that learns.
    """
    return dataclasses.replace(revision, learn="again")


def is_change(revision: Any) -> bool:
    """Whether a revision changes anything.

    Args:
        revision: a `Revision`.
    """
    return bool(revision.to_dict())


def _fixed(request: ShotRequest) -> Dict[str, Any]:
    """The settings that a revision cannot change."""
    values = request.settings().to_dict()
    return {name: value for name, value in values.items() if name not in ("guidance", "damage", "learn")}


def _engine_keyframe(wish: ShotKeyframe) -> Any:
    image = media.ImageRef(path=wish.image) if wish.image else None
    matte = media.ImageRef(path=wish.matte) if wish.matte else None
    return settings.Keyframe(wish.frame, image, wish.strength, matte, wish.colour)
