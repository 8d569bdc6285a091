"""A picture's colour labels are honoured or reported: values and labels of results belong together."""

import struct
import zlib

import numpy as np
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.colours import primaries
from sparkvsr_engine.media.colours.curves import srgb_decode, srgb_encode
from sparkvsr_engine.media.colours.meaning import named_meaning
from sparkvsr_engine.media.images import read_image
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.references.colour import colour_warning, supplied_to_model
from tests.compatibility.claims import covers
from tests.fakes.exr import carried
from tests.fakes.media import write_picture
from tests.fakes.profiles import empty_profile, matrix_profile, table_profile

RED = np.full((32, 48, 3), (0.9, 0.2, 0.1), np.float32)
RED += np.linspace(0, 0.05, 48, dtype=np.float32)[None, :, None]
TABLES = table_profile(primaries.ADOBE_RGB, 1.8)
ADOBE = matrix_profile(primaries.ADOBE_RGB, 563 / 256)


def png(path, codes, *chunks, sample=8, profile=None):
    """A PNG of codes 0..1 with chunks behind its header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    depth = np.dtype(f">u{sample // 8}")
    values = np.rint(codes * (2**sample - 1)).astype(depth)
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], sample, 2, 0, 0, 0)
    named = [(b"iCCP", b"test\0\0" + zlib.compress(profile))] if profile else []
    every = [(b"IHDR", header), *chunks, *named, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    encoded = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in every]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(encoded))
    return path


def gamma(power):
    return b"gAMA", struct.pack(">I", round(100000 / power))


def chrm(chromaticities):
    red_to_blue, white = chromaticities[:6], chromaticities[6:]
    return b"cHRM", struct.pack(">8I", *(round(v * 100000) for v in (*white, *red_to_blue)))


P3 = primaries.P3_D65
LABELS = {
    "P3 by cICP": ([(b"cICP", bytes([12, 13, 0, 1]))], P3, srgb_decode),
    "2020 by cICP": ([(b"cICP", bytes([9, 13, 0, 1]))], primaries.REC2020, srgb_decode),
    "P3 by cHRM": ([gamma(2.2), chrm(P3)], P3, srgb_decode),
    "gamma 1.8": ([gamma(1.8)], primaries.REC709, lambda v: v**1.8),
    "linear": ([gamma(1.0)], primaries.REC709, lambda v: v),
    "linear P3": ([(b"cICP", bytes([12, 8, 0, 1]))], P3, lambda v: v),
    "nothing": ([], primaries.REC709, srgb_decode),
    "sRGB": ([(b"sRGB", b"\0")], primaries.REC709, srgb_decode),
    "Adobe RGB by profile": (ADOBE, primaries.ADOBE_RGB, lambda v: v ** (563 / 256)),
    "Adobe RGB by a profile of tables": (TABLES, primaries.ADOBE_RGB, lambda v: v**1.8),
}


def labelled(path, name, sample=8):
    text, chromaticities, decode = LABELS[name]
    chunks, profile = (text, None) if isinstance(text, list) else ([], text)
    file = png(path, RED, *chunks, sample=sample, profile=profile)
    light = decode(RED) @ primaries.conversion(chromaticities, primaries.REC709).T
    return file, light


def on_rec709(values, header):
    chromaticities = header.get("chromaticities", primaries.REC709)
    chromaticities = [float(value) for value in np.ravel(chromaticities)]
    return values @ primaries.conversion(chromaticities, primaries.REC709).T


@covers(
    "kinds of pictures",
    "B. Integers and floats, mixed depths",
    variants="8 and 16 bit PNG tagged linear, gamma 1.8, sRGB, nothing",
    result="same light in EXR",
)
@pytest.mark.parametrize("sample", [8, 16])
@pytest.mark.parametrize("name", LABELS)
def test_an_exr_of_it_holds_the_same_light_on_the_primaries_it_names(tmp_path, name, sample):
    source, light = labelled(tmp_path / "a.0001.png", name, sample)
    (_, header, result), *_ = carried(source, tmp_path / "out" / "b.%04d.exr", scale=1)[0]
    values = np.stack([result[channel].astype(float) for channel in "RGB"], -1)
    assert np.abs(on_rec709(values, header) - light).max() < (0.012 if sample == 8 else 0.004)


@covers(
    "kinds of pictures",
    "I. Colour tags of pictures",
    variants=", ".join(LABELS),
    result="same light by the words of a PNG, TIFF or JPEG, or converted to sRGB, which is reported",
)
@pytest.mark.parametrize("target", ["png", "tif", "jpg"])
@pytest.mark.parametrize("name", LABELS)
def test_a_picture_of_it_means_the_same_by_its_own_words(tmp_path, name, target):
    source, light = labelled(tmp_path / "a.0001.png", name)
    file, warnings = carried(source, tmp_path / "out" / f"b.%04d.{target}", scale=1)
    info = probe(SourceMedia(str(file)))
    codes = read_image(file).pixels.astype(np.float32) / 255
    if info.is_scene_linear:
        got = codes
    else:
        meaning = named_meaning(info)
        got = srgb_decode(codes) if meaning is None else meaning.to_light(codes)
        chromaticities = primaries.REC709 if meaning is None else meaning.chromaticities
        got = got @ primaries.conversion(chromaticities, primaries.REC709).T
    is_cut = any("outside its gamut are clipped" in warning for warning in warnings)
    expected = np.clip(light, 0, 1) if is_cut or "linear" in name else light
    # JPEG's rounding of colours, each pixel its own.
    assert np.abs(got - expected).max() < (0.03 if target == "jpg" else 0.02)


KEYFRAMES = [*LABELS]


@covers(
    "kinds of pictures",
    "I. Colour tags of pictures",
    variants="each of them as a keyframe of a display and of a linear source",
    result="keyframes mean what the artist saw",
)
@pytest.mark.parametrize("plate", ["display", "linear"])
@pytest.mark.parametrize("name", KEYFRAMES)
def test_a_keyframe_is_what_the_artist_saw(tmp_path, name, plate):
    picture, light = labelled(tmp_path / "k.png", name)
    if plate == "display":
        source = write_picture(tmp_path / "p.png", np.zeros((32, 48, 3), np.uint8))
        expected = srgb_encode(np.clip(light, 0, 1).astype(np.float32))
    else:
        source = write_picture(tmp_path / "p.exr", np.zeros((32, 48, 3), np.float16))
        expected = light
    from sparkvsr_engine.media.colour import plan_colour

    info = probe(SourceMedia(str(source)))
    sample = "uint8" if plate == "display" else "float32"
    plan = plan_colour(info, source, sample)
    result = supplied_to_model(picture, read_image(picture).pixels, info, plan, is_named=False)
    got = result if plate == "display" else plan.from_model(result, "float32")
    assert np.abs(got - expected).max() < 0.015
    assert colour_warning(1, picture, is_named=False) == ""


def test_a_linear_keyframe_comes_to_the_primaries_of_its_plate(tmp_path):
    ap1 = {"chromaticities": ("float[8]", primaries.AP1)}
    plate = write_picture(tmp_path / "p.exr", np.zeros((32, 48, 3), np.float32))
    picture = write_picture(tmp_path / "k.exr", RED, ap1)
    from sparkvsr_engine.media.colour import plan_colour

    info = probe(SourceMedia(str(plate)))
    plan = plan_colour(info, plate, "float32")
    result = plan.from_model(
        supplied_to_model(picture, read_image(picture).pixels, info, plan, is_named=False), "float32"
    )
    expected = RED @ primaries.conversion(primaries.AP1, primaries.REC709).T
    assert np.abs(result - expected).max() < 1e-3


CODES = {
    "PQ": ("a.0001.png", [(b"cICP", bytes([9, 16, 0, 1]))]),
    "HLG": ("a.0001.png", [(b"cICP", bytes([9, 18, 0, 1]))]),
    "film log": ("a.0001.dpx", "Logarithmic"),
    "printing density": ("a.0001.dpx", "Printing density"),
}


@covers(
    "kinds of pictures",
    "I. Colour tags of pictures",
    variants=", ".join(CODES),
    result="kept; reported where the target cannot label them, or they are taken for sRGB",
)
@pytest.mark.parametrize("extension", ["png", "jpg", "tif", "dpx"])
@pytest.mark.parametrize("kind", CODES)
def test_codes_of_their_own_are_kept_and_named_where_a_target_cannot_label_them(tmp_path, kind, extension):
    name, text = CODES[kind]
    if isinstance(text, list):
        source = png(tmp_path / name, RED, *text)
    else:
        pixels = np.rint(RED * 65535).astype(np.uint16)
        source = write_picture(tmp_path / name, pixels, {"oiio:BitsPerSample": 10, "dpx:Transfer": text})
    file, warnings = carried(source, tmp_path / "out" / f"b.%04d.{extension}", scale=1)
    pixels = read_image(file).pixels
    full = np.iinfo(pixels.dtype).max
    assert np.abs(pixels / full - RED).max() < 0.02
    is_labelled = extension == ("dpx" if name.endswith("dpx") else "png")
    assert any("to convert them" in warning for warning in warnings) == (not is_labelled)


def test_film_log_that_becomes_light_is_reported_as_read_as_srgb(tmp_path):
    codes = np.rint(RED * 65535).astype(np.uint16)
    source = write_picture(tmp_path / "a.0001.dpx", codes, {"dpx:Transfer": "Printing density"})
    _, warnings = carried(source, tmp_path / "out" / "b.%04d.exr", scale=1)
    assert "are film log and are taken for sRGB; name their space" in " ".join(warnings)


def test_a_profile_that_cannot_be_read_is_reported(tmp_path):
    picture = png(tmp_path / "k.png", RED, profile=empty_profile())
    assert "profile in the keyframe at 4 cannot be read" in colour_warning(4, picture, is_named=False)
    assert colour_warning(4, picture, is_named=True) == ""
    _, warnings = carried(picture, tmp_path / "out" / "b.%04d.exr", scale=1)
    assert any("colour profile" in warning for warning in warnings)
