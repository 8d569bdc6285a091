"""From what the artist set to what the engine is asked, and back from what was asked before to what changed.

An `Asked` is kept with every result strip as JSON, so that a later session of Blender can still ask for
changes. No Blender here.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path, PurePath
from typing import Any, Dict, Optional, Tuple

from .bridge_link import media, settings

_PICTURES = {".png": ".png", ".exr": ".exr", ".tif": ".tif", ".tiff": ".tif", ".hdr": ".exr"}
_SCENE_LINEAR = (".exr", ".hdr")
LINEAR = "Linear Rec.709"
DISPLAY = "sRGB"
# Frames of one folder are numbered like this, whatever their source's names are.
RESULT_NAME = "%06d"


@dataclasses.dataclass(frozen=True)
class KeyframeWish:
    """One keyframe as the artist set it.

    frame: in the source's own numbers. image: full path; empty when the engine makes the picture.
    stamp: when the picture was last saved (nanoseconds), so that an edit is a change; 0 without picture.
    """

    frame: int
    image: str = ""
    strength: float = 1.0
    stamp: int = 0


@dataclasses.dataclass(frozen=True)
class Asked:
    """A whole request: source range, settings (as `UpscaleSettings.to_dict`) and keyframes."""

    path: str
    first: int
    last: int
    options: Dict[str, Any]
    keyframes: Tuple[KeyframeWish, ...] = ()

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
        """The JobSpec that puts frames out as `target`, a numbered pattern."""
        output = settings.OutputTarget(target)
        return settings.JobSpec(self.source(), output, self.settings(), self.engine_keyframes())

    def to_json(self) -> str:
        """Text that `from_json` reads again."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Optional[Asked]:
        """What `to_json` wrote; None for anything else, which another version may have written."""
        try:
            values = json.loads(text)
            keyframes = tuple(KeyframeWish(**one) for one in values.pop("keyframes"))
            return cls(keyframes=keyframes, **values)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def revision_between(before: Asked, now: Asked) -> Optional[Any]:
    """The Revision that turns one request into another; None where only a new job can.

    Keyframes, guidance, damage, learning and range may change in a job; what else is said of source and model
    may not.
    """
    if before.path != now.path or _fixed(before) != _fixed(now):
        return None
    old = {wish.frame: wish for wish in before.keyframes}
    new = {wish.frame: wish for wish in now.keyframes if now.first <= wish.frame <= now.last}
    changed = tuple(_engine_keyframe(wish) for frame, wish in sorted(new.items()) if old.get(frame) != wish)
    dropped = tuple(sorted(frame for frame in old if frame not in new))
    one, other = before.settings(), now.settings()
    return settings.Revision(
        set_keyframes=changed,
        drop_keyframes=dropped,
        guidance=None if other.guidance == one.guidance else other.guidance,
        damage=None if other.damage == one.damage else other.damage,
        judges_damage=other.damage is None and one.damage is not None,
        learn=None if other.learn == one.learn else "off" if other.learn == "off" else "again",
        first_frame=None if now.first == before.first else now.first,
        last_frame=None if now.last == before.last else now.last,
    )


def is_change(revision: Any) -> bool:
    """Whether a revision changes anything."""
    return bool(revision.to_dict())


def result_extension(source: str, wanted: str) -> str:
    """The file extension of the upscaled frames.

    source: the source's path. wanted: `AUTO` keeps the source's kind (movies become PNG), or `PNG`,
    `OPEN_EXR`, `TIFF`.
    """
    named = {"PNG": ".png", "OPEN_EXR": ".exr", "TIFF": ".tif"}.get(wanted)
    return named or _PICTURES.get(PurePath(source).suffix.lower(), ".png")


def result_colour(source: str, source_colour: str, extension: str) -> str:
    """The colour space the upscaled frames are in, as Blender names it.

    The engine keeps values as they are where source and result are both scene-linear or both not;
    otherwise it goes through the plain sRGB curve.
    """
    was_linear = PurePath(source).suffix.lower() in _SCENE_LINEAR
    is_linear = extension in _SCENE_LINEAR
    if was_linear == is_linear:
        return source_colour
    return LINEAR if is_linear else DISPLAY


def result_target(folder: Path, strip_name: str, moment: str, extension: str) -> str:
    """The numbered pattern of a new job: a folder of its own, named after strip and moment."""
    plain = "".join(letter if letter.isalnum() or letter in "-." else "_" for letter in strip_name)
    return str(folder / f"{plain.strip('._') or 'strip'}-{moment}" / f"{RESULT_NAME}{extension}")


def _fixed(asked: Asked) -> Dict[str, Any]:
    """The settings that a revision cannot change."""
    values = asked.settings().to_dict()
    return {name: value for name, value in values.items() if name not in ("guidance", "damage", "learn")}


def _engine_keyframe(wish: KeyframeWish) -> Any:
    image = media.ImageRef(path=wish.image) if wish.image else None
    return settings.Keyframe(wish.frame, image, wish.strength)
