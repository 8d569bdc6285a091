"""What a job has settled on before the first pixel is rendered, as data that survives a crash.

A plan is stored with the job, so that a resumed job does exactly what it set out to do, and a revised
one can be compared with it frame by frame. Not here: making a plan (`planning`), carrying it out (`runner`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.windows import Chunk, Window
from sparkvsr_engine.jobs.digest import digest_of
from sparkvsr_engine.models.base import ShotSettings


@dataclass(frozen=True)
class PlannedKeyframe:
    """A keyframe the job uses.

    image: the supplied picture in the job's own folder, empty when the ISR model makes it.
    colour: its colour space as the user named it, empty where none was.
    digest: identity of the picture as the restorer gets it (source, size, look and hygiene included).
    matte_digest: identity of alpha and matte, which act at decode only.
    reason: why it was chosen, for people.
    """

    frame: int
    digest: str
    image: str = ""
    matte: str = ""
    matte_digest: str = ""
    strength: float = 1.0
    reason: str = ""
    colour: str = ""


@dataclass(frozen=True)
class JobPlan:
    """Everything settled.

    span: frames to put out. shots: the shots of the source that span touches, whole.
    source: identity of the source's content, all of it, when it was planned.
    seen: the frames the job looks at, with neighbours; seen_identity: of their files alone.
    model: identity of the restorer.
    options: what the restorer was planned with (window length, tiles), its own affair.
    sink: identity of how frames are written (format, depth, colour, codec).
    reading: identity of how the user says the source's values are to be read, empty where files say it.
    """

    source: str
    span: FrameSpan
    shots: tuple[FrameSpan, ...]
    geometry: Geometry
    keyframes: tuple[PlannedKeyframe, ...]
    model: str
    guidance: float
    look: str
    seed: int
    sink: str
    damage: float | None = None
    on_damage: str = "conceal"
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict[str, Any])
    seen: FrameSpan | None = None
    seen_identity: str = ""
    reading: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether its shots hold every frame to put out; a revision may have widened the range."""
        return self.shots[0].start <= self.span.start and self.span.stop <= self.shots[-1].stop

    @property
    def shot_settings(self) -> ShotSettings:
        """How its shots are restored."""
        return ShotSettings(self.look, self.seed, self.damage)

    def keyframes_of(self, shot: FrameSpan) -> tuple[PlannedKeyframe, ...]:
        """The keyframes that may speak in a shot; none reaches across a cut."""
        return tuple(keyframe for keyframe in self.keyframes if keyframe.frame in shot)

    def prediction_key(self, window: Window) -> str:
        """Key of what the network finds for a window: guidance, strengths and mattes are not part of it.

        For windows that carry nothing; what a carried frame depends on is not in the window.
        """
        digests = [[k.frame, k.digest] for k in self.keyframes if k.frame in window.keyframes]
        reading = {"reading": self.reading} if self.reading else {}
        return digest_of("prediction", **self._common(), **reading, window=_plain(window), keyframes=digests)

    def chunk_key(self, chunk: Chunk) -> str:
        """Key of a chunk's finished frames."""
        spoken = [
            [keyframe.frame, keyframe.digest, keyframe.matte_digest, keyframe.strength * self.guidance]
            for keyframe in self.keyframes
            if keyframe.frame in chunk.keyframes
        ]
        return digest_of(
            "chunk",
            **self._common(),
            frames=[chunk.span.start, chunk.span.stop],
            windows=[_plain(window) for window in chunk.windows],
            keyframes=spoken,
            sink=self.sink,
        )

    def _common(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "geometry": dataclasses.astuple(self.geometry),
            "model": self.model,
            "look": self.look,
            "seed": self.seed,
            "damage": self.damage,
            "on_damage": self.on_damage,
            "options": dict(self.options),
        }

    def to_dict(self) -> dict[str, Any]:
        """JSON values; `from_dict` is the inverse."""
        found = dataclasses.asdict(self)
        found["span"] = [self.span.start, self.span.stop]
        found["seen"] = [self.seen.start, self.seen.stop] if self.seen else None
        found["shots"] = [[shot.start, shot.stop] for shot in self.shots]
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> JobPlan:
        """The plan as it was stored."""
        values = dict(data)
        values["span"] = FrameSpan(*data["span"])
        values["seen"] = FrameSpan(*data["seen"]) if data.get("seen") else None
        values["shots"] = tuple(FrameSpan(*shot) for shot in data["shots"])
        values["geometry"] = Geometry(**data["geometry"])
        values["keyframes"] = tuple(PlannedKeyframe(**keyframe) for keyframe in data["keyframes"])
        return cls(**values)


def _plain(window: Window) -> list[Any]:
    """A window as JSON values: what surrounds it is part of what it depends on, its shot's ends are not."""
    span, context = window.span, window.context
    edges = [span.start, span.stop, context.start, context.stop]
    return [*edges, *window.keyframes, window.fade_in, window.fade_out, window.carries]
