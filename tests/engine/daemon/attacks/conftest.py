"""One engine per file of attacks."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_engine.media.images import write_image
from tests.fakes.remote_engines import RemoteEngine


@pytest.fixture(scope="module")
def engine() -> Iterator[RemoteEngine]:
    base = Path(tempfile.mkdtemp(prefix="svsr-"))
    maker = "'cmd:allowed {input} {output} {scale}'"
    result = RemoteEngine(
        base, f"keyframe_makers = [{maker}]\nopen_jobs = 3\nmessage_bytes = {128 * 1024**2}"
    )
    for number in range(1, 4):
        pixels = np.full((32, 48, 3), number * 60, np.uint8)
        write_image(result.shots / f"plate.{number:04d}.png", pixels)
        write_image(result.secret / f"plate.{number:04d}.png", pixels)
    try:
        result.start()
        yield result
    finally:
        result.end()
        shutil.rmtree(base, ignore_errors=True)
