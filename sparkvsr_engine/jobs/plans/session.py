"""Everything a job or a preview works with, opened once: footage, output plan, references, restorer.

Not here: what is rendered when (`runner`, `previews`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import SourceChanged, StateConflict
from sparkvsr_engine.access.confinement.threads import run_outside
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.pictures.guidance import merge_mattes
from sparkvsr_engine.core.pictures.light_curve import LightCurve
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.devices import chosen_device
from sparkvsr_engine.jobs.plans.checked import CheckedRequest, conceals_damage
from sparkvsr_engine.jobs.plans.footage import Footage
from sparkvsr_engine.jobs.plans.plan import JobPlan, PlannedKeyframe
from sparkvsr_engine.jobs.plans.planning import is_same_source
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.buffering.prefetch import PrefetchedSource
from sparkvsr_engine.media.images import read_image
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.models.base import Guidance, KeyframePicture, Restorer, ShotSettings
from sparkvsr_engine.models.isr.command import CommandUpscaler
from sparkvsr_engine.models.isr.upscaler import make_keyframe
from sparkvsr_engine.models.registry import find_restorer, open_restorer
from sparkvsr_engine.references.colour import colour_warning, supplied_to_model
from sparkvsr_engine.references.mattes import matte_of, read_matte_file
from sparkvsr_engine.references.named_colour import named_colour
from sparkvsr_engine.references.obtaining import REFERENCES, KeyframePictures, KeyframeRequest, Upscales
from sparkvsr_engine.references.preparing import resize_to

_SOURCE_BYTES = 256 * 1024**2
_MOST_AHEAD, _MOST_KEPT = 4, 8


def require_same_source(plan: JobPlan, info: ClipInfo) -> None:
    """Raise SourceChanged when the source is not the one the plan was made for."""
    if not is_same_source(plan, info):
        raise SourceChanged(
            f"{info.path} has changed since the job was planned; put the old file back, or start a new job."
        )


class RestorerPool:
    """Holds one small restorer and one large one, those asked for last: memory holds no two large ones.

    A job's model stays while the job renders, whatever previews ask for in between.

    device: where a request names none; `auto` for that of the configuration.
    """

    def __init__(self, config: EngineConfig, device: str) -> None:
        self._config = config
        self._device = device
        self._restorers: dict[bool, tuple[tuple[str, str], Restorer]] = {}
        self._rendering: tuple[str, str] | None = None

    def restorer(self, model: str, device: str) -> Restorer:
        """The model, loaded now or before; raises StateConflict where it would displace a rendering job's."""
        key = self._key(model, device)
        is_large = self._is_large(model)
        pooled = self._restorers.get(is_large)
        if pooled is not None and pooled[0] == key:
            return pooled[1]
        if is_large and self._rendering not in (None, key) and self._is_large(self._rendering[0]):
            raise StateConflict(
                f"The engine renders with {self._rendering[0]}, and memory holds no second large model; ask"
                " again when that job has ended or is paused."
            )
        self._close(is_large)
        parts = self._config.cache_folder / "parts"
        budget = self._config.cache_budget_bytes
        restorer = open_restorer(model, self._config.models_folder, parts, key[1], budget)
        self._restorers[is_large] = (key, restorer)
        return restorer

    @contextmanager
    def rendering(self, model: str, device: str) -> Generator[None]:
        """While a job renders with this model."""
        self._rendering = self._key(model, device)
        try:
            yield
        finally:
            self._rendering = None

    def close(self) -> None:
        """Free the device."""
        for is_large in list(self._restorers):
            self._close(is_large)

    def _close(self, is_large: bool) -> None:
        pooled = self._restorers.pop(is_large, None)
        if pooled is not None:
            pooled[1].close()

    def _is_large(self, model: str) -> bool:
        return find_restorer(model, self._config.models_folder)[0].is_large

    def _key(self, model: str, device: str) -> tuple[str, str]:
        named = device if device != "auto" else self._device
        return model, chosen_device(self._config, model, named)


class JobInputs:
    """A checked request with its source open. Use as a context manager."""

    def __init__(
        self,
        config: EngineConfig,
        checked: CheckedRequest,
        pool: RestorerPool,
        control: Control,
    ) -> None:
        self.config = config
        self.checked = checked
        self._pool = pool
        self._control = control
        self._stack = ExitStack()
        self._mattes: dict[str, NDArray[np.float32] | None] = {}

    def __enter__(self) -> JobInputs:
        ahead, keep = frames_at_hand(self.checked.info)
        source = PrefetchedSource(
            open_source(self.checked.info, conceals_damage(self.checked.spec.settings)), ahead, keep
        )
        self.footage = self._stack.enter_context(
            Footage(self.checked.info, source, self.checked.output.colour.to_model)
        )
        settings = self.checked.spec.settings
        self.keyframe_pictures = KeyframePictures(
            self.config.cache_folder / REFERENCES,
            self.checked.geometry,
            settings.look,
            self.footage.picture,
            self.checked.info.available,
            self._supplied,
            self._open_upscaler,
            lambda request: colour_warning(
                request.frame, Path(request.image), bool(settings.input_colour or request.colour)
            ),
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def restorer(self) -> Restorer:
        """The request's model."""
        settings = self.checked.spec.settings
        return self._pool.restorer(settings.model, settings.device)

    def shot_settings(self, plan: JobPlan, learnt: bytes | None = None) -> ShotSettings:
        """How a shot of the plan is restored; learnt: what was learnt of it."""
        return replace(plan.shot_settings, curve=self.checked.output.colour.curve, learnt=learnt)

    def keyframe(self, planned: PlannedKeyframe) -> KeyframePicture:
        """A keyframe's picture, made when it is not there yet."""
        return self.keyframe_pictures.obtain(keyframe_request(planned))

    def guidance(self, plan: JobPlan) -> Guidance:
        """How strongly each keyframe of the plan counts; trust found on its picture is part of it."""
        strengths: dict[int, float] = {}
        mattes: dict[int, NDArray[np.float32]] = {}
        for planned in plan.keyframes:
            strengths[planned.frame] = planned.strength * self.keyframe(planned).trust
            matte = self.matte(planned)
            if matte is not None:
                mattes[planned.frame] = matte
        return Guidance(plan.guidance, strengths, mattes)

    def matte(self, planned: PlannedKeyframe) -> NDArray[np.float32] | None:
        """Where a keyframe counts, float32 [H, W] at output size; None for everywhere."""
        if planned.matte_digest not in self._mattes:
            self._mattes = {planned.matte_digest: self._matte(planned), **self._mattes}
        return self._mattes[planned.matte_digest]

    def _matte(self, planned: PlannedKeyframe) -> NDArray[np.float32] | None:
        geometry = self.checked.geometry
        alpha = matte_of(read_image(planned.image).pixels, geometry) if planned.image else None
        separate: NDArray[np.float32] | None = None
        if planned.matte:
            drawn = read_matte_file(planned.frame, Path(planned.matte))
            separate = np.clip(resize_to(drawn, geometry.width, geometry.height), 0, 1)
        return merge_mattes(alpha, separate)

    def _supplied(self, request: KeyframeRequest, pixels: NDArray[Any]) -> Picture:
        checked, settings = self.checked, self.checked.spec.settings
        file_colour = named_colour(request.colour, settings, checked.info) if request.colour else None
        is_named = bool(settings.input_colour)
        path = Path(request.image)
        return supplied_to_model(path, pixels, checked.info, checked.output.colour, is_named, file_colour)

    def _open_upscaler(self) -> Upscales:
        from sparkvsr_engine.models.isr.registry import open_isr

        settings = self.checked.spec.settings
        upscaler = open_isr(settings.isr, settings.device, self.config.threads or 2, self.config.isr_home)
        return partial(_upscale, upscaler, self._control.is_stopped, self.checked.output.colour.curve)


def frames_at_hand(info: ClipInfo) -> tuple[int, int]:
    """(frames read ahead, frames kept) of a source: as many as help, within `_SOURCE_BYTES`.

    What a restorer looks back to it keeps itself; kept frames only save a seek.
    """
    samples = info.width * info.height * (4 if info.has_alpha else 3)
    # Movies and deep pictures are read as 16 bits, float32 is the largest there is.
    frame_bytes = samples * (4 if info.sample == "float32" else 2)
    affordable = max(1, _SOURCE_BYTES // frame_bytes)
    ahead = min(_MOST_AHEAD, max(1, affordable // 3))
    return ahead, min(_MOST_KEPT, max(0, affordable - ahead - 2))


def keyframe_request(planned: PlannedKeyframe) -> KeyframeRequest:
    """The request to `KeyframePictures` for a planned keyframe."""
    return KeyframeRequest(planned.frame, planned.digest, planned.image, planned.colour)


def _upscale(
    upscaler: Any,
    is_stopped: Callable[[], bool],
    curve: LightCurve | None,
    picture: Picture,
    width: int,
    height: int,
) -> Picture:
    def make() -> Picture:
        return make_keyframe(upscaler, picture, width, height, is_stopped, curve=curve)

    # A command is let in by the configuration's very text; it has files of its own.
    return run_outside(make) if isinstance(upscaler, CommandUpscaler) else make()
