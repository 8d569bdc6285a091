"""EXR sequences in variants nobody asked about yet, through the real command line: channels, windows in
headers, light. Each is written and judged by another library than the engine's.
"""

from __future__ import annotations

import numpy as np
import OpenEXR
import pytest

from tests.compatibility.claims import covers
from tests.compatibility.command_line import upscaled
from tests.fakes.exr import channels, read_exr, texture, window, write_exr_pair

T = texture(24, 16)


def flat(value):
    return np.full((16, 24), value, "f4")


# Channels of a file, and those of its result by name and type.
LAYOUTS = {
    "RenderMan's Ci and a": (
        {**channels(T, "Ci.", "rgb"), "a": flat(0.5)},
        {"R": "f2", "G": "f2", "B": "f2", "A": "f4"},
    ),
    "small letters": (
        {**channels(T, "", "rgb"), "a": flat(0.5)},
        {"R": "f2", "G": "f2", "B": "f2", "A": "f4"},
    ),
    "a layer with a blank in its name": (
        {**channels(T, "View Layer.Combined."), "View Layer.Depth.Z": flat(3)},
        {"R": "f2", "G": "f2", "B": "f2", "View Layer.Depth.Z": "f4"},
    ),
    "light groups beside C": (
        {**channels(T, "C_key."), **channels(T * 0.5, "C_fill."), **channels(T, "C.")},
        {**dict.fromkeys("RGB", "f2"), **{f"C_{n}.{c}": "f2" for n in ("key", "fill") for c in "RGB"}},
    ),
    "a noisy and a denoised picture": (
        {**channels(T * 0.5, "Noisy Image."), **channels(T, "Combined.")},
        {**dict.fromkeys("RGB", "f2"), **{f"Noisy Image.{c}": "f2" for c in "RGB"}},
    ),
    "a variance beside it": (
        {**channels(T), **channels(T * 0.1, "variance.")},
        {**dict.fromkeys("RGB", "f2"), **{f"variance.{c}": "f2" for c in "RGB"}},
    ),
    "a matte alone": ({"A": flat(0.5)}, {"A": "f4"}),
    "one channel R": ({"R": T[..., 0].astype("f2")}, {"R": "f2"}),
    "grey and alpha": ({"Y": T[..., 0].astype("f2"), "A": flat(0.5).astype("f2")}, {"Y": "f2", "A": "f2"}),
}


PICTURES = ("", "Ci", "View Layer.Combined", "C", "Combined")


@covers(
    "kinds of pictures",
    "C. Which channels are the picture",
    variants=", ".join(LAYOUTS),
    result="the picture, its alpha and everything beside it come out bit-equal in their own types",
)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_picture_is_found_with_its_alpha_and_what_lies_beside_it(tmp_path, layout):
    layers, expected = LAYOUTS[layout]
    text = upscaled(write_exr_pair(tmp_path, layers), tmp_path / "o" / "%04d.exr")
    assert text.status == 0, text
    result = read_exr(tmp_path / "o" / "0001.exr")[0][2]
    assert {name: values.dtype.str[1:] for name, values in result.items()} == expected
    for key, values in layers.items():
        layer, _, short = key.rpartition(".")
        if layer in PICTURES:
            assert np.array_equal(result[short.upper()], values)
        else:
            assert np.allclose(result[key], values, rtol=0.002)


REFUSED = {
    "two view layers": ({**channels(T, "FG.Combined."), **channels(T, "BG.Combined.")}, "export the one"),
    "wavelengths": ({f"S0.{400 + 50 * at},0nm": flat(at) for at in range(5)}, "neither R, G, B"),
    "X, Y and Z alone": (channels(T, "", "XYZ"), "no picture but data"),
    "R, G and a depth": ({**channels(T, "", "RG"), "Z": flat(2)}, "no picture but data"),
}


@pytest.mark.parametrize("layout", REFUSED)
def test_what_is_no_picture_or_several_is_refused_by_name(tmp_path, layout):
    layers, words = REFUSED[layout]
    text = upscaled(write_exr_pair(tmp_path, layers), tmp_path / "o" / "%04d.exr")
    assert text.status == 1
    assert words in text.error


@covers(
    "kinds of pictures",
    "J. Headers",
    variants="cropWindow, originalDataWindow, overscan, at scale 2",
    result="in the result's pixels",
)
def test_windows_in_a_header_are_in_the_results_pixels(tmp_path):
    header = {"cropWindow": window(2, 2, 10, 8), "originalDataWindow": window(0, 0, 24, 16), "overscan": 4}
    upscaled(write_exr_pair(tmp_path, channels(T), **header), tmp_path / "o" / "%04d.exr", scale=2)
    result = read_exr(tmp_path / "o" / "0001.exr")[0][1]
    boxes = {name: np.stack(result[name]).tolist() for name in ("cropWindow", "originalDataWindow")}
    assert boxes == {"cropWindow": [[4, 4], [23, 19]], "originalDataWindow": [[0, 0], [47, 31]]}
    assert result["overscan"] == 8


@covers(
    "kinds of pictures",
    "D. What does not fit is not cut",
    variants="light above white and beyond sRGB's gamut to PNG, TIFF, JPEG, a movie",
    result="clipped, reported before rendering; kept in EXR",
)
@pytest.mark.parametrize("target", ["%04d.png", "%04d.jpg", "m.mp4"])
def test_clipped_light_is_reported(tmp_path, target):
    source = write_exr_pair(tmp_path, channels(T * 3))
    assert "are clipped; write .exr" in " ".join(upscaled(source, tmp_path / "o" / target).warnings)
    assert upscaled(source, tmp_path / "p" / "%04d.exr").warnings == ()


def test_primaries_a_tiff_cannot_name_are_reported(tmp_path):
    ap0 = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
    source = write_exr_pair(tmp_path, channels(T), chromaticities=ap0)
    assert "primaries that .tif cannot name" in " ".join(upscaled(source, tmp_path / "%04d.tif").warnings)


def test_views_with_the_right_one_first_keep_their_places(tmp_path):
    layers = {**channels(T), **channels(T * 0.5, "left.")}
    source = write_exr_pair(tmp_path, layers, multiView=["right", "left"])
    assert "left" in " ".join(upscaled(source, tmp_path / "o" / "%04d.exr").warnings)
    result = OpenEXR.File(str(tmp_path / "o" / "0001.exr"), separate_channels=True).parts[0]
    assert result.header["multiView"] == ["right", "left"]
    assert np.array_equal(result.channels["R"].pixels, T[..., 0].astype("f2"))
