"""Bands of rows: they cover the frame, begin together on source and canvas, and do not show."""

import tempfile

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.base import KeyframePicture
from sparkvsr_engine.models.lite import bands
from sparkvsr_engine.models.lite.bands import bands_of, joined
from sparkvsr_engine.models.lite.loading import load_network
from sparkvsr_engine.models.lite.pixels.planes import canvas_size
from sparkvsr_engine.models.lite.planner import LitePlanner
from sparkvsr_engine.models.lite.working_size import working_geometry
from tests.fakes.lite_shots import Rendering, small_network
from tests.fakes.moving import pan


def rows_of(count):
    """Planes whose every row holds its number."""
    return torch.arange(count)[None, None, :, None]


@given(
    width=st.integers(1, 3000),
    height=st.integers(1, 3000),
    scale=st.sampled_from([1, 4, 4.5, 5.3, 6]),
)
def test_they_cover_the_canvas_once_and_begin_where_source_rows_do(width, height, scale):
    geometry = Geometry.scaled(width, height, scale)
    result = bands_of(geometry)
    canvas = rows_of(canvas_size(geometry.width, geometry.height)[1])
    for part in (1, 2, 4):
        whole = canvas[..., ::part, :]
        remaining = [band.own_rows(band.of_canvas(whole, part), part) for band in result]
        assert torch.equal(joined(remaining), whole)
    for band in result:
        assert band.top * height == band.source_top * geometry.height
        assert band.geometry.height * height == band.geometry.source_height * geometry.height
        assert band.of_source(rows_of(height))[0, 0, 0, 0] == band.source_top


@pytest.mark.parametrize(
    ("width", "height", "count"),
    [(480, 270, 1), (960, 540, 1), (1280, 720, 2), (1920, 1080, 4), (3840, 2160, 16)],
)
def test_their_number_follows_from_the_sources_size(width, height, count):
    assert len(bands_of(Geometry(width, height, 4 * width, 4 * height))) == count


def test_a_picture_whose_rows_never_meet_the_canvas_is_one_band():
    assert len(bands_of(Geometry(1920, 1081, 10_000, 5631))) == 1


def in_bands(monkeypatch, width):
    """Frames of that many pixels are restored in bands of eight rows of cells, at four times their size."""
    monkeypatch.setattr(bands, "MOST_CELLS", canvas_size(4 * width, 8)[0] // 4 * 8)
    monkeypatch.setattr(bands, "LEAST_ROWS", 8)


@pytest.mark.parametrize("scale", [2, 4])
def test_keyframes_of_large_frames_lie_in_files_and_give_the_same_bits(monkeypatch, caplog, scale):
    in_bands(monkeypatch, 60)
    frames = pan(4, 60, 90, (0.6, 0.4), 3)
    drawn = {at: sharper(frames[at], 60 * scale, 90 * scale) for at in (0, 3)}

    def results():
        rendering = Rendering(small_network(), frames, scale, drawn)
        keyframe = rendering.shot.encode_keyframe(KeyframePicture(0, drawn[0], "0"))
        return len(keyframe.mapped), [rendering.pixels(frame) for frame in (0, 1)]

    count, in_files = results()
    assert count == 7
    assert not caplog.records
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    count, in_memory = results()
    assert count == 0
    assert "stay in memory" in caplog.text
    np.testing.assert_array_equal(in_files, in_memory)


def test_keyframes_of_other_frames_stay_in_memory():
    frames = pan(4, 60, 90, (0.6, 0.4), 3)
    rendering = Rendering(small_network(), frames, 2)
    picture = sharper(frames[0], 120, 180)
    assert len(rendering.shot.encode_keyframe(KeyframePicture(0, picture, "0")).mapped) == 0


def sharper(frame, width, height):
    """A keyframe: the frame at output size with its detail raised."""
    enlarged = cv2.resize(frame, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(2 * enlarged - cv2.GaussianBlur(enlarged, (0, 0), 2), 0, 1)


@pytest.mark.parametrize("scale", [1, 2, 4, 5])
@pytest.mark.parametrize("keys", [(), (0, 4), (2,)])
def test_a_frame_in_bands_is_the_frame_as_a_whole(monkeypatch, scale, keys):
    frames = pan(5, 60, 90, (0.6, 0.4), 3)
    network = load_network(LitePlanner().weights)

    def restored():
        drawn = {at: sharper(frames[at], round(60 * scale), round(90 * scale)) for at in keys}
        return Rendering(network, frames, scale, drawn).frame(2)

    whole = restored()
    columns = canvas_size(working_geometry(Geometry.scaled(60, 90, scale)).width, 8)[0] // 4
    monkeypatch.setattr(bands, "MOST_CELLS", columns * 8)
    monkeypatch.setattr(bands, "LEAST_ROWS", 8)
    assert len(bands_of(working_geometry(Geometry.scaled(60, 90, scale)))) > 2
    banded = restored()
    apart = np.abs(banded.pixels - whole.pixels)
    # What bfloat16 rounds differently for another size.
    assert apart.max() < 0.002
    assert apart.mean() < 1e-4
    if keys:
        assert np.abs(banded.confidence - whole.confidence).max() < 0.05
