"""Training footage: real clips decoded once to reduced size, and photographs.

A clip is kept as one uint8 array on disk that is mapped, not read, so that any frame of hours of footage
is at hand at once. Not here: what samples are cut from it (`samples`), how it is degraded.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_bridge.system.held_files import replace_when_free
from sparkvsr_engine.core.pictures.motion import PRECISE, FlowEstimator

# Compressed footage is reduced until its own compression no longer shows.
REDUCTIONS = (2.0, 1.5)
_SIDE_MULTIPLE = 32
_WIDE = 1000
FLOW_FACTOR = 4
# Of the rectangle that scenes are cut from.
STAGE_WIDTH, STAGE_HEIGHT = 640, 352
# A target and two neighbours on either side.
LEAST_FRAMES = 5
_APART = 25


@dataclass(frozen=True)
class FootageEntry:
    """A line of the manifest: where footage came from and under which licence."""

    path: str
    kind: str
    licence: str
    source: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Clip:
    """A clip at training size.

    frames: uint8 [F, H, W, 3] RGB, mapped. forward, backward: float16 [F-1, H/4, W/4, 2], flows to the
    next and from the next frame, in pixels of that grid.
    """

    name: str
    frames: NDArray[np.uint8]
    forward: NDArray[np.float16]
    backward: NDArray[np.float16]


def _require_files(folder: Path, paths: Sequence[str]) -> None:
    absent = [path for path in paths if not (folder / path).is_file()]
    if absent:
        raise MediaUnreadable(
            f"{folder / 'manifest.tsv'} names {len(absent)} files that are not there, the first of them"
            f" {absent[0]}; fetch them or take their lines out."
        )


def read_manifest(folder: Path) -> list[FootageEntry]:
    """What `manifest.tsv` beside the footage lists about the files under `train/`.

    Raises MediaUnreadable when there is no manifest, it lacks a column, or a file it names is not there:
    what weights come out depends on every one.
    """
    try:
        with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file, delimiter="\t") if row["path"].startswith("train/")]
        _require_files(folder, [row["path"] for row in rows])
        return [_entry(folder, row) for row in rows]
    except (OSError, UnicodeDecodeError) as error:
        raise MediaUnreadable(f"{folder} has no manifest.tsv that can be read ({error}).") from error
    except KeyError as error:
        raise MediaUnreadable(f"{folder / 'manifest.tsv'} has no column {error}; add it.") from error


def _entry(folder: Path, row: dict[str, str]) -> FootageEntry:
    digest = checksum(folder / row["path"])
    return FootageEntry(row["path"], row["kind"], row["licence"], row["source"], digest)


def prepare_clips(folder: Path, entries: Sequence[FootageEntry], cache: Path) -> list[str]:
    """Decode every clip of the manifest that is not in the cache yet; returns the names of all.

    Args:
        folder: of the footage.
        entries: the manifest's clips.
        cache: where decoded clips are kept.

    Raises:
        MediaUnreadable: for a clip that cannot be decoded, is too short, or smaller than a stage.
    """
    names: list[str] = []
    for entry in entries:
        if entry.kind != "video":
            continue
        for reduction in REDUCTIONS:
            name = f"{Path(entry.path).stem}-{reduction:g}-{entry.sha256[:8]}"
            if not (cache / f"{name}.json").is_file():
                _prepare(folder / entry.path, reduction, cache, name)
            names.append(name)
    return names


@lru_cache(maxsize=256)
def open_clip(cache: Path, name: str) -> Clip:
    """A prepared clip, mapped."""
    load: Any = np.load
    return Clip(
        name,
        load(cache / f"{name}.npy", mmap_mode="r"),
        load(cache / f"{name}-forward.npy", mmap_mode="r"),
        load(cache / f"{name}-backward.npy", mmap_mode="r"),
    )


def frames_as_they_come(
    folder: Path, entries: Sequence[FootageEntry], count: int
) -> Iterator[NDArray[np.uint8]]:
    """Frames of every clip at its own size, uint8 [H, W, 3] RGB: at most `count` of each, a second apart.

    Args:
        folder: of the footage.
        entries: the manifest's clips.
        count: frames of each clip.

    Raises:
        MediaUnreadable: for a clip that cannot be decoded.
    """
    for entry in entries:
        if entry.kind == "video":
            yield from islice(_decoded(folder / entry.path), 0, count * _APART, _APART)


def photographs(folder: Path, entries: Sequence[FootageEntry]) -> list[Path]:
    """The photographs of the manifest."""
    return [folder / entry.path for entry in entries if entry.kind in ("photo", "art")]


@lru_cache(maxsize=24)
def open_photograph(path: Path) -> NDArray[np.uint8]:
    """A photograph, uint8 [H, W, 3] RGB."""
    photograph = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if photograph is None:
        raise MediaUnreadable(f"The photograph {path} cannot be read; take it out of the manifest.")
    return np.ascontiguousarray(photograph[..., ::-1], np.uint8)


def _prepare(path: Path, reduction: float, cache: Path, name: str) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    decoded = [_reduced(picture, reduction) for picture in _decoded(path)]
    height, width = decoded[0].shape[:2] if decoded else (0, 0)
    if len(decoded) < LEAST_FRAMES or width < STAGE_WIDTH or height < STAGE_HEIGHT:
        raise MediaUnreadable(
            f"{path} gives {len(decoded)} frames of {width}x{height} after reduction, training needs"
            f" {LEAST_FRAMES} of {STAGE_WIDTH}x{STAGE_HEIGHT}; take it out of the manifest."
        )
    frames = np.stack(decoded)
    forward, backward = _step_flows(frames)
    for suffix, array in (("", frames), ("-forward", forward), ("-backward", backward)):
        partial = cache / f"{name}{suffix}.partial.npy"
        np.save(partial, array)
        replace_when_free(partial, cache / f"{name}{suffix}.npy")
    (cache / f"{name}.json").write_text(json.dumps({"shape": frames.shape}), encoding="utf-8")


def _decoded(path: Path) -> Iterator[NDArray[np.uint8]]:
    import av

    try:
        with av.open(path) as container:
            for frame in container.decode(video=0):
                yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    except av.FFmpegError as error:
        raise MediaUnreadable(
            f"{path} cannot be decoded ({error.strerror}); take it out of the manifest."
        ) from error


def _reduced(picture: NDArray[Any], reduction: float) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    by = reduction if width > _WIDE else max(1.0, reduction * 0.75)
    size = [max(1, int(side / by) // _SIDE_MULTIPLE) * _SIDE_MULTIPLE for side in (width, height)]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _step_flows(frames: NDArray[np.uint8]) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    """Flows between direct neighbours on a quarter of the size: the start of every walk to a keyframe."""
    estimator = FlowEstimator(PRECISE)
    height, width = frames.shape[1] // FLOW_FACTOR, frames.shape[2] // FLOW_FACTOR
    greys = [
        cv2.resize(cv2.cvtColor(f, cv2.COLOR_RGB2GRAY), (width, height), interpolation=cv2.INTER_AREA)
        for f in frames
    ]
    pairs = list(pairwise(greys))
    forward = np.array([estimator.estimate(a, b) for a, b in pairs], np.float16)
    backward = np.array([estimator.estimate(b, a) for a, b in pairs], np.float16)
    return forward, backward


def checksum(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
