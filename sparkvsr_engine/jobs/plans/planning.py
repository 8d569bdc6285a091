"""From a request to a plan: the source looked at, keyframes settled, everything that decides pixels named.

Pure decisions on top of what probing and analysis found; no network is loaded. A revised plan is made from
the plan before it, so that nothing the artist did not touch is decided anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bridge.errors import InvalidSettings
from bridge.settings import JobSpec, Keyframe, Revision, UpscaleSettings
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.windows import Chunk
from sparkvsr_engine.jobs.plans.analysis import Analysis
from sparkvsr_engine.jobs.plans.learning_plan import with_learning
from sparkvsr_engine.jobs.plans.plan import JobPlan, PlannedKeyframe
from sparkvsr_engine.jobs.storage.digest import digest_of, digest_of_file
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.probe import identity_of
from sparkvsr_engine.models.base import Planner
from sparkvsr_engine.models.isr.registry import isr_identity
from sparkvsr_engine.models.registry import open_planner
from sparkvsr_engine.references.named_colour import named_colour, require_pictures
from sparkvsr_engine.references.preparing import PREPARATION_VERSION

# Frames looked at beyond a requested range: neighbours a window reads, and enough to tell a cut there.
HANDLE_FRAMES = 8
# Why a keyframe is there that the artist asked for.
NAMED = "named by you"


@dataclass(frozen=True)
class ShotChunks:
    """A shot with the chunks of it that are put out."""

    shot: FrameSpan
    chunks: tuple[Chunk, ...]


def geometry_of(settings: UpscaleSettings, info: ClipInfo) -> Geometry:
    """The output size; raises InvalidSettings when it is smaller than the source."""
    found = Geometry.of_request(info.width, info.height, settings.scale, settings.width, settings.height)
    if found.width < info.width or found.height < info.height:
        raise InvalidSettings(
            f"the output {found.width}x{found.height} is smaller than the source {info.width}x{info.height};"
            " choose a scale of 1 or more."
        )
    return found


def analysed_span(info: ClipInfo) -> FrameSpan:
    """The frames to analyse for the requested range."""
    return info.span.widened(HANDLE_FRAMES, info.available)


def require_keyframes_inside(keyframes: Sequence[Keyframe], info: ClipInfo) -> None:
    """Raise InvalidSettings for a keyframe outside the frames that are asked for."""
    for keyframe in keyframes:
        if keyframe.frame not in info.span:
            raise InvalidSettings(
                f"Keyframe {keyframe.frame} lies outside the frames {info.span.first}-{info.span.last};"
                " choose a frame inside, or widen --frames."
            )


def make_plan(
    config: EngineConfig, spec: JobSpec, info: ClipInfo, analysis: Analysis, sink: str, colour: str
) -> JobPlan:
    """Settle a request. sink, colour: identities of how frames are written and brought into model space.

    Raises InvalidSettings, UnknownModel, ModelMissing.
    """
    require_keyframes_inside(spec.keyframes, info)
    settings = spec.settings
    geometry = geometry_of(settings, info)
    planner = open_planner(settings.model, config.models_folder, {})
    shots = tuple(shot for shot in analysis.shots if shot.intersection(info.span))
    desk = _Desk(config, spec, info, geometry, colour)
    chosen = choose_frames(spec, info, analysis)
    seen = seen_of(shots)
    return JobPlan(
        source=info.identity,
        span=info.span,
        shots=shots,
        geometry=geometry,
        keyframes=tuple(desk.planned(keyframe, reason) for keyframe, reason in chosen),
        model=planner.traits.identity,
        guidance=settings.guidance,
        look=settings.look,
        seed=settings.seed,
        damage=_used_damage(planner, settings, geometry),
        on_damage=settings.on_damage,
        sink=sink,
        options=planner.planning_options,
        seen=seen,
        seen_identity=identity_of(info, seen) if info.pattern else "",
        reading=info.reading,
        isr=_isr_identity(config, settings),
    )


def seen_of(shots: Sequence[FrameSpan]) -> FrameSpan:
    """All frames of some shots, in order of time."""
    return FrameSpan(shots[0].start, shots[-1].stop)


def is_same_source(plan: JobPlan, info: ClipInfo) -> bool:
    """Whether the frames a plan was made for are as they were; a sequence may have grown beside them."""
    if info.identity == plan.source:
        return True
    seen = plan.seen
    if seen is None or info.pattern is None or seen.intersection(info.available) != seen:
        return False
    return identity_of(info, seen) == plan.seen_identity


def renew_plan(
    config: EngineConfig, plan: JobPlan, spec: JobSpec, info: ClipInfo, sink: str, colour: str
) -> JobPlan:
    """A stored plan under the names of what renders today: restorer, keyframe model, encoder.

    An update may have changed them since the plan was made; then their results get other keys, and are never
    taken for those of before. What was settled (shots, keyframes, settings) stays.
    """
    planner = open_planner(spec.settings.model, config.models_folder, plan.options)
    isr = _isr_identity(config, spec.settings)
    keyframes = plan.keyframes
    if plan.isr != isr:
        desk = _Desk(config, spec, info, plan.geometry, colour)
        keyframes = tuple(desk.renewed(keyframe) for keyframe in keyframes)
    return replace(plan, model=planner.traits.identity, isr=isr, keyframes=keyframes, sink=sink)


def revise_plan(
    config: EngineConfig,
    plan: JobPlan,
    spec: JobSpec,
    revision: Revision,
    info: ClipInfo,
    sink: str,
    colour: str,
) -> JobPlan:
    """The plan of the next version: what the revision does not name stays as it was settled.

    spec: the revised request. Raises InvalidSettings for a keyframe outside, or for dropping one that is
    not there.
    """
    require_keyframes_inside(revision.set_keyframes, info)
    plan = renew_plan(config, plan, spec, info, sink, colour)
    kept = {keyframe.frame: keyframe for keyframe in plan.keyframes}
    for frame in revision.drop_keyframes:
        if kept.pop(frame, None) is None:
            raise InvalidSettings(f"Frame {frame} is no keyframe of this job; 'sparkvsr status' lists them.")
    planner = open_planner(spec.settings.model, config.models_folder, plan.options)
    desk = _Desk(config, spec, info, plan.geometry, colour)
    for keyframe in revision.set_keyframes:
        kept[keyframe.frame] = desk.revised(kept.get(keyframe.frame), keyframe)
    # Of frames nobody looked at yet nothing is known to be as it was.
    is_wider = plan.seen is None or info.span.intersection(plan.seen) != info.span
    revised = replace(
        plan,
        source=info.identity if is_wider and is_same_source(plan, info) else plan.source,
        span=info.span,
        # Those outside a narrower range still speak inside it, as they did before.
        keyframes=tuple(kept[frame] for frame in sorted(kept)),
        guidance=spec.settings.guidance,
        damage=_used_damage(planner, spec.settings, plan.geometry),
        on_damage=spec.settings.on_damage,
        reading=info.reading,
    )
    if revision.learn is not None or revised.common() != plan.common():
        # Of another picture nothing is to be kept.
        revised = replace(revised, learning=None)
    return with_learning(revised, spec.settings, planner, config.models_folder)


def _isr_identity(config: EngineConfig, settings: UpscaleSettings) -> str:
    return isr_identity(settings.isr, settings.device, config.home)


def _used_damage(planner: Planner, settings: UpscaleSettings, geometry: Geometry) -> float | None:
    """The damage that is set, where the model uses it: else nothing depends on it."""
    return settings.damage if planner.uses_damage(geometry) else None


def choose_frames(spec: JobSpec, info: ClipInfo, analysis: Analysis) -> list[tuple[Keyframe, str]]:
    """The keyframes of a request with why: the artist's own, and those the policy adds."""
    from sparkvsr_engine.jobs.plans.choosing import policy_choices

    named = {keyframe.frame: keyframe for keyframe in spec.keyframes}
    found = {frame: (keyframe, NAMED) for frame, keyframe in named.items()}
    for choice in policy_choices(spec.settings, sorted(named), info, analysis):
        found.setdefault(choice.frame, (Keyframe(choice.frame), choice.reason))
    return [found[frame] for frame in sorted(found)]


def shot_chunks(planner: Planner, plan: JobPlan) -> list[ShotChunks]:
    """Everything there is to render, shot by shot, in order of time."""
    found: list[ShotChunks] = []
    for shot in plan.shots:
        wanted = shot.intersection(plan.span)
        if wanted is None:
            continue
        keyframes = [keyframe.frame for keyframe in plan.keyframes_of(shot)]
        found.append(ShotChunks(shot, tuple(planner.plan(shot, wanted, keyframes, plan.geometry))))
    return found


class _Desk:
    """Names the identity of keyframes as the restorer will get them."""

    def __init__(
        self, config: EngineConfig, spec: JobSpec, info: ClipInfo, geometry: Geometry, colour: str
    ) -> None:
        self._config = config
        self._settings = spec.settings
        self._info = info
        self._geometry = geometry
        self._colour = colour

    def planned(self, keyframe: Keyframe, reason: str) -> PlannedKeyframe:
        """A keyframe of a new job."""
        image = keyframe.image.path if keyframe.image else ""
        matte = keyframe.matte.path if keyframe.matte else ""
        return PlannedKeyframe(
            frame=keyframe.frame,
            digest=self._digest(keyframe.frame, image, keyframe.colour),
            image=image,
            matte=matte,
            matte_digest=digest_of("matte", image=_content(image), matte=_content(matte)),
            strength=keyframe.strength,
            reason=reason,
            colour=keyframe.colour,
        )

    def revised(self, before: PlannedKeyframe | None, keyframe: Keyframe) -> PlannedKeyframe:
        """A keyframe that was set anew; without an image it keeps the one it had: strength can be moved.

        Raises InvalidSettings for a colour space without a picture.
        """
        if before is None or keyframe.image is not None or not before.image:
            require_pictures([keyframe])
        fresh = self.planned(keyframe, NAMED)
        if before is None or keyframe.image is not None:
            return fresh
        if keyframe.colour not in ("", before.colour):
            digest = self._digest(before.frame, before.image, keyframe.colour)
            before = replace(before, colour=keyframe.colour, digest=digest)
        matte = keyframe.matte.path if keyframe.matte else before.matte
        matte_digest = digest_of("matte", image=_content(before.image), matte=_content(matte))
        return replace(before, strength=keyframe.strength, matte=matte, matte_digest=matte_digest)

    def renewed(self, before: PlannedKeyframe) -> PlannedKeyframe:
        """A settled keyframe, as it comes out of today's models."""
        return replace(before, digest=self._digest(before.frame, before.image, before.colour))

    def _digest(self, frame: int, image: str, colour: str) -> str:
        made_by = _content(image) if image else _isr_identity(self._config, self._settings)
        return digest_of(
            "reference",
            version=PREPARATION_VERSION,
            source=self._info.identity,
            frame=frame,
            geometry=[self._geometry.width, self._geometry.height],
            look=self._settings.look,
            colour=self._colour,
            made_by=made_by,
            is_supplied=bool(image),
            # Only where one is named: the keys of all other keyframes stay as they were.
            **({"named": named_colour(colour, self._settings, self._info).identity} if colour else {}),
        )


def _content(path: str) -> str:
    return digest_of_file(Path(path)) if path else ""
