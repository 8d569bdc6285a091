"""Where a keyframe counts: read as shares, from a matte or from its picture's alpha."""

from __future__ import annotations

import numpy as np
import pytest

from sparkvsr_bridge.errors import KeyframeRejected
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.media.images import write_image
from sparkvsr_engine.references.mattes import (
    is_nothing,
    matte_of,
    over_source,
    part_of,
    partial_alpha,
    read_matte_file,
)

GEOMETRY = Geometry(64, 48, 128, 96)


def test_a_matte_that_cannot_be_read_is_refused_by_frame_and_name(tmp_path):
    text = tmp_path / "note.png"
    text.write_text("no picture")
    for path in (text, tmp_path / "gone.png"):
        with pytest.raises(KeyframeRejected, match=rf"matte for frame 12 .*{path.name}"):
            read_matte_file(12, path)


@pytest.mark.parametrize("full", [np.uint8(255), np.uint16(65535), np.float32(1)])
def test_a_matte_is_read_as_shares(tmp_path, full):
    shades = np.linspace(0, 1, 64, dtype=np.float64)[None, :, None].repeat(48, 0).repeat(3, 2)
    name = "matte.exr" if full.dtype.kind == "f" else "matte.tif"
    write_image(tmp_path / name, (shades * full).astype(full.dtype))
    result = read_matte_file(1, tmp_path / name)
    assert (result.shape, result.dtype) == ((48, 64), np.float32)
    assert np.abs(result - shades[..., 0]).max() < 0.01


def test_alpha_limits_where_a_picture_counts_and_full_alpha_does_not():
    picture = np.full((48, 64, 4), 255, np.uint8)
    assert matte_of(picture[..., :3], GEOMETRY) is None
    assert matte_of(picture, GEOMETRY) is None
    picture[:, :32, 3] = 0
    result = matte_of(picture, GEOMETRY)
    assert (result.shape, result.dtype) == ((96, 128), np.float32)
    assert (result[:, :60].max(), result[:, 68:].min()) == (0.0, 1.0)


def test_alpha_that_is_no_number_is_ignored():
    picture = np.ones((48, 64, 4), np.float32)
    picture[:8, :8, 3] = np.nan
    result = matte_of(picture, GEOMETRY)
    assert result is not None
    assert np.isfinite(result).all()
    assert result[:12, :12].max() == 0.0


@pytest.mark.parametrize(("alpha", "nothing"), [(0, True), (1, True), (2, False), (255, False)])
def test_a_picture_without_anything_on_it_is_seen(alpha, nothing):
    picture = np.full((48, 64, 4), 128, np.uint8)
    picture[..., 3] = 0
    picture[10:20, 10:20, 3] = alpha
    assert is_nothing(picture) == nothing
    assert not is_nothing(picture[..., :3])


def patch(rows, columns, height=96, width=128):
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[rows, columns, 3] = 255
    return partial_alpha(pixels)


def test_the_part_a_patch_covers_is_on_its_sources_grid_and_not_too_small():
    whole = part_of(None, 48, 64)
    assert (whole.rows, whole.columns) == (slice(0, 48), slice(0, 64))
    result = part_of(patch(slice(20, 90), slice(31, 115)), 48, 64)
    assert (result.rows, result.columns) == (slice(10, 45), slice(15, 58))
    assert result.of(np.zeros((96, 128, 3), np.float32)).shape == (70, 86, 3)
    dot = part_of(patch(slice(94, 95), slice(2, 3)), 48, 64)
    assert (dot.rows, dot.columns) == (slice(16, 48), slice(0, 32))
    tiny = part_of(patch(slice(3, 5), slice(3, 5), 40, 40), 20, 20)
    assert (tiny.rows, tiny.columns) == (slice(0, 20), slice(0, 20))


def test_a_picture_lies_over_its_source_where_it_is_transparent():
    source = np.random.default_rng(0).random((48, 64, 3), np.float32)
    source[4, 5] = 40.0
    pixels = np.zeros((48, 64, 4), np.float32)
    pixels[20:30, :, 3] = 0.5
    picture = np.full((48, 64, 3), 0.25, np.float32)
    result = over_source(picture, partial_alpha(pixels), source)
    # Colours under a soft edge are the artist's; how much of them counts is the matte's affair.
    assert np.array_equal(result[20:30], picture[20:30])
    assert np.array_equal(result[:20], source[:20])
    assert over_source(picture, partial_alpha(pixels[..., :3]), source) is picture
