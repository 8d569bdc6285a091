"""The source of a job in model space: colour and alpha apart, memory bounded."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import OutputTarget
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.plans.footage import Footage, ShotFrames, with_alpha
from sparkvsr_engine.jobs.plans.session import frames_at_hand
from sparkvsr_engine.media.base import ClipInfo, OutputRequest
from sparkvsr_engine.media.opening import open_source, plan_output
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.models.base import RestoredFrame
from tests.compatibility.claims import covers
from tests.fakes.media import numbered_picture, write_picture, write_sequence


def open_footage(source, tmp_path):
    info = probe(SourceMedia(str(source)))
    request = OutputRequest(OutputTarget(str(tmp_path / "out" / "%04d.png")), info.span, 8, 8, tmp_path)
    return Footage(info, open_source(info), plan_output(info, request).colour.to_model)


@pytest.mark.parametrize(
    ("name", "sample", "channels"),
    [
        ("%04d.png", "uint8", 3),
        ("%04d.png", "uint8", 4),
        ("%04d.tif", "uint16", 4),
        ("%04d.exr", "float16", 4),
    ],
)
def test_pictures_have_three_channels_and_alpha_comes_alone(tmp_path, name, sample, channels):
    source = write_sequence(tmp_path / "in", name, range(3), sample=sample, channels=channels)
    with open_footage(source, tmp_path) as footage:
        picture = footage.picture(1)
        assert (picture.shape, picture.dtype, picture.flags.c_contiguous) == ((64, 96, 3), np.float32, True)
        assert footage.thumbnail(1, 640).shape == (64, 96, 3)
        assert footage.thumbnail(1, 48).shape == (32, 48, 3)
        assert footage.thumbnail(1, 48).dtype == np.uint8
        alpha = footage.alpha(1)
        if channels == 3:
            assert alpha is None
        else:
            expected = numbered_picture(1, channels=4, sample="float32")[..., 3]
            assert alpha.dtype == np.float32
            assert np.abs(alpha - expected).max() < 0.003


def test_a_shot_reads_none_but_its_own_frames(tmp_path):
    source = write_sequence(tmp_path / "in", "%04d.png", range(10))
    with open_footage(source, tmp_path) as footage:
        shot = ShotFrames(footage, FrameSpan(3, 7))
        assert np.array_equal(shot.read(1), footage.picture(3))
        assert np.array_equal(shot.read(5), footage.picture(5))
        assert np.array_equal(shot.read(9), footage.picture(6))


def test_alpha_that_is_no_number_is_none(tmp_path):
    pixels = np.full((16, 16, 4), 0.5, np.float32)
    pixels[3, 4, 3] = np.nan
    write_picture(tmp_path / "0001.exr", pixels)
    with open_footage(tmp_path / "%04d.exr", tmp_path) as footage:
        alpha = footage.alpha(1)
    assert alpha is not None
    assert alpha[3, 4] == 0
    assert (np.delete(alpha.ravel(), 3 * 16 + 4) == 0.5).all()


def test_a_shot_shows_what_lies_within_and_reports_what_lies_beyond(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for frame, brightest in enumerate((0.5, 3000.0)):
        write_picture(folder / f"{frame:04d}.exr", np.full((16, 16, 3), brightest, np.float32))
    with open_footage(folder / "%04d.exr", tmp_path) as footage:
        shot = ShotFrames(footage, FrameSpan(0, 2))
        for frame, is_bright in ((0, False), (1, True)):
            for _ in range(2):
                light = shot.headroom(frame)
                assert (light is not None) == is_bright
                whole = shot.read(frame) + (0 if light is None else light)
                np.testing.assert_allclose(whole, footage.picture(frame), atol=1e-6)


def clip_of(width, height, sample):
    span = FrameSpan(0, 9)
    return ClipInfo("", "movie", width, height, span, span, Fraction(24), sample, 8, "", "")


@pytest.mark.parametrize(
    ("width", "height", "sample"),
    [
        (64, 48, "uint8"),
        (1920, 1080, "uint16"),
        (4096, 2160, "float32"),
        (7680, 4320, "uint16"),
        (15360, 8640, "uint8"),
    ],
)
def test_frames_at_hand_are_bounded_by_their_size(width, height, sample):
    ahead, keep = frames_at_hand(clip_of(width, height, sample))
    assert 1 <= ahead <= 4
    assert 0 <= keep <= 8
    frame = width * height * 3 * (4 if sample == "float32" else 2)
    assert (ahead + keep + 2) * frame <= max(256 * 1024**2, 3 * frame)
    if width < 1000:
        assert (ahead, keep) == (4, 8)


@covers(
    "kinds of pictures",
    "D. What does not fit is not cut",
    variants="alpha below 0 and above 1",
    result="kept, without overshoot",
)
def test_alpha_outside_0_and_1_survives_and_edges_do_not_overshoot(tmp_path):
    pixels = np.full((16, 16, 4), 0.5, np.float32)
    pixels[..., 3] = np.where(np.arange(16) < 8, -0.25, 1.75)
    write_picture(tmp_path / "0001.exr", pixels)
    restored = RestoredFrame(1, np.full((32, 32, 3), 0.5, np.float32), None)
    with open_footage(tmp_path / "%04d.exr", tmp_path) as footage:
        result = with_alpha(footage, restored, 4)
    assert (float(result[..., 3].min()), float(result[..., 3].max())) == (-0.25, 1.75)
    assert np.allclose(result[:, :14, 3], -0.25)


@covers(
    "kinds of pictures",
    "H. Straight alpha",
    variants="colours stored under alpha 0",
    result="do not leak into edges, and come back where nothing shows",
)
def test_colours_under_alpha_0_are_hidden_from_the_model_and_come_back(tmp_path):
    pixels = np.zeros((24, 24, 4), np.uint8)
    pixels[8:16, 8:16] = (255, 153, 26, 255)
    pixels[..., :3][pixels[..., 3] == 0] = (7, 200, 90)
    write_picture(tmp_path / "0001.png", pixels)
    with open_footage(tmp_path / "%04d.png", tmp_path) as footage:
        picture = footage.picture(1)
        assert np.allclose(picture, np.array([255, 153, 26]) / 255, atol=1e-6)
        restored = RestoredFrame(1, np.repeat(np.repeat(picture, 2, 0), 2, 1), None)
        result = with_alpha(footage, restored, 4)
    assert np.allclose(result[0, 0], np.array([7, 200, 90, 0]) / 255, atol=1e-6)
    assert np.allclose(result[20, 20], np.array([255, 153, 26, 255]) / 255, atol=1e-6)
