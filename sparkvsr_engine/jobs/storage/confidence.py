"""How far keyframes were trusted in finished frames: kept per chunk, shown per frame or as a heat map.

Kept in the cache under the chunk's content key, so that frames a version reuses have theirs too. What was
evicted is unknown again, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.keyframe_choice.expected_error import expected_error
from sparkvsr_engine.storage.disk_cache import DiskCache
from sparkvsr_engine.storage.packing import pack, unpack

KIND = "confidence"
_SUFFIX = ".maps"
# Of the heat map over the grey frame; enough of the picture stays to see where one is.
_HEAT = 0.55
# Expected error, in model space, at which a result is half believed.
_HALF_SURE = 0.01

Map = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ChunkConfidence:
    """What was measured on a chunk's frames.

    trust: mean per frame, 0..1; 0 where no keyframe reaches. maps: uint8 [h, w] per frame, 255 is full trust;
    only where a keyframe reaches.
    """

    trust: Mapping[int, float]
    maps: Mapping[int, NDArray[np.uint8]]


class ConfidenceStore:
    """Confidence by chunk key."""

    def __init__(self, cache: DiskCache) -> None:
        self._cache = cache

    def save(self, key: str, measured: Mapping[int, Map | None]) -> None:
        """Keep what was measured on a chunk's frames: float32 [h, w] 0..1, None where no keyframe reaches."""
        maps = {frame: trust_map for frame, trust_map in measured.items() if trust_map is not None}
        parts: dict[str, NDArray[Any]] = {
            "frames": np.array(sorted(measured), np.int64),
            "trust": np.array([_mean(measured[frame]) for frame in sorted(measured)], np.float64),
            "mapped": np.array(sorted(maps), np.int64),
        }
        if maps:
            parts["maps"] = np.stack([_bytes(maps[frame]) for frame in sorted(maps)])
        self._cache.write(KIND, key, _SUFFIX, pack(parts))

    def load(self, key: str) -> ChunkConfidence | None:
        """What was measured, None where it is not known (any more)."""
        content = self._cache.read(KIND, key, _SUFFIX)
        if content is None:
            return None
        try:
            parts = unpack(content)
        except Exception:
            self._cache.drop(KIND, key, _SUFFIX)
            return None
        trust = zip(parts["frames"].tolist(), parts["trust"].tolist(), strict=True)
        maps = zip(parts["mapped"].tolist(), parts.get("maps", ()), strict=True)
        return ChunkConfidence(dict(trust), dict(maps))


def confidence_path(cache: DiskCache, key: str) -> Path:
    """Where what was measured on a chunk lies."""
    return cache.path(KIND, key, _SUFFIX)


def heat_map(frame: NDArray[np.uint8], confidence: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """A source frame, uint8 [H, W, 3] RGB, in grey under colours: green where the result can be believed,
    yellow at an expected error of 2.5 levels of 255, red well beyond it.

    confidence: trust as it was measured, uint8 [h, w]; None is none anywhere.
    """
    height, width = frame.shape[:2]
    trust_map = np.zeros((height, width), np.uint8) if confidence is None else confidence
    full = np.float32(255)
    error = expected_error(trust_map.astype(np.float32) / full, frame.astype(np.float32) / full)
    sure = np.exp2(-error / _HALF_SURE)
    trust = np.asarray(cv2.resize(sure, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None]
    red, green = np.minimum(2 - 2 * trust, 1), np.minimum(2 * trust, 1)
    colours = np.stack([red, green, np.zeros_like(trust)], -1) * 255
    return np.rint(grey * (1 - _HEAT) + colours * _HEAT).astype(np.uint8)


def _mean(trust_map: Map | None) -> float:
    return 0.0 if trust_map is None else float(trust_map.mean())


def _bytes(trust_map: Map) -> NDArray[np.uint8]:
    return np.rint(np.clip(trust_map, 0, 1) * 255).astype(np.uint8)
