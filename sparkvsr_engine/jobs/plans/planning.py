"""From a request to a plan: the source looked at, keyframes settled, everything that decides pixels named.

Pure decisions on top of what probing and analysis found; no network is loaded. What a revision changes of a
plan is decided in `jobs.revisions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sparkvsr_bridge.settings import JobSpec, Keyframe, UpscaleSettings
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.devices import planner_on_device
from sparkvsr_engine.jobs.plans.analysis import Analysis
from sparkvsr_engine.jobs.plans.checked import CheckedRequest
from sparkvsr_engine.jobs.plans.plan import JobPlan, PlannedKeyframe
from sparkvsr_engine.jobs.storage.digest import digest_of, digest_of_file
from sparkvsr_engine.jobs.stream_keyframes import is_from_stream
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.probe import identity_of
from sparkvsr_engine.models.base import Planner
from sparkvsr_engine.models.isr.registry import isr_identity
from sparkvsr_engine.references.named_colour import named_colour
from sparkvsr_engine.references.preparing import PREPARATION_VERSION

# Frames looked at beyond a requested range: neighbours a window reads, and enough to detect a cut there.
HANDLE_FRAMES = 8
# Why a keyframe is there that the artist asked for.
NAMED = "named by you"
# Of one that the source brings.
STREAMED = "brought by the small stream"


def analysed_span(info: ClipInfo) -> FrameSpan:
    """The frames to analyse for the requested range."""
    return info.span.widened(HANDLE_FRAMES, info.available)


def make_plan(config: EngineConfig, checked: CheckedRequest, analysis: Analysis) -> JobPlan:
    """Settle a request; raises UnknownModel, ModelMissing, InvalidSettings where its policy cannot choose.

    Args:
        config: the engine's folders and limits.
        checked: the request, checked.
        analysis: cuts and signals of the frames.
    """
    info, settings, geometry = checked.info, checked.spec.settings, checked.geometry
    planner = planner_on_device(config, settings, {})
    shots = tuple(shot for shot in analysis.shots if shot.intersection(info.span))
    identities = KeyframeIdentities(config, checked, geometry)
    chosen = choose_frames(checked.spec, info, analysis)
    seen = seen_of(shots)
    return JobPlan(
        source=info.identity,
        span=info.span,
        shots=shots,
        geometry=geometry,
        keyframes=tuple(identities.planned(keyframe, reason) for keyframe, reason in chosen),
        model=planner.traits.identity,
        guidance=settings.guidance,
        look=settings.look,
        seed=settings.seed,
        damage=used_damage(planner, settings, geometry),
        on_damage=settings.on_damage,
        sink=checked.output.identity,
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


def renew_plan(config: EngineConfig, plan: JobPlan, checked: CheckedRequest) -> JobPlan:
    """A stored plan under the names of what renders today: restorer, keyframe model, encoder.

    An update may have changed them since the plan was made; then their results get other keys, and are never
    taken for those of before. What was settled (shots, keyframes, settings) stays.

    Args:
        config: the engine's folders and limits.
        plan: the job's plan.
        checked: the request, checked.
    """
    settings = checked.spec.settings
    planner = planner_on_device(config, settings, plan.options)
    isr = _isr_identity(config, settings)
    keyframes = plan.keyframes
    if plan.isr != isr:
        identities = KeyframeIdentities(config, checked, plan.geometry)
        keyframes = tuple(identities.renewed(keyframe) for keyframe in keyframes)
    sink = checked.output.identity
    return replace(plan, model=planner.traits.identity, isr=isr, keyframes=keyframes, sink=sink)


def _isr_identity(config: EngineConfig, settings: UpscaleSettings) -> str:
    return isr_identity(settings.isr, settings.device, config.isr_home)


def used_damage(planner: Planner, settings: UpscaleSettings, geometry: Geometry) -> float | None:
    """The damage that is set, where the model uses it: else nothing depends on it.

    Args:
        planner: the restorer's planner.
        settings: the request's settings.
        geometry: sizes of the source and of the output.
    """
    return settings.damage if planner.uses_damage(geometry) else None


def choose_frames(spec: JobSpec, info: ClipInfo, analysis: Analysis) -> list[tuple[Keyframe, str]]:
    """The keyframes of a request with why: the artist's own, and those the policy adds.

    Args:
        spec: the request.
        info: the source as its headers describe it.
        analysis: cuts and signals of the frames.
    """
    from sparkvsr_engine.jobs.plans.choosing import policy_choices

    named = {keyframe.frame: keyframe for keyframe in spec.keyframes}
    choices = {frame: (keyframe, _reason_of(keyframe)) for frame, keyframe in named.items()}
    for choice in policy_choices(spec.settings, sorted(named), info, analysis):
        choices.setdefault(choice.frame, (Keyframe(choice.frame), choice.reason))
    return [choices[frame] for frame in sorted(choices)]


def _reason_of(keyframe: Keyframe) -> str:
    return STREAMED if keyframe.image is not None and is_from_stream(keyframe.image.path) else NAMED


class KeyframeIdentities:
    """Names the identity of keyframes as the restorer will get them."""

    def __init__(self, config: EngineConfig, checked: CheckedRequest, geometry: Geometry) -> None:
        self._config = config
        self._settings = checked.spec.settings
        self._info = checked.info
        self._geometry = geometry
        self._colour = checked.output.colour.identity

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

    def renewed(self, before: PlannedKeyframe) -> PlannedKeyframe:
        """A settled keyframe, as it comes out of today's models."""
        return replace(before, digest=self._digest(before.frame, before.image, before.colour))

    def recoloured(self, before: PlannedKeyframe, colour: str) -> PlannedKeyframe:
        """A settled keyframe whose picture is in another colour space."""
        return replace(before, colour=colour, digest=self._digest(before.frame, before.image, colour))

    def rematted(self, before: PlannedKeyframe, matte: str) -> PlannedKeyframe:
        """A settled keyframe under the matte of another file."""
        digest = digest_of("matte", image=_content(before.image), matte=_content(matte))
        return replace(before, matte=matte, matte_digest=digest)

    def _digest(self, frame: int, image: str, colour: str) -> str:
        return digest_of(
            "reference",
            version=PREPARATION_VERSION,
            source=self._info.identity,
            frame=frame,
            geometry=[self._geometry.width, self._geometry.height],
            look=self._settings.look,
            colour=self._colour,
            made_by=_content(image) if image else _isr_identity(self._config, self._settings),
            is_supplied=bool(image),
            # Only where one is named: the keys of all other keyframes stay as they were.
            **({"named": named_colour(colour, self._settings, self._info).identity} if colour else {}),
        )


def _content(path: str) -> str:
    return digest_of_file(Path(path)) if path else ""
