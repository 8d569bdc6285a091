"""Frames in memory, restored in this process: no engine, no files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.settings import UpscaleSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparkvsr_engine.jobs.running.in_memory import ShotInMemory

_TYPES = ("uint8", "uint16", "float16", "float32", "float64")


def restore(
    frames: Iterable[NDArray[Any]],
    settings: UpscaleSettings | None = None,
    *,
    keyframes: Mapping[int, NDArray[Any]] | None = None,
    strengths: Mapping[int, float] | None = None,
) -> list[NDArray[Any]]:
    """Restore the frames of one shot.

    All frames and results are in memory at once; for more than a few seconds of film use a job. Cut the
    material first: a keyframe reaches all frames given. Equal to a job's frames, to the bit, for one shot of
    8-bit pictures under the same settings.

    Args:
        frames: one shot, [H, W, 3] each and of one size; uint8, uint16, or floats nominally 0..1; sRGB.
        settings: scale or size, model, guidance, look, damage, seed, device; what concerns files, and how
            keyframes are chosen and made, counts for nothing here. None: the default ones.
        keyframes: by index from 0, [H, W, 3] or [H, W, 4] of any usable size; alpha says where it counts.
        strengths: of keyframes, 0..2; 1 where not named.

    Returns:
        The restored frames, of the type of the first frame given.

    Raises:
        InvalidSettings: for arrays that are no frames, a keyframe of a frame that is not there, or `learn`,
            which is a job's.
        KeyframeRejected: for a keyframe that cannot be used.
        UnknownModel, ModelMissing: for a model that is not there.
    """
    checked = [_require_frame(frame, index) for index, frame in enumerate(frames)]
    if not checked:
        return []
    settings = settings or UpscaleSettings()
    if settings.learn != "off":
        raise InvalidSettings(
            "Frames in memory are restored without learning; leave learn off, or use a job."
        )
    _require_one_size(checked)
    shot = _shot(checked, settings, keyframes or {}, strengths or {})
    import warnings

    import numpy as np

    from sparkvsr_engine.jobs.running.in_memory import restore_shot
    from sparkvsr_engine.media.pixels import from_float

    sample = checked[0].dtype.name
    restorer = _open(settings)
    try:
        restored = restore_shot(restorer, shot, warn=lambda text: warnings.warn(text, stacklevel=4))
        if sample == "float64":
            return [frame.pixels.astype(np.float64) for frame in restored]
        return [from_float(frame.pixels[..., :3], sample) for frame in restored]
    finally:
        restorer.close()


def _shot(
    frames: list[NDArray[Any]],
    settings: UpscaleSettings,
    keyframes: Mapping[int, NDArray[Any]],
    strengths: Mapping[int, float],
) -> ShotInMemory:
    from sparkvsr_engine.core.frames import FrameSpan
    from sparkvsr_engine.core.geometry import Geometry
    from sparkvsr_engine.jobs.running.in_memory import ShotInMemory
    from sparkvsr_engine.models.base import ShotSettings

    span = FrameSpan(0, len(frames))
    for index in (*keyframes, *strengths):
        if index not in span:
            raise InvalidSettings(
                f"There is no frame {index} for a keyframe; frames are numbered 0 to {span.last}."
            )
    height, width = frames[0].shape[:2]
    geometry = Geometry.of_request(width, height, settings.scale, settings.width, settings.height)
    return ShotInMemory(
        frames,
        span,
        geometry,
        {index: _require_frame(picture, index, (3, 4)) for index, picture in keyframes.items()},
        ShotSettings(settings.look, settings.seed, settings.damage),
        settings.guidance,
        strengths,
    )


def _open(settings: UpscaleSettings) -> Any:
    from sparkvsr_engine.config import load_config
    from sparkvsr_engine.models.registry import open_restorer, preferred_device

    config = load_config()
    device = preferred_device(settings.model, config.models_folder, settings.device, config.home)
    return open_restorer(settings.model, config.models_folder, config.cache_folder / "parts", device)


def _require_frame(frame: NDArray[Any], index: int, channels: tuple[int, ...] = (3,)) -> NDArray[Any]:
    if frame.ndim == 3 and frame.shape[2] in channels and frame.dtype.name in _TYPES:
        return frame
    raise InvalidSettings(
        f"Frame {index} is {frame.dtype} of shape {tuple(frame.shape)}; a frame is [H, W, 3] of"
        f" {', '.join(_TYPES)}."
    )


def _require_one_size(frames: list[NDArray[Any]]) -> None:
    for index, frame in enumerate(frames):
        if frame.shape != frames[0].shape or frame.dtype != frames[0].dtype:
            raise InvalidSettings(
                f"Frame {index} is {frame.dtype} of shape {tuple(frame.shape)}, frame 0"
                f" {frames[0].dtype} of {tuple(frames[0].shape)}; a shot's frames are alike."
            )
