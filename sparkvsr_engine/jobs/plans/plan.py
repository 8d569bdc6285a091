"""What a job has settled on before the first pixel is rendered, as data that survives a crash.

A plan is stored with the job, so that a resumed job does exactly what it set out to do, and a revised
one can be compared with it frame by frame. Not here: making a plan (`planning`), carrying it out (`runner`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.windows import Chunk, Window
from sparkvsr_engine.jobs.storage.digest import digest_of
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
class ShotLesson:
    """What is learnt of a shot: from these keyframes, under this key.

    near: key of the lesson of a shot near by, which learning may start from; empty for the weights that ship.
    """

    shot: FrameSpan
    keyframes: tuple[PlannedKeyframe, ...]
    key: str
    near: str = ""


@dataclass(frozen=True)
class PlannedLearning:
    """How shots are learnt from their keyframes (`learning_plan`).

    identity: of the way a restorer learns. steps, stops_early, seed: see `models.base.LearningBudget`.
    looks: of the weights of its learned loss, empty without.
    """

    identity: str
    steps: int
    stops_early: bool
    seed: int
    looks: str
    lessons: tuple[ShotLesson, ...]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PlannedLearning:
        """As it was stored."""
        lessons = tuple(
            ShotLesson(
                FrameSpan(**lesson["shot"]),
                tuple(PlannedKeyframe(**keyframe) for keyframe in lesson["keyframes"]),
                lesson["key"],
                lesson.get("near", ""),
            )
            for lesson in data["lessons"]
        )
        values: dict[str, Any] = {**data, "lessons": lessons}
        return cls(**values)


@dataclass(frozen=True)
class JobPlan:
    """Everything settled.

    span: frames to put out. shots: the shots of the source that span touches, whole.
    source: identity of the source's content, all of it, when it was planned.
    seen: the frames the job looks at, with neighbours; seen_identity: of their files alone.
    model: identity of the restorer. isr: of what makes its keyframes.
    options: what the restorer was planned with (window length, tiles), its own affair.
    sink: identity of how frames are written (format, depth, colour, codec).
    reading: identity of how the source's values are read where the user named it, empty where files name it.
    learning: which shots are learnt from their keyframes, None for none.
    pieces: chunks of earlier versions inside the span that are as this one makes them, whatever pieces the
        range would be cut into anew; empty where that comes to the same.
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
    isr: str = ""
    learning: PlannedLearning | None = None
    pieces: tuple[FrameSpan, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether its shots hold every frame to put out; a revision may have widened the range."""
        return self.shots[0].start <= self.span.start and self.span.stop <= self.shots[-1].stop

    @property
    def shot_settings(self) -> ShotSettings:
        """How its shots are restored."""
        return ShotSettings(self.look, self.seed, self.damage)

    def keyframes_of(self, shot: FrameSpan) -> tuple[PlannedKeyframe, ...]:
        """The keyframes that count in a shot; none reaches across a cut."""
        return tuple(keyframe for keyframe in self.keyframes if keyframe.frame in shot)

    def lesson_of(self, frame: int) -> ShotLesson | None:
        """What is learnt of the shot a frame lies in."""
        lessons = () if self.learning is None else self.learning.lessons
        return next((lesson for lesson in lessons if frame in lesson.shot), None)

    def prediction_key(self, window: Window) -> str:
        """Key of what the network finds for a window: guidance, strengths and mattes are not part of it.

        For windows that carry nothing; what a carried frame depends on is not in the window.
        """
        digests = [[k.frame, k.digest] for k in self.keyframes if k.frame in window.keyframes]
        reading = {"reading": self.reading} if self.reading else {}
        learnt = self._learnt(window.span.start)
        return digest_of(
            "prediction", **self.common(), **reading, **learnt, window=_plain(window), keyframes=digests
        )

    def chunk_key(self, chunk: Chunk) -> str:
        """Key of a chunk's finished frames."""
        return digest_of(
            "chunk",
            **self.common(),
            **self._learnt(chunk.span.start),
            frames=[chunk.span.start, chunk.span.stop],
            windows=[_plain(window) for window in chunk.windows],
            keyframes=[
                [keyframe.frame, keyframe.digest, keyframe.matte_digest, keyframe.strength * self.guidance]
                for keyframe in self.keyframes
                if keyframe.frame in chunk.keyframes
            ],
            sink=self.sink,
        )

    def _learnt(self, frame: int) -> dict[str, Any]:
        """Part of a key only where something is learnt, so that all other keys stay as they are."""
        lesson = self.lesson_of(frame)
        return {} if lesson is None else {"learnt": lesson.key}

    def common(self) -> dict[str, Any]:
        """What every key of this job's results depends on."""
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
        values = dataclasses.asdict(self)
        values["span"] = [self.span.start, self.span.stop]
        values["seen"] = [self.seen.start, self.seen.stop] if self.seen else None
        values["shots"] = [[shot.start, shot.stop] for shot in self.shots]
        values["pieces"] = [[piece.start, piece.stop] for piece in self.pieces]
        return values

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> JobPlan:
        """The plan as it was stored."""
        values = dict(data)
        values["span"] = FrameSpan(*data["span"])
        values["seen"] = FrameSpan(*data["seen"]) if data.get("seen") else None
        values["shots"] = tuple(FrameSpan(*shot) for shot in data["shots"])
        values["pieces"] = tuple(FrameSpan(*piece) for piece in data.get("pieces", ()))
        values["geometry"] = Geometry(**data["geometry"])
        values["keyframes"] = tuple(PlannedKeyframe(**keyframe) for keyframe in data["keyframes"])
        learning = data.get("learning")
        values["learning"] = PlannedLearning.from_dict(learning) if learning else None
        return cls(**values)


def placed_pictures(plan: JobPlan, place: Callable[[str], str]) -> JobPlan:
    """A plan with the paths that another host has for pictures of keyframes.

    Args:
        plan: the plan.
        place: gives the path there for one here; an empty one stays.
    """

    def placed(keyframes: tuple[PlannedKeyframe, ...]) -> tuple[PlannedKeyframe, ...]:
        return tuple(
            dataclasses.replace(keyframe, image=place(keyframe.image), matte=place(keyframe.matte))
            for keyframe in keyframes
        )

    learning = plan.learning
    if learning is not None:
        placings = [(lesson, placed(lesson.keyframes)) for lesson in learning.lessons]
        lessons = tuple(dataclasses.replace(lesson, keyframes=keyframes) for lesson, keyframes in placings)
        learning = dataclasses.replace(learning, lessons=lessons)
    return dataclasses.replace(plan, keyframes=placed(plan.keyframes), learning=learning)


def _plain(window: Window) -> list[Any]:
    """A window as JSON values: what surrounds it is part of what it depends on, its shot's ends are not."""
    span, context = window.span, window.context
    edges = [span.start, span.stop, context.start, context.stop]
    return [*edges, *window.keyframes, window.fade_in, window.fade_out, window.carries]
