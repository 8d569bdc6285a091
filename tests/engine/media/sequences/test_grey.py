"""Grey pictures come in with three equal channels and go out with one, by a second library's word."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe
from tests.fakes.exr import carried, texture, write_exr

GREY = texture()[..., 0]
EIGHT = np.rint(GREY * 255).astype(np.uint8)
SIXTEEN = np.rint(GREY * 65535).astype(np.uint16)
ALPHA = np.rint(np.linspace(40, 250, GREY.size).reshape(GREY.shape)).astype(np.uint8)


def saved(path, array):
    Image.fromarray(array).save(path)


SOURCES = {
    "l.png": lambda path: saved(path, EIGHT),
    "l16.png": lambda path: saved(path, SIXTEEN),
    "bit.png": lambda path: Image.fromarray(GREY > 0.5).save(path),
    "la.png": lambda path: saved(path, np.dstack([EIGHT, ALPHA])),
    "l.jpg": lambda path: saved(path, EIGHT),
    "l.tif": lambda path: tifffile.imwrite(path, EIGHT),
    "l16.tif": lambda path: tifffile.imwrite(path, SIXTEEN),
    "lf.tif": lambda path: tifffile.imwrite(path, GREY.astype(np.float32)),
    "l.bmp": lambda path: saved(path, EIGHT),
    "l.tga": lambda path: saved(path, EIGHT),
    "l.pgm": lambda path: saved(path, EIGHT),
}


def written(tmp_path, name):
    path = tmp_path / name
    SOURCES[name](path)
    return path


@pytest.mark.parametrize("name", SOURCES)
def test_a_grey_picture_comes_in_with_three_equal_channels(tmp_path, name):
    info = probe(SourceMedia(str(written(tmp_path, name))))
    pixels = open_source(info).read(info.span.first).pixels
    assert info.is_grey
    assert np.array_equal(pixels[..., 0], pixels[..., 1])
    assert np.array_equal(pixels[..., 0], pixels[..., 2])


@pytest.mark.parametrize("name", SOURCES)
def test_it_goes_out_with_one(tmp_path, name):
    extension = "png" if name.endswith(("pgm", "tga", "bmp")) else name.rpartition(".")[2]
    source = written(tmp_path, name)
    path, _ = carried(source, tmp_path / "out" / f"b.%04d.{extension}", scale=1)
    result = np.asarray(Image.open(path))
    expected = tifffile.imread(source) if extension == "tif" else np.asarray(Image.open(source))
    if name == "la.png":
        assert np.array_equal(result, expected)
        return
    assert result.ndim == 2
    scale = 255 if expected.dtype == bool else 1
    assert np.abs(result.astype(float) - expected.astype(float) * scale).max() <= (
        3 if extension == "jpg" else 2e-3
    )


@pytest.mark.parametrize("extension", ["webp", "tga", "hdr"])
def test_a_format_without_grey_gets_three_equal_channels(tmp_path, extension):
    path, _ = carried(written(tmp_path, "l.png"), tmp_path / "out" / f"b.%04d.{extension}", scale=1)
    info = probe(SourceMedia(str(path)))
    pixels = open_source(info).read(0).pixels.astype(float)
    assert np.ptp(pixels[..., :3], axis=2).max() <= (2 if extension == "webp" else 0)


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("name", ["exr", "png"])
def test_grey_with_alpha_goes_to_exr_under_its_names(tmp_path, name, scale):
    if name == "exr":
        source = write_exr(tmp_path / "a.0001.exr", {"Y": GREY.astype("f2"), "A": (GREY * 0.5).astype("f2")})
    else:
        source = tmp_path / "a.0001.png"
        saved(source, np.dstack([EIGHT, ALPHA]))
    (_, _, result), *_ = carried(source, tmp_path / "out" / "b.%04d.exr", scale=scale)[0]
    assert set(result) == {"Y", "A"}
    expected = GREY * 0.5 if name == "exr" else ALPHA / 255
    assert np.abs(result["A"].astype(float)[::scale, ::scale] - expected).max() < 2e-3
