"""Numbered pictures of kinds people have, in variants nobody asked about yet, through the real command line:
alpha, DPX, JPEG, other depths. Each is written and judged by another library than the engine's.
"""

from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, PngImagePlugin

from tests.compatibility.claims import covers
from tests.compatibility.command_line import upscaled
from tests.fakes.exr import channels, read_exr, texture, write_exr_pair
from tests.fakes.ffmpeg import ffmpeg, raw_frames

T = texture(24, 16)
EIGHT = np.rint(T * 255).astype(np.uint8)
RGB = Image.fromarray(EIGHT)


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
    assert upscaled(write_exr_pair(tmp_path, layers), target, "--output-colour", "sRGB - Texture").status == 0
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
    assert text.status == 0
    is_unsaid = (extension, pixels) == ("sgi", "rgba")
    assert ["does not mark whether" in warning for warning in text.warnings] == [True] * is_unsaid
    expected = raw_frames(tmp_path / f"a.0001.{extension}", "rgb24", np.uint8).reshape(32, 48, 3).astype(int)
    with Image.open(tmp_path / "o" / "0001.png") as picture:
        result = np.asarray(picture.convert("RGB")).astype(int)
    assert np.abs(result - expected).max() <= 3


def test_half_and_float_tiffs_and_their_values_mix(tmp_path):
    tifffile.imwrite(tmp_path / "a.0001.tif", T.astype("f2"), photometric="rgb", metadata=None)
    tifffile.imwrite(tmp_path / "a.0002.tif", T.astype("f4"), photometric="rgb", metadata=None)
    text = upscaled(tmp_path / "a.%04d.tif", tmp_path / "o" / "%04d.tif")
    assert "the rest float32" in " ".join(text.warnings)
    result = tifffile.imread(tmp_path / "o" / "0001.tif")
    assert np.array_equal(result, T.astype("f2").astype("f4"))
