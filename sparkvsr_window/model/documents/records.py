"""What a person works on, as immutable records. Frames are in the source's own numbers, ranges inclusive."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sparkvsr_bridge.media import MediaInfo
from sparkvsr_bridge.settings import UpscaleSettings

BY_ENGINE, PICTURE, PAINTED = "made", "picture", "painted"
"""Origins of a keyframe's picture: the engine makes it, a file was given, it was painted in an editor."""

Region = tuple[int, int, int, int]
"""x, y, width, height in output pixels."""

_USUAL_RATE = 24.0


@dataclass(frozen=True)
class Clip:
    """A source that was opened. info: as the engine's readers describe it."""

    info: MediaInfo
    warnings: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """As it was opened: a movie, a numbered pattern or a folder."""
        return self.info.path

    @property
    def rate(self) -> float:
        """Frames per second; 24 where the source carries none."""
        number, count = self.info.rate
        return number / count if number else _USUAL_RATE

    @property
    def full_scale(self) -> float:
        """What brings a small stream to the size it was made from; 0 for any other source."""
        return self.info.full_size[0] / self.info.width

    def nearest(self, frame: int) -> int:
        """The frame of the clip that is nearest to a number."""
        return min(max(frame, self.info.first_frame), self.info.last_frame)


@dataclass(frozen=True)
class KeyframeMark:
    """A keyframe as the artist set it.

    image: full path of its picture; empty where the engine makes it. stamp: when that was last saved, in
        nanoseconds. strength: 0..2. matte: full path of a picture that limits where it counts.
    origin: BY_ENGINE, PICTURE or PAINTED. reason: why it was suggested, for people.
    """

    frame: int
    image: str = ""
    stamp: int = 0
    strength: float = 1.0
    matte: str = ""
    colour: str = ""
    origin: str = BY_ENGINE
    reason: str = ""


@dataclass(frozen=True)
class Version:
    """A version of a result. request: the ShotRequest it was made of, as JSON.

    state: of its job. first, last: frames it has. ordered: when the job was submitted, seconds since 1970.
    """

    job: str
    number: int
    target: str
    request: str
    state: str = "queued"
    first: int = 0
    last: int = 0
    ordered: float = 0.0

    @property
    def key(self) -> tuple[str, int]:
        """Job and version."""
        return self.job, self.number


@dataclass(frozen=True)
class Settings:
    """What changes pixels beside the keyframes; see `sparkvsr_bridge.settings.UpscaleSettings`.

    policy: how keyframes are chosen; empty: those that are set alone, and where none is, `adaptive`.
    """

    scale: float = 4.0
    model: str = UpscaleSettings().model
    guidance: float = 1.0
    look: str = "lock"
    isr: str = ""
    input_colour: str = ""
    ocio_config: str = ""
    learn: str = "off"
    policy: str = ""


@dataclass(frozen=True)
class Document:
    """One clip and all that was decided about it.

    first, last: the marked range. region: the part of the result a preview shows, None for the whole.
    target: where results go, empty for beside the source. cuts: first frames of shots but the first.
    """

    clip: Clip
    first: int
    last: int
    settings: Settings = Settings()
    keyframes: tuple[KeyframeMark, ...] = ()
    versions: tuple[Version, ...] = ()
    cuts: tuple[int, ...] = ()
    region: Region | None = None
    target: str = ""

    @classmethod
    def of(cls, clip: Clip) -> Document:
        """A clip that nothing was decided about yet; a small stream is brought to its full size."""
        settings = Settings(scale=clip.full_scale) if clip.full_scale else Settings()
        return cls(clip, clip.info.first_frame, clip.info.last_frame, settings)

    def keyframe_at(self, frame: int) -> KeyframeMark | None:
        """The keyframe of a frame."""
        return next((mark for mark in self.keyframes if mark.frame == frame), None)

    def with_keyframe(self, mark: KeyframeMark) -> Document:
        """With a keyframe added, or put in the place of the one of its frame."""
        remaining = [each for each in self.keyframes if each.frame != mark.frame]
        return replace(self, keyframes=tuple(sorted([*remaining, mark], key=lambda each: each.frame)))

    def without_keyframe(self, frame: int) -> Document:
        """With the keyframe of a frame taken away."""
        return replace(self, keyframes=tuple(each for each in self.keyframes if each.frame != frame))

    def with_version(self, version: Version) -> Document:
        """With a version added, or put in the place of the one of its job and number."""
        remaining = [each for each in self.versions if each.key != version.key]
        return replace(self, versions=tuple(sorted([*remaining, version], key=lambda each: each.ordered)))

    def version(self, key: tuple[str, int]) -> Version | None:
        """The version of a job and number."""
        return next((each for each in self.versions if each.key == key), None)

    @property
    def brought(self) -> tuple[int, ...]:
        """Frames whose keyframes the source brings and whose pictures are used: a small stream's."""
        if self.settings.policy not in ("", "manual"):
            return ()
        supplied = {mark.frame for mark in self.keyframes if mark.image}
        return tuple(frame for frame in self.clip.info.keyframes if frame not in supplied)

    @property
    def output_size(self) -> tuple[int, int]:
        """Width and height of the result in pixels, as a request without a size has it."""
        scale = self.settings.scale
        return max(1, round(self.clip.info.width * scale)), max(1, round(self.clip.info.height * scale))


@dataclass(frozen=True)
class Message:
    """One sentence for the artist. kind: `info` or `error`."""

    text: str
    kind: str = "info"
