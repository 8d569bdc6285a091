"""Keyframe pictures: the artist's or the model's, made once and kept by content."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.errors import KeyframeRejected
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.media.images import write_image
from sparkvsr_engine.media.pixels import to_float
from sparkvsr_engine.references.obtaining import (
    ReferenceDesk,
    Wanted,
    matte_of,
    read_keyframe_file,
    read_matte_file,
)
from sparkvsr_engine.references.preparing import resize_to
from tests.fakes.scenes import scene

GEOMETRY = Geometry(64, 48, 128, 96)


class Upscaler:
    """Counts how often it was loaded and used."""

    def __init__(self):
        self.loaded, self.made = 0, 0

    def open(self):
        self.loaded += 1
        return self

    def __call__(self, picture, width, height):
        self.made += 1
        return resize_to(picture, width, height)


@pytest.fixture
def upscaler():
    return Upscaler()


@pytest.fixture
def desk(tmp_path, upscaler):
    return open_desk(tmp_path, upscaler)


def open_desk(folder, upscaler):
    def to_model(_path, pixels):
        return to_float(pixels)[..., :3]

    def source(number):
        return scene(number, 64, 48).astype(np.float32) / 255

    frames = FrameSpan(0, 60)
    return ReferenceDesk(folder / "references", GEOMETRY, "lock", source, frames, to_model, upscaler.open)


def test_a_made_keyframe_is_made_once_for_every_job(desk, upscaler, tmp_path):
    wanted = Wanted(3, "digest-3")
    assert not desk.is_ready(wanted)
    first = desk.obtain(wanted)
    assert desk.is_ready(wanted)
    desk.obtain(wanted)
    again = open_desk(tmp_path, upscaler).obtain(wanted)
    assert (upscaler.loaded, upscaler.made) == (1, 1)
    assert np.array_equal(first.pixels, again.pixels)
    assert (first.frame, first.digest, first.pixels.shape) == (3, "digest-3", (96, 128, 3))


def test_no_model_is_loaded_for_what_the_artist_supplies(desk, upscaler, tmp_path):
    write_image(tmp_path / "fixed.png", scene(3, 128, 96))
    found = desk.obtain(Wanted(3, "digest", str(tmp_path / "fixed.png")))
    assert upscaler.loaded == 0
    assert found.pixels.shape == (96, 128, 3)
    assert desk.warnings(Wanted(3, "digest")) is not None


def test_a_half_written_picture_is_made_again(desk, upscaler, tmp_path):
    wanted = Wanted(3, "digest")
    whole = desk.obtain(wanted)
    for name, content in (("digest.npy", b"\x93NUMPY"), ("digest.json", b"{")):
        (tmp_path / "references" / name).write_bytes(content)
        fresh = open_desk(tmp_path, upscaler).obtain(wanted)
        assert np.array_equal(fresh.pixels, whole.pixels)
    assert upscaler.made == 3


def test_a_file_that_cannot_be_used_is_refused_by_frame_and_name(tmp_path):
    text = tmp_path / "note.png"
    text.write_text("no picture")
    for path in (text, tmp_path / "gone.png"):
        with pytest.raises(KeyframeRejected, match=rf"frame 12 .*{path.name}"):
            read_keyframe_file(12, path, GEOMETRY)
        with pytest.raises(KeyframeRejected, match=rf"matte for frame 12 .*{path.name}"):
            read_matte_file(12, path)


@pytest.mark.parametrize("full", [np.uint8(255), np.uint16(65535), np.float32(1)])
def test_a_matte_is_read_as_shares(tmp_path, full):
    shades = np.linspace(0, 1, 64, dtype=np.float64)[None, :, None].repeat(48, 0).repeat(3, 2)
    name = "matte.exr" if full.dtype.kind == "f" else "matte.tif"
    write_image(tmp_path / name, (shades * full).astype(full.dtype))
    found = read_matte_file(1, tmp_path / name)
    assert (found.shape, found.dtype) == ((48, 64), np.float32)
    assert np.abs(found - shades[..., 0]).max() < 0.01


def test_alpha_says_where_a_picture_may_speak_and_full_alpha_says_nothing():
    picture = np.full((48, 64, 4), 255, np.uint8)
    assert matte_of(picture[..., :3], GEOMETRY) is None
    assert matte_of(picture, GEOMETRY) is None
    picture[:, :32, 3] = 0
    found = matte_of(picture, GEOMETRY)
    assert (found.shape, found.dtype) == ((96, 128), np.float32)
    assert (found[:, :60].max(), found[:, 68:].min()) == (0.0, 1.0)
