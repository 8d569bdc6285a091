"""Files through the whole program with the identity at scale 1: every item compared with its source.

Results are read with tifffile, OpenCV and FFmpeg's own program, never with what wrote them.
"""

from __future__ import annotations

import struct
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
import tifffile

from tests.compatibility.claims import covers
from tests.fakes.ffmpeg import raw_frames
from tests.fakes.media import write_movie, write_picture
from tests.fakes.profiles import matrix_profile
from tests.fakes.round_trips import EQUAL, HEIGHT, WIDTH, bit_comparison, item_comparison, round_trip_warnings

# Display P3 with a power no PNG or TIFF takes for sRGB.
PROFILE = matrix_profile((0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329), 1.8)


def deep_picture(number=0, channels=3):
    """uint16, every value of a code's low bits somewhere."""
    rng = np.random.default_rng(number)
    return rng.integers(0, 1 << 16, (HEIGHT, WIDTH, channels), dtype=np.uint16)


TIFF_ITEMS = {
    "16 bit R, G, B and straight alpha, colours under alpha 0 included": "equal",
    "bits per sample, photometric, extra sample (straight)": "equal",
    "ICC profile": "equal",
    "artist, document name, image description, copyright": "equal",
    "resolution and its unit": "left out: it is of the source's size",
    "software": "left out: it wrote the source",
}


@covers("round trips", "TIFF, 16 bit", items=TIFF_ITEMS)
@covers("pictures", "TIFF", read="8, 16 bit, float; RGB, grey, alpha", written="8, 16 bit, float; LZW")
def test_tiff_of_16_bits_comes_back_whole(program, tmp_path):
    for number in range(2):
        pixels = deep_picture(number, 4)
        pixels[:4, :, 3] = 0
        tifffile.imwrite(
            tmp_path / f"a.{number:04d}.tif",
            pixels,
            photometric="rgb",
            extrasamples=["unassalpha"],
            resolution=(300, 300),
            resolutionunit="inch",
            software="some host",
            description="a plate",
            iccprofile=PROFILE,
            extratags=[(315, 2, None, "somebody", True), (33432, 2, None, "nobody", True)],
            metadata=None,
        )
    round_trip_warnings(program, tmp_path / "a.%04d.tif", tmp_path / "out" / "%04d.tif")
    before, after = (tifffile.TiffFile(tmp_path / name) for name in ("a.0001.tif", "out/0001.tif"))
    with before, after:
        assert bit_comparison(before.asarray(), after.asarray()) == EQUAL
        tags = [{tag.name: tag.value for tag in file.pages[0].tags.values()} for file in (before, after)]
    expected = (
        "BitsPerSample",
        "PhotometricInterpretation",
        "ExtraSamples",
        "SamplesPerPixel",
        "Artist",
        "Copyright",
        "ImageDescription",
        "InterColorProfile",
    )
    result = item_comparison({name: tags[0][name] for name in expected}, tags[1])
    assert result == dict.fromkeys(expected, EQUAL)
    assert (tags[0]["Software"], tags[1].get("Software")) == ("some host", None)
    assert (tags[0]["XResolution"], tags[1].get("XResolution")) == ((300, 1), None)


PNG_ITEMS = {
    "16 bit R, G, B and alpha, colours under alpha 0 included": "equal",
    "cICP": "equal",
    "iCCP": "equal",
    "gAMA, cHRM, sRGB": "equal; left out beside a cICP, which overrules them",
    "words (Title, Author)": "equal",
    "pHYs": "left out: it is of the source's size",
}
COLOUR_CHUNKS = ("iCCP", "gAMA", "cHRM", "sRGB")


@covers("round trips", "PNG, 16 bit", items=PNG_ITEMS)
@covers("pictures", "PNG", read="8, 16 bit; RGB, grey, alpha, palette", written="8, 16 bit; RGB, grey, alpha")
@pytest.mark.parametrize("label", ["cICP", "ICCProfile", "plain"])
def test_png_of_16_bits_comes_back_whole(program, tmp_path, label):
    attributes = {
        "cICP": {"CICP": ("int[4]", (12, 13, 0, 1))},
        "ICCProfile": {"ICCProfile": (f"uint8[{len(PROFILE)}]", np.frombuffer(PROFILE, np.uint8))},
        "plain": {},
    }[label]
    for number in range(2):
        pixels = deep_picture(number, 4)
        pixels[:4, :, 3] = 0
        write_picture(
            tmp_path / f"a.{number:04d}.png",
            pixels,
            {**attributes, "DocumentName": "a plate", "Artist": "somebody", "XResolution": 300.0},
        )
    round_trip_warnings(program, tmp_path / "a.%04d.png", tmp_path / "out" / "%04d.png")
    first, second = tmp_path / "a.0001.png", tmp_path / "out" / "0001.png"
    pixels = [cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in (first, second)]
    assert bit_comparison(*pixels) == EQUAL
    assert pixels[0].dtype == np.uint16
    before, after = png_chunks(first), png_chunks(second)
    assert {"cICP": "cICP", "ICCProfile": "iCCP", "plain": "sRGB"}[label] in before
    expected = ["cICP"] if label == "cICP" else [name for name in before if name in COLOUR_CHUNKS]
    assert item_comparison({name: before[name] for name in expected}, after) == dict.fromkeys(expected, EQUAL)
    assert "pHYs" in before
    assert "pHYs" not in after
    texts = [after.get(name, b"") for name in ("tEXt", "iTXt", "Title", "Author")]
    for word in (b"a plate", b"somebody"):
        assert any(word in text for text in texts)


def png_chunks(path):
    """Chunk name -> content; texts under their keyword."""
    data, at, result = path.read_bytes(), 8, {}
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        content = data[at + 8 : at + 8 + length]
        key = content.split(b"\0")[0].decode("latin-1") if name in (b"tEXt", b"iTXt") else name.decode()
        result[key] = content
        at += 12 + length
    return result


DPX_ITEMS = {
    "10 bit codes": "equal",
    "file name, creator, project, copyright": "creator becomes OpenImageIO's own; project, copyright equal",
    "frame rate, timecode": "equal",
    "transfer, colorimetric": "equal",
}
# SMPTE 268M: where the header has them, big endian. (name, offset, struct)
DPX_FIELDS = (
    ("project", 260, ">200s"),
    ("copyright", 460, ">200s"),
    ("transfer", 801, ">B"),
    ("colorimetric", 802, ">B"),
    ("bits", 803, ">B"),
    ("timecode", 1920, ">I"),
    ("frame rate", 1724, ">f"),
)


@covers("round trips", "DPX, 10 bit", items=DPX_ITEMS)
@covers("pictures", "DPX", read="8, 10, 12, 16 bit", written="8, 10, 12, 16 bit as the source")
def test_dpx_of_10_bits_comes_back_whole(program, tmp_path):
    rng = np.random.default_rng(1)
    for number in range(2):
        codes = rng.integers(0, 1024, (HEIGHT, WIDTH, 3)).astype(np.uint16)
        write_picture(
            tmp_path / f"a.{number:04d}.dpx",
            codes << 6 | codes >> 4,
            {
                "oiio:BitsPerSample": 10,
                "DocumentName": "project",
                "Copyright": "nobody",
                "dpx:FrameRate": 24.0,
                "smpte:TimeCode": ("timecode", (0x01020304, 0)),
                "dpx:Transfer": "Printing density",
                "dpx:Colorimetric": "Printing density",
            },
        )
    round_trip_warnings(program, tmp_path / "a.%04d.dpx", tmp_path / "out" / "%04d.dpx")
    first, second = tmp_path / "a.0001.dpx", tmp_path / "out" / "0001.dpx"
    assert bit_comparison(*(raw_frames(path, "gbrp10le", np.uint16) for path in (first, second))) == EQUAL
    before, after = dpx_header(first), dpx_header(second)
    assert (before["bits"], before["frame rate"]) == (10, 24)
    assert item_comparison(before, after) == dict.fromkeys(before, EQUAL)


def dpx_header(path):
    data = path.read_bytes()
    order = {b"SDPX": ">", b"XPDS": "<"}[data[:4]]
    values = {name: struct.unpack_from(order + kind[1:], data, at)[0] for name, at, kind in DPX_FIELDS}
    return {
        name: value.split(b"\0")[0].decode() if isinstance(value, bytes) else value
        for name, value in values.items()
    }


PRORES_ITEMS = {
    "pictures and alpha": "within the codec: 1 of 1023 on average, alpha within 1 of 255",
    "frames and their times": "equal",
    "colour tags, range": "equal",
    "timecode": "equal",
}


@covers("round trips", "ProRes 4444 with alpha", items=PRORES_ITEMS)
def test_prores_4444_with_alpha_comes_back(program, tmp_path):
    source = write_movie(
        tmp_path / "a.mov",
        frames=6,
        codec="prores_ks",
        pixel_format="yuva444p10le",
        options={"profile": "4"},
        channels=4,
        tags=(1, 1, 1, 1),
        timecode="01:00:00:00",
    )
    target = tmp_path / "b.mov"
    round_trip_warnings(program, source, target, "--codec", "prores_ks")
    first, second = (raw_frames(path, "yuva444p10le", np.uint16).astype(int) for path in (source, target))
    assert first.shape == second.shape
    planes = [values.reshape(6, 4, -1) for values in (first, second)]
    difference = np.abs(planes[0] - planes[1])
    assert difference[:, :3].mean() < 1
    assert difference[:, 3].max() <= 4
    before, after = described(source), described(target)
    assert before["times"] == [Fraction(number * 1001, 24000) for number in range(6)]
    assert item_comparison(before, after) == dict.fromkeys(before, EQUAL)


def described(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        return {
            "times": [frame.pts * frame.time_base for frame in frames],
            "tags": [
                (frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range)
                for frame in frames
            ],
            "timecode": next(
                item.metadata["timecode"] for item in container.streams if "timecode" in item.metadata
            ),
            "rate": stream.average_rate,
        }
