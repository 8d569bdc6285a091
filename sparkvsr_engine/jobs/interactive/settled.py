"""Requests for previews that were settled: where only guidance or strengths move, files are not read again.

A slider asks for one picture after the other. Looking at the source and planning take as long as mixing the
picture, and nothing they depend on has changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from sparkvsr_bridge.errors import SparkVSRError
from sparkvsr_bridge.media import ImageRef
from sparkvsr_bridge.messages import PreviewRequest
from sparkvsr_engine.jobs.plans.checked import CheckedRequest
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.media.probe import identity_of
from sparkvsr_engine.storage.bounded_dict import BoundedDict

# The frame in view, and a few an artist goes back and forth between.
_MOST_SETTLED = 4

Stamps = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class SettledPreview:
    """A request with its plan. stamps: size and time of change of every keyframe's files."""

    checked: CheckedRequest
    plan: JobPlan
    stamps: Stamps


class SettledPreviews:
    """The requests settled last, under all they depend on but guidance and strengths."""

    def __init__(self) -> None:
        self._settled: BoundedDict[str, SettledPreview] = BoundedDict(_MOST_SETTLED)

    def find(self, request: PreviewRequest) -> SettledPreview | None:
        """An earlier request that differs in guidance and strengths alone, with those of this one.

        None where there is none, or where a file of it has changed or is gone.
        """
        settled = self._settled.get(_key(request))
        if settled is None or not _is_as_before(settled, request):
            return None
        strengths = {keyframe.frame: keyframe.strength for keyframe in request.keyframes}
        keyframes = tuple(
            replace(keyframe, strength=strengths[keyframe.frame]) for keyframe in settled.plan.keyframes
        )
        spec = replace(settled.checked.spec, settings=request.settings, keyframes=request.keyframes)
        return SettledPreview(
            replace(settled.checked, spec=spec),
            replace(settled.plan, guidance=request.settings.guidance, keyframes=keyframes),
            settled.stamps,
        )

    def keep(self, request: PreviewRequest, checked: CheckedRequest, plan: JobPlan) -> SettledPreview:
        """Remember a request that was settled now; returns it.

        Args:
            request: as it came.
            checked: the request with what its source is.
            plan: what was settled.
        """
        return self._settled.put(_key(request), SettledPreview(checked, plan, _stamps(request)))


def _key(request: PreviewRequest) -> str:
    settings = replace(request.settings, guidance=1.0)
    # A shot whose keyframes all have no strength is planned without learning.
    keyframes = tuple(
        replace(keyframe, strength=1.0 if keyframe.strength else 0.0) for keyframe in request.keyframes
    )
    return str(replace(request, settings=settings, keyframes=keyframes).to_dict())


def _is_as_before(settled: SettledPreview, request: PreviewRequest) -> bool:
    try:
        return (
            identity_of(settled.checked.info) == settled.checked.info.identity
            and _stamps(request) == settled.stamps
        )
    except (OSError, SparkVSRError):
        return False


def _stamps(request: PreviewRequest) -> Stamps:
    """Of every file that a keyframe names; raises OSError where one is gone."""
    paths = [
        picture.path
        for keyframe in request.keyframes
        for picture in (keyframe.image, keyframe.matte)
        if isinstance(picture, ImageRef) and picture.path
    ]
    status = ((path, Path(path).stat()) for path in paths)
    return tuple((path, file.st_size, file.st_mtime_ns) for path, file in status)
