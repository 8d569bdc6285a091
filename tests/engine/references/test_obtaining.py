"""Keyframe pictures: the artist's or the model's, made once and kept by content."""

from __future__ import annotations

import numpy as np
import pytest

from sparkvsr_bridge.errors import KeyframeRejected
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.media.images import write_image
from sparkvsr_engine.media.pixels import to_float
from sparkvsr_engine.references.obtaining import (
    KeyframePictures,
    KeyframeRequest,
    read_keyframe_file,
)
from sparkvsr_engine.references.preparing import resize_to
from tests.compatibility.claims import covers
from tests.fakes.scenes import scene

GEOMETRY = Geometry(64, 48, 128, 96)


class Upscaler:
    """Counts how often it was loaded and used."""

    def __init__(self):
        self.loaded, self.pictures_made = 0, 0

    def open(self):
        self.loaded += 1
        return self

    def __call__(self, picture, width, height):
        self.pictures_made += 1
        return resize_to(picture, width, height)


@pytest.fixture
def upscaler():
    return Upscaler()


@pytest.fixture
def pictures(tmp_path, upscaler):
    return open_pictures(tmp_path, upscaler)


def open_pictures(folder, upscaler):
    def to_model(_path, pixels):
        return to_float(pixels)[..., :3]

    def source(number):
        return scene(number, 64, 48).astype(np.float32) / 255

    frames = FrameSpan(0, 60)
    return KeyframePictures(folder / "references", GEOMETRY, "lock", source, frames, to_model, upscaler.open)


def test_a_made_keyframe_is_made_once_for_every_job(pictures, upscaler, tmp_path):
    expected = KeyframeRequest(3, "digest-3")
    assert not pictures.is_ready(expected)
    first = pictures.obtain(expected)
    assert pictures.is_ready(expected)
    pictures.obtain(expected)
    again = open_pictures(tmp_path, upscaler).obtain(expected)
    assert (upscaler.loaded, upscaler.pictures_made) == (1, 1)
    assert np.array_equal(first.pixels, again.pixels)
    assert (first.frame, first.digest, first.pixels.shape) == (3, "digest-3", (96, 128, 3))


def test_no_model_is_loaded_for_what_the_artist_supplies(pictures, upscaler, tmp_path):
    write_image(tmp_path / "fixed.png", scene(3, 128, 96))
    result = pictures.obtain(KeyframeRequest(3, "digest", str(tmp_path / "fixed.png")))
    assert upscaler.loaded == 0
    assert result.pixels.shape == (96, 128, 3)
    assert pictures.warnings(KeyframeRequest(3, "digest")) is not None


def test_a_half_written_picture_is_made_again(pictures, upscaler, tmp_path):
    expected = KeyframeRequest(3, "digest")
    whole = pictures.obtain(expected)
    for name, content in (("digest.npy", b"\x93NUMPY"), ("digest.json", b"{")):
        (tmp_path / "references" / name).write_bytes(content)
        fresh = open_pictures(tmp_path, upscaler).obtain(expected)
        assert np.array_equal(fresh.pixels, whole.pixels)
    assert upscaler.pictures_made == 3


@covers(
    "kinds of pictures",
    "L. Damage, and one reader for one file",
    variants="keyframes that cannot be read",
    result="refused when they are handed in, by the reader that renders them",
)
def test_a_file_that_cannot_be_used_is_refused_by_frame_and_name(tmp_path):
    text = tmp_path / "note.png"
    text.write_text("no picture")
    for path in (text, tmp_path / "gone.png"):
        with pytest.raises(KeyframeRejected, match=rf"frame 12 .*{path.name}"):
            read_keyframe_file(12, path, GEOMETRY)


def test_a_picture_that_is_transparent_everywhere_is_refused(tmp_path):
    write_image(tmp_path / "empty.png", np.zeros((96, 128, 4), np.uint8))
    with pytest.raises(KeyframeRejected, match=r"empty.png for frame 12 is transparent everywhere"):
        read_keyframe_file(12, tmp_path / "empty.png", GEOMETRY)


@pytest.mark.parametrize("name", ["patch.png", "patch.exr"])
def test_a_patch_on_nothing_is_checked_against_its_own_part_alone(pictures, tmp_path, name):
    painted = resize_to(scene(3, 64, 48).astype(np.float32), 128, 96)
    painted = np.clip(np.rint(painted + 20 * np.sin(np.arange(128.0))[None, :, None]), 0, 255).astype(
        np.uint8
    )
    whole = pictures.obtain(KeyframeRequest(3, "whole", str(save(tmp_path / "whole.png", painted))))
    alpha = np.zeros((96, 128, 1), np.uint8)
    alpha[30:60, 40:90] = 255
    patch = np.concatenate([np.where(alpha > 0, painted, 0), alpha], axis=2)
    if name.endswith("exr"):
        patch = to_float(patch).astype(np.float16)
    result = pictures.obtain(KeyframeRequest(3, "patch", str(save(tmp_path / name, patch))))
    assert result.trust == 1.0
    assert pictures.warnings(KeyframeRequest(3, "patch")) == ()
    within = np.s_[36:54, 48:82]
    assert np.abs(result.pixels[within] - whole.pixels[within]).max() < 0.03
    # Around it lies the source frame, enlarged.
    around = resize_to(scene(3, 64, 48).astype(np.float32) / 255, 128, 96)
    assert np.abs(result.pixels - around)[:24].max() < 0.03


def test_a_patch_of_another_frame_is_reported_by_its_number(pictures, tmp_path):
    second = resize_to(scene(5, 64, 48).astype(np.float32), 128, 96)
    alpha = np.zeros((96, 128, 1), np.float32)
    alpha[20:70, 40:100] = 255
    patch = np.concatenate([second * (alpha > 0), alpha], axis=2)
    expected = KeyframeRequest(3, "patch", str(save(tmp_path / "patch.png", np.rint(patch).astype(np.uint8))))
    pictures.obtain(expected)
    assert "keyframe at 3 looks like frame 5" in pictures.warnings(expected)[0]


def save(path, pixels):
    write_image(path, pixels)
    return path


def desk_of(tmp_path, upscale):
    def source(number):
        return scene(number, 64, 48).astype(np.float32) / 255

    return KeyframePictures(
        tmp_path / "references",
        GEOMETRY,
        "propagate",
        source,
        FrameSpan(0, 60),
        lambda _path, pixels: np.nan_to_num(to_float(pixels)[..., :3], posinf=1, neginf=0),
        lambda: upscale,
    )


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("count", [1, 200])
def test_what_is_no_number_in_a_keyframe_shows_the_source_and_is_reported(tmp_path, upscaler, wrong, count):
    picture = resize_to(scene(3, 64, 48).astype(np.float32) / 255, 128, 96).copy()
    picture.reshape(-1, 3)[:count] = wrong
    write_image(tmp_path / "k.exr", picture)
    pictures = desk_of(tmp_path, upscaler)
    result = pictures.obtain(KeyframeRequest(3, "digest", str(tmp_path / "k.exr")))
    assert np.isfinite(result.pixels).all()
    assert result.trust > 0.9
    assert np.abs(result.pixels[10:] - picture[10:]).max() < 0.05
    message = " ".join(pictures.warnings(KeyframeRequest(3, "digest")))
    assert f"holds {count} pixel" in message
    assert "no number" in message


def test_a_keyframe_without_any_number_is_refused(tmp_path):
    write_image(tmp_path / "k.exr", np.full((96, 128, 3), np.nan, np.float32))
    with pytest.raises(KeyframeRejected, match="holds no numbers"):
        read_keyframe_file(3, tmp_path / "k.exr", GEOMETRY)


def test_an_image_model_that_returns_no_numbers_is_reported(tmp_path):
    def broken(picture, width, height):
        result = resize_to(picture, width, height).copy()
        result[5:9, 5:9] = np.nan
        return result

    pictures = desk_of(tmp_path, broken)
    assert np.isfinite(pictures.obtain(KeyframeRequest(3, "digest")).pixels).all()
    assert "holds 16 pixels" in " ".join(pictures.warnings(KeyframeRequest(3, "digest")))
