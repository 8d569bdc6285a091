"""Pictures of cameras, scanners and converters: turned, under another format's name, packed in rarer ways."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import tifffile
from PIL import Image

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe
from tests.compatibility.claims import covers
from tests.fakes.systems import IS_WINDOWS

_BLOCKS = np.random.default_rng(0).integers(0, 256, (8, 12, 3), np.uint8)
PICTURE = np.kron(_BLOCKS, np.ones((4, 4, 1), np.uint8))
ORIENTATION = 0x112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
FORMATS = {
    "png": {},
    "webp": {"lossless": True},
    "jpg": {"quality": 100, "subsampling": 0},
    "tif": {},
}


def read_frame(folder, extension):
    """The sequence's first frame as it is read, and its clip."""
    info = probe(SourceMedia(str(folder / f"a.%04d.{extension}")))
    source = open_source(info)
    pixels = source.read(1).pixels
    source.close()
    return info, pixels


@covers(
    "kinds of pictures",
    "M. Types of values",
    variants="cameras' orientation, each of the seven, in PNG, WebP, JPEG and TIFF",
    result="upright, as Pillow turns them",
)
@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("orientation", TURNS)
def test_a_cameras_orientation_is_followed(tmp_path, orientation, extension):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    image = Image.fromarray(PICTURE)
    image.save(tmp_path / f"a.0001.{extension}", exif=exif, **FORMATS[extension])
    _, pixels = read_frame(tmp_path, extension)
    upright = np.asarray(image.transpose(TURNS[orientation]))
    assert pixels.shape == upright.shape
    assert np.abs(pixels.astype(int) - upright).max() <= (4 if extension == "jpg" else 0)


@covers(
    "kinds of pictures",
    "L. Damage, and one reader for one file",
    variants="JPEG named .png, PNG named .jpg and .tif, .PNG and .TIF",
    result="read by what they hold",
)
@pytest.mark.parametrize(
    ("written", "named"), [("jpg", "png"), ("png", "jpg"), ("png", "tif"), ("png", "PNG"), ("tif", "TIF")]
)
def test_a_picture_is_read_by_what_it_holds(tmp_path, written, named):
    Image.fromarray(PICTURE).save(tmp_path / f"x.{written}", **FORMATS[written])
    shutil.move(tmp_path / f"x.{written}", tmp_path / f"a.0001.{named}")
    _, pixels = read_frame(tmp_path, named)
    assert np.abs(pixels.astype(int) - PICTURE).max() <= (4 if written == "jpg" else 0)


@covers(
    "kinds of pictures",
    "M. Types of values",
    variants="TIFF of 10, 12 and 14 bits",
    result="same values at 16 bits, to their rounding",
)
@pytest.mark.parametrize("bits", [10, 12, 14])
def test_tiff_of_odd_depths_keeps_its_values(tmp_path, bits):
    values = (PICTURE.astype(np.uint16) * 257) >> (16 - bits)
    tifffile.imwrite(tmp_path / "a.0001.tif", values, photometric="rgb", bitspersample=bits)
    info, pixels = read_frame(tmp_path, "tif")
    assert info.bit_depth == bits
    assert np.abs(pixels - values * (65535 / (2**bits - 1))).max() <= 1


@covers(
    "kinds of pictures",
    "M. Types of values",
    variants="planar TIFF in tiles, with LZW and a predictor, of 16 bits",
    result="same values",
)
def test_planar_tiles_with_a_predictor_are_read(tmp_path):
    values = PICTURE.astype(np.uint16) * 257
    tifffile.imwrite(
        tmp_path / "a.0001.tif",
        np.ascontiguousarray(values.transpose(2, 0, 1)),
        photometric="rgb",
        planarconfig="separate",
        compression="lzw",
        predictor=True,
        tile=(16, 16),
    )
    np.testing.assert_array_equal(read_frame(tmp_path, "tif")[1], values)


# OpenImageIO's package for Windows reads the first of them.
@pytest.mark.parametrize("compression", [*([] if IS_WINDOWS else ["zstd"]), "lzma"])
def test_a_compression_that_is_not_read_is_the_reason(tmp_path, compression):
    tifffile.imwrite(tmp_path / "a.0001.tif", PICTURE, photometric="rgb", compression=compression)
    with pytest.raises(MediaUnreadable, match="compressed in a way that is not read"):
        read_frame(tmp_path, "tif")


def test_files_of_other_systems_beside_the_frames_are_none(tmp_path):
    for number in range(1, 5):
        Image.fromarray(PICTURE).save(tmp_path / f"a.{number:04d}.png")
        (tmp_path / f"._a.{number:04d}.png").write_bytes(b"\0\5\x16\7")
    for name in (".DS_Store", "Thumbs.db", "a.0005.png.bak", "a.0006.png~"):
        (tmp_path / name).write_bytes(b"no picture")
    for place in (tmp_path / "a.%04d.png", tmp_path):
        assert list(probe(SourceMedia(str(place))).available) == [1, 2, 3, 4]


@pytest.mark.parametrize("folder", ["sh#01", "100%04d", "a [b] (c)"])
def test_folders_may_look_like_patterns(tmp_path, folder):
    (tmp_path / folder).mkdir()
    for number in (9999, 10000):
        Image.fromarray(PICTURE).save(tmp_path / folder / f"frame ({number:04d}).png")
    info = probe(SourceMedia(str(tmp_path / folder / "frame (%04d).png")))
    assert list(info.available) == [9999, 10000]
