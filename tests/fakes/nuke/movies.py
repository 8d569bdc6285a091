"""What a Read of a movie shows: frames count from 1, as Nuke's readers of movies have it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes.nuke.colours import to_linear
from tests.fakes.nuke.formats import make_format
from tests.fakes.nuke.pictures import Picture, RenderError

_ENDINGS = (".mov", ".mp4")


def is_movie(path: str) -> bool:
    """Whether the stand-in reads a file as a movie."""
    return Path(path).suffix.lower() in _ENDINGS


def read_movie(node: Any, path: str, frame: float) -> Picture:
    """A frame of a movie's first track, in the working space."""
    av = pytest.importorskip("av", reason="NOT CHECKED: this Python cannot decode movies")
    with av.open(path) as container:
        decoded = next((each for at, each in enumerate(container.decode(video=0), 1) if at == frame), None)
    if decoded is None:
        raise RenderError(node, f"{path} has no frame {frame:g}")
    pixels = decoded.to_ndarray(format="rgb24").astype(np.float32) / 255
    planes = {f"rgba.{name}": pixels[..., at].copy() for at, name in enumerate(("red", "green", "blue"))}
    height, width = pixels.shape[:2]
    metadata = {"input/filename": path, "input/width": width, "input/height": height, "input/frame": frame}
    shape = make_format(width, height, 1.0)
    return to_linear(node, Picture(shape, (0, 0, width, height), planes, metadata), path)
