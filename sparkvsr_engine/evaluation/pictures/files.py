"""Writes pictures for people: PNG, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import cv2

from sparkvsr_bridge.errors import OutputUnwritable
from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.evaluation.pictures.drawing import Canvas, labelled, wipe
from sparkvsr_engine.storage.whole_files import written_whole


def before_after(
    before: Pixels,
    after: Pixels,
    path: Path,
    labels: tuple[str, str] = ("before", "after"),
    position: float = 0.5,
) -> Path:
    """Write a wipe as PNG: `before` left of the line, `after` right of it, both labelled; returns `path`.

    Both [H, W, 3] RGB, uint8 or float 0..1; `before` may be smaller and is brought to the size of `after`,
    bicubic.

    Args:
        before: the picture on the left.
        after: the picture on the right.
        path: the file to write.
        labels: texts for the two pictures.
        position: of the line, 0 the left edge, 1 the right.

    Raises:
        OutputUnwritable: where the target cannot be written.
    """
    drawn = labelled(wipe(before, after, position), labels[0])
    return write_png(labelled(drawn, labels[1], align_right=True), path)


def write_png(picture: Canvas, path: Path) -> Path:
    """Write an RGB picture, its folder made; returns `path`. Raises OutputUnwritable."""
    encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
    return write_whole(encoded.tobytes(), path)


def write_whole(content: bytes, path: Path) -> Path:
    """Write a file under a temporary name and rename it; returns `path`. Raises OutputUnwritable."""
    try:
        with written_whole(path) as partial:
            partial.write_bytes(content)
    except OSError as error:
        raise OutputUnwritable(
            f"{path} cannot be written ({error.strerror}); choose another folder."
        ) from error
    return path
