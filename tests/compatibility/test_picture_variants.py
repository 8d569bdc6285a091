"""Numbered pictures and keyframes of kinds people have, in variants nobody asked about yet, through the real
command line. Each is written and judged by another library than the engine's.
"""

from __future__ import annotations

import struct

import cv2
import numpy as np
import OpenEXR
import pytest
import tifffile
from PIL import Image, PngImagePlugin

from tests.compatibility.claims import covers
from tests.compatibility.command_line import upscaled
from tests.fakes.exr import channels, read_exr, texture, window, write_exr
from tests.fakes.ffmpeg import ffmpeg, raw_frames

T = texture(24, 16)
EIGHT = np.rint(T * 255).astype(np.uint8)
DEEP = np.rint(T * 65535).astype(np.uint16)
RGB = Image.fromarray(EIGHT)


def flat(value):
    return np.full((16, 24), value, "f4")


def exr_pair(folder, layers, **header):
    for number in (1, 2):
        # The library puts objects of its own into the mapping it is given.
        write_exr(folder / f"a.{number:04d}.exr", dict(layers), **header)
    return folder / "a.%04d.exr"


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
    text = upscaled(exr_pair(tmp_path, layers), tmp_path / "o" / "%04d.exr")
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
    text = upscaled(exr_pair(tmp_path, layers), tmp_path / "o" / "%04d.exr")
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
    upscaled(exr_pair(tmp_path, channels(T), **header), tmp_path / "o" / "%04d.exr", scale=2)
    result = read_exr(tmp_path / "o" / "0001.exr")[0][1]
    boxes = {name: np.stack(result[name]).tolist() for name in ("cropWindow", "originalDataWindow")}
    assert boxes == {"cropWindow": [[4, 4], [23, 19]], "originalDataWindow": [[0, 0], [47, 31]]}
    assert result["overscan"] == 8


@covers(
    "kinds of pictures",
    "D. What does not fit is not cut",
    variants="light above white and beyond sRGB's gamut to PNG, TIFF, JPEG, a movie",
    result="clipped, said before rendering; kept in EXR",
)
@pytest.mark.parametrize("target", ["%04d.png", "%04d.jpg", "m.mp4"])
def test_light_that_is_cut_off_is_said(tmp_path, target):
    source = exr_pair(tmp_path, channels(T * 3))
    assert "are clipped; write .exr" in " ".join(upscaled(source, tmp_path / "o" / target).warnings)
    assert upscaled(source, tmp_path / "p" / "%04d.exr").warnings == ()


def test_primaries_a_tiff_cannot_name_are_said(tmp_path):
    ap0 = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
    source = exr_pair(tmp_path, channels(T), chromaticities=ap0)
    assert "primaries that .tif cannot name" in " ".join(upscaled(source, tmp_path / "%04d.tif").warnings)


def srgb_light(codes):
    return np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)


def srgb_codes(light):
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)


@covers(
    "kinds of pictures",
    "H. Straight alpha",
    variants="TIFF with associated alpha to EXR, PNG, TIFF; EXR to TIFF and PNG",
    result="codes are divided by alpha before they become light, and light before it becomes codes",
)
def test_alpha_multiplied_into_codes_is_taken_out_before_they_become_light(tmp_path):
    alpha = np.linspace(0, 1, 24)[None, :].repeat(16, 0)
    pixels = np.rint(np.dstack([T * alpha[..., None], alpha]) * 65535).astype(np.uint16)
    for number in (1, 2):
        how = {"photometric": "rgb", "extrasamples": ["assocalpha"], "metadata": None}
        tifffile.imwrite(tmp_path / f"a.{number:04d}.tif", pixels, **how)
    source = tmp_path / "a.%04d.tif"
    for target in ("e/%04d.exr", "p/%04d.png", "t/%04d.tif"):
        assert upscaled(source, tmp_path / target).status == 0
    red = read_exr(tmp_path / "e" / "0001.exr")[0][2]["R"].astype(float)
    assert np.abs(red - srgb_light(T[..., 0]) * alpha)[:, 6:].max() < 0.001
    straight = cv2.imread(str(tmp_path / "p" / "0001.png"), cv2.IMREAD_UNCHANGED)[..., 2] / 65535
    assert np.abs(straight - T[..., 0])[:, 6:].max() < 0.001
    assert np.array_equal(tifffile.imread(tmp_path / "t" / "0001.tif"), pixels)


@pytest.mark.parametrize("extension", ["tif", "png"])
def test_light_multiplied_by_alpha_becomes_codes_without_it(tmp_path, extension):
    alpha = np.linspace(0.1, 1, 24, dtype="f4")[None, :].repeat(16, 0)
    layers = {**channels(T * alpha[..., None], sample="f4"), "A": np.ascontiguousarray(alpha)}
    target = tmp_path / "o" / f"%04d.{extension}"
    assert upscaled(exr_pair(tmp_path, layers), target, "--output-colour", "sRGB - Texture").status == 0
    path = tmp_path / "o" / f"0001.{extension}"
    if extension == "png":
        result = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[..., 2] / 65535
    else:
        result = tifffile.imread(path)[..., 0].astype(float)
        result = result / (65535 if result.max() > 2 else 1)
    expected = srgb_codes(T[..., 0]) * (alpha if extension == "tif" else 1)
    assert np.abs(result - expected).max() < 0.003


FILLED = [(order, method) for order in "><" for method in (1, 2)]


def write_dpx(path, codes, order, method, transfer):
    """12 bits in words of 16, method A high or B low (SMPTE 268M), by hand."""
    height, width, _ = codes.shape
    head = bytearray(2048)
    struct.pack_into(order + "2I", head, 0, 0x53445058, 2048)
    head[8:12] = b"V1.0"
    struct.pack_into(order + "I2I", head, 16, 2048 + codes.size * 2, 1664, 384)
    struct.pack_into(order + "2H2I", head, 768, 0, 1, width, height)
    fields = (0, 0, 0.0, 4095, 0.0, 50, transfer, transfer, 12, method, 0, 2048, 0, 0)
    struct.pack_into(order + "2IfIf4B2H3I", head, 780, *fields)
    words = codes << 4 if method == 1 else codes
    path.write_bytes(bytes(head) + words.astype(order + "u2").tobytes())


@covers(
    "kinds of pictures",
    "B. Integers and floats, mixed depths",
    variants="DPX of 12 filled bits, both byte orders, methods A and B, linear and video",
    result="same codes and the same words for their transfer",
)
@pytest.mark.parametrize("transfer", [2, 5])
@pytest.mark.parametrize(("order", "method"), FILLED)
def test_dpx_of_12_filled_bits_keeps_its_codes_and_its_transfer(tmp_path, order, method, transfer):
    codes = np.rint(T * 4095).astype(np.uint16)
    for number in (1, 2):
        write_dpx(tmp_path / f"a.{number:04d}.dpx", codes, order, method, transfer)
    text = upscaled(tmp_path / "a.%04d.dpx", tmp_path / "o" / "%04d.dpx")
    assert (text.status, text.warnings) == (0, ())
    green, blue, red = raw_frames(tmp_path / "o" / "0001.dpx", "gbrp12le", np.uint16).reshape(3, 16, 24)
    assert np.array_equal(np.dstack([red, green, blue]), codes)
    assert (tmp_path / "o" / "0001.dpx").read_bytes()[801] == transfer


@pytest.mark.parametrize("target", ["dpx", "png", "exr"])
def test_a_gamma_read_from_outside_a_header_is_none(tmp_path, target):
    source = ("-f", "lavfi", "-i", "testsrc2=s=24x16:d=0.1:r=20", "-pix_fmt", "gbrp10le")
    ffmpeg(tmp_path, *source, "a.%04d.dpx")
    for path in tmp_path.glob("*.dpx"):
        content = bytearray(path.read_bytes())
        content[801] = 0
        path.write_bytes(content)
    assert upscaled(tmp_path / "a.%04d.dpx", tmp_path / "o" / f"%04d.{target}").status == 0


@covers("pictures", "JPEG", written="colours at full size from quality 90 on", read="4:2:0, 4:2:2, 4:4:4")
@pytest.mark.parametrize(("quality", "is_fine"), [("", True), ("90", True), ("80", False)])
@pytest.mark.parametrize("source", ["png", "jpg"])
def test_a_jpeg_keeps_colours_at_full_size(tmp_path, source, quality, is_fine):
    stripes = np.zeros((32, 48, 3), np.uint8)
    stripes[:, ::2], stripes[:, 1::2] = (255, 0, 0), (0, 0, 255)
    how = {"subsampling": 2, "quality": 95} if source == "jpg" else {}
    for number in (1, 2):
        Image.fromarray(stripes).save(tmp_path / f"a.{number:04d}.{source}", **how)
    options = ("--quality", quality) if quality else ()
    upscaled(tmp_path / f"a.%04d.{source}", tmp_path / "o" / "%04d.jpg", *options)
    with Image.open(tmp_path / "o" / "0001.jpg") as picture:
        assert (picture.layer[0][1:3] == (1, 1)) == is_fine
        if is_fine and source == "png":
            assert np.abs(np.asarray(picture).astype(int) - stripes).mean() < 3


@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_jpegs_of_any_subsampling_are_read(tmp_path, subsampling):
    large = Image.fromarray(np.rint(texture(96, 64) * 255).astype(np.uint8))
    for number in (1, 2):
        large.save(tmp_path / f"a.{number:04d}.jpg", quality=98, subsampling=subsampling)
    upscaled(tmp_path / "a.%04d.jpg", tmp_path / "o" / "%04d.png")
    result = np.asarray(Image.open(tmp_path / "o" / "0001.png")).astype(int)
    assert np.abs(result - np.asarray(Image.open(tmp_path / "a.0001.jpg"))).max() <= 2


@covers("kinds of pictures", "J. Headers", variants="PNG text in any script", result="equal, as UTF-8")
@pytest.mark.parametrize("text", ["plain", "Gr\u00fc\u00dfe", "\u65e5\u672c\u8a9e"])
def test_text_of_any_script_comes_along_in_png(tmp_path, text):
    words = PngImagePlugin.PngInfo()
    words.add_itxt("Title", text)
    words.add_itxt("Shot", text)
    for number in (1, 2):
        RGB.save(tmp_path / f"a.{number:04d}.png", pnginfo=words)
    upscaled(tmp_path / "a.%04d.png", tmp_path / "o" / "%04d.png")
    with Image.open(tmp_path / "o" / "0001.png") as picture:
        picture.load()
        assert (picture.info["Title"], picture.info["Shot"]) == (text, text)
        assert np.array_equal(np.asarray(picture), EIGHT)


# Extension, pixel format as FFmpeg writes it.
FORMATS = [
    ("tga", "rgb555le"), ("tga", "bgra"), ("tga", "gray"), ("bmp", "rgb555le"), ("bmp", "rgb565le"),
    ("bmp", "pal8"), ("sgi", "rgba"), ("sgi", "rgb48be"), ("tiff", "yuv444p"), ("tiff", "rgba64le"),
    ("tiff", "pal8"), ("tiff", "ya8"), ("png", "pal8"), ("png", "rgb48be"), ("jp2", "rgb48le"),
    ("jp2", "xyz12le"), ("ppm", "rgb48be"),
]  # fmt: skip


@covers(
    "kinds of pictures",
    "M. Types of values",
    variants=", ".join(
        ["TGA of 15 bit", "BMP of 15 and 16 bit", "SGI of 16 bit", "TIFF in YCbCr", "JPEG 2000 in XYZ"]
    ),
    result="same values as FFmpeg reads",
)
@pytest.mark.parametrize(("extension", "pixels"), FORMATS)
def test_pictures_of_other_depths_are_read_as_ffmpeg_reads_them(tmp_path, extension, pixels):
    source = ("-f", "lavfi", "-i", "testsrc2=s=48x32:d=0.1:r=20", "-pix_fmt", pixels)
    ffmpeg(tmp_path, *source, f"a.%04d.{extension}")
    text = upscaled(tmp_path / f"a.%04d.{extension}", tmp_path / "o" / "%04d.png")
    assert (text.status, text.warnings) == (0, ())
    expected = raw_frames(tmp_path / f"a.0001.{extension}", "rgb24", np.uint8).reshape(32, 48, 3).astype(int)
    with Image.open(tmp_path / "o" / "0001.png") as picture:
        result = np.asarray(picture.convert("RGB")).astype(int)
    assert np.abs(result - expected).max() <= 3


def keyed(folder, keyframe):
    for number in (1, 2):
        RGB.save(folder / f"a.{number:04d}.png")
    options = ("--keyframe", f"1={keyframe}")
    return upscaled(folder / "a.%04d.png", folder / "o" / "%04d.png", *options, model="lite", scale=2)


LARGE = RGB.resize((48, 32), Image.Resampling.BICUBIC)


@covers(
    "kinds of pictures",
    "L. Damage, and one reader for one file",
    variants="keyframes: animated PNG, WebP and GIF, TIFF of several pages; AVIF, HEIC, a movie, a text",
    result="the first picture, which is said; others are refused for what they are",
)
@pytest.mark.parametrize("extension", ["png", "webp", "gif", "tif"])
def test_a_keyframe_of_several_pictures_is_said_to_be_the_first(tmp_path, extension):
    LARGE.save(tmp_path / f"k.{extension}", save_all=True, append_images=[LARGE.rotate(180)])
    assert "first of several pictures" in " ".join(keyed(tmp_path, tmp_path / f"k.{extension}").warnings)


@pytest.mark.parametrize("extension", ["webp", "tga", "bmp", "tif", "jp2", "gif", "ppm"])
def test_a_keyframe_of_one_picture_is_taken_without_a_word(tmp_path, extension):
    LARGE.save(tmp_path / f"k.{extension}")
    text = keyed(tmp_path, tmp_path / f"k.{extension}")
    assert (text.status, [warning for warning in text.warnings if "several" in warning]) == (0, [])


@pytest.mark.parametrize("name", ["k.avif", "k.heic", "k.mp4", "k.txt"])
def test_a_keyframe_of_a_format_that_is_not_read_is_refused_for_it(tmp_path, name):
    (tmp_path / name).write_bytes(b"whatever it holds")
    text = keyed(tmp_path, tmp_path / name)
    assert text.status == 1
    assert "of a format that is not read as a picture" in text.error


@pytest.mark.parametrize(
    ("target", "advice"),
    [
        ("<F4>.png", "%04d.png"),
        ("o.[0001-0002].png", "o.%04d.png"),
        ("o.png", "o.%04d.png"),
        ("o.{frame}.tif", "o.%04d"),
    ],
)
def test_a_target_in_another_programs_spelling_is_refused_with_ours(tmp_path, target, advice):
    for number in (1, 2):
        RGB.save(tmp_path / f"a.{number:04d}.png")
    text = upscaled(tmp_path / "a.%04d.png", tmp_path / target)
    assert text.status == 2
    assert f"write {advice}" in text.error


@pytest.mark.parametrize("name", ["a?b", "a[1]", "a:b", "a#b", "a@b", "a$F", "-a", "50%", "a\nb", "\u65e5"])
def test_signs_in_names_are_names(tmp_path, name):
    for number in (1, 2):
        RGB.save(tmp_path / f"{name}.{number:04d}.png")
    target = tmp_path / "o" / f"{name}.%04d.png"
    assert upscaled(tmp_path / f"{name}.%04d.png", target).status == 0
    assert sorted(path.name for path in target.parent.iterdir()) == [f"{name}.{at:04d}.png" for at in (1, 2)]


def test_half_and_float_tiffs_and_their_values_mix(tmp_path):
    tifffile.imwrite(tmp_path / "a.0001.tif", T.astype("f2"), photometric="rgb", metadata=None)
    tifffile.imwrite(tmp_path / "a.0002.tif", T.astype("f4"), photometric="rgb", metadata=None)
    text = upscaled(tmp_path / "a.%04d.tif", tmp_path / "o" / "%04d.tif")
    assert "the rest float32" in " ".join(text.warnings)
    result = tifffile.imread(tmp_path / "o" / "0001.tif")
    assert np.array_equal(result, T.astype("f2").astype("f4"))


def test_views_with_the_right_one_first_keep_their_places(tmp_path):
    source = exr_pair(tmp_path, {**channels(T), **channels(T * 0.5, "left.")}, multiView=["right", "left"])
    assert "left" in " ".join(upscaled(source, tmp_path / "o" / "%04d.exr").warnings)
    result = OpenEXR.File(str(tmp_path / "o" / "0001.exr"), separate_channels=True).parts[0]
    assert result.header["multiView"] == ["right", "left"]
    assert np.array_equal(result.channels["R"].pixels, T[..., 0].astype("f2"))
