"""Files through the whole program with the identity at scale 1: every item compared with its source.

Results are read with OpenEXR, tifffile, OpenCV and FFmpeg's own program, never with what wrote them.
"""

from __future__ import annotations

import struct
from fractions import Fraction

import av
import cv2
import numpy as np
import OpenEXR
import pytest
import tifffile

from tests.compatibility.claims import covers
from tests.fakes.exr import channels, read_exr, texture, window, write_exr
from tests.fakes.ffmpeg import raw_frames
from tests.fakes.media import write_movie, write_picture
from tests.fakes.profiles import matrix_profile

WIDTH, HEIGHT = 40, 24
# Display P3 with a power no PNG or TIFF takes for sRGB.
PROFILE = matrix_profile((0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329), 1.8)
EQUAL = "equal"
ZIP = OpenEXR.ZIP_COMPRESSION
# Negative, -0, beyond 222 times white, half's largest, no numbers, the smallest half, and 1/3 in all digits.
ODD = (-1.0, -0.004, -0.0, 300.0, 65504.0, np.nan, np.inf, -np.inf, 6e-8, 222.0, 1 / 3, 0.5)


def through(program, source, target, *options):
    """What the program says of one round trip."""
    expected = ("--scale", 1, "--model", "identity", *options)
    return " ".join(event["message"] for event in program.upscale(source, target, *expected).named("warning"))


def odd_picture(sample, number=0):
    picture = texture(WIDTH, HEIGHT, shift=number).astype(sample)
    picture[0, : len(ODD)] = np.array(ODD, sample)[:, None]
    return picture


def of_bits(first, second):
    """`equal` for arrays of one type and the same bits, NaN and the sign of 0 included."""
    same = first.dtype == second.dtype and first.shape == second.shape and first.tobytes() == second.tobytes()
    return EQUAL if same else "differs"


def compared(before, after, left_out="left out"):
    """Item -> `equal`, `left out`, or what it became."""
    result = {}
    for name, value in before.items():
        if name not in after:
            result[name] = left_out
        else:
            is_same = str(np.asarray(value).tolist()) == str(np.asarray(after[name]).tolist())
            result[name] = EQUAL if is_same else f"becomes {after[name]}"
    return result


# What has to come back; anything that is not listed would fail the test.
EXR_ITEMS = {
    "picture R, G, B, A: values, NaN, infinities, -0": "equal",
    "objectId (uint, to 2^32 - 1)": "equal; in a part of its own where ids exceed 2^23",
    "crypto00 (float, hashes as floats)": "equal",
    "Z (float)": "equal",
    "N.X, N.Y, N.Z (half)": "equal",
    "motion.u, motion.v (float)": "equal",
    "diffuse (values as the picture's)": "equal",
    "overscan: data and display window": "equal",
    "channels' types": "equal",
    "owner, comments, capDate": "equal",
    "chromaticities, adoptedNeutral": "equal",
    "pixelAspectRatio, screenWindowWidth, screenWindowCenter": "equal",
    "cryptomatte/*": "equal",
    "own values: matrix, vector, box, float, int, list of words": "equal",
    "compression": "becomes zip",
}
EXR_HEADER = {
    "owner": "somebody",
    "comments": "ümlaut and 日本",
    "capDate": "2020:01:02 03:04:05",
    "chromaticities": (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767),
    "adoptedNeutral": np.array([0.32168, 0.33767], "f4"),
    "pixelAspectRatio": 2.0,
    "screenWindowWidth": 1.25,
    "screenWindowCenter": np.array([0.25, -0.5], "f4"),
    "cryptomatte/28322e9/name": "crypto",
    "cryptomatte/28322e9/manifest": '{"a":"00000001"}',
    "worldToCamera": np.arange(16, dtype="f4").reshape(4, 4),
    "sensor": np.array([4096, 2160], "i4"),
    "gain": 0.1,
    "take": 7,
    "words": ["a", "b"],
}


def exr_channels(sample, number):
    rng = np.random.default_rng(number)
    picture = odd_picture(sample, number)
    return {
        **channels(picture, sample=sample),
        "A": picture[..., 1] * 0.5 if sample == "f4" else (picture[..., 1] * np.float16(0.5)),
        "objectId": rng.integers(0, 2**32 - 1, (HEIGHT, WIDTH), dtype=np.uint32),
        **channels(rng.random((HEIGHT, WIDTH, 4)) * 1e9, "crypto00.", "RGBA", "f4"),
        "Z": (texture(WIDTH, HEIGHT)[..., 0] * 1e4).astype("f4"),
        **channels(texture(WIDTH, HEIGHT) * 2 - 1, "N.", "XYZ"),
        **channels(texture(WIDTH, HEIGHT) * 9, "motion.", "uv", "f4"),
        **channels(odd_picture(sample, number + 1), "diffuse.", sample=sample),
    }


@covers("round trips", "EXR half and EXR float, with passes", items=EXR_ITEMS)
@covers(
    "kinds of pictures",
    "C. Which channels are the picture",
    variants="half and float pictures with ids, cryptomatte, depth, normals, motion, colour pass, overscan",
    result="every channel of a round trip bit-equal in its own type",
)
@pytest.mark.parametrize("sample", ["f2", "f4"])
def test_exr_with_passes_comes_back_whole(program, tmp_path, sample):
    windows = {"displayWindow": window(4, 2, 24, 16), "dataWindow": window(-4, -2, WIDTH, HEIGHT)}
    for number in range(2):
        path = tmp_path / "in" / f"a.{number:04d}.exr"
        piz = {"compression": OpenEXR.PIZ_COMPRESSION}
        write_exr(path, exr_channels(sample, number), **EXR_HEADER, **windows, **piz)
    text = through(program, tmp_path / "in" / "a.%04d.exr", tmp_path / "out" / "%04d.exr")
    assert "come along" in text
    (_, before, source), *_ = read_exr(tmp_path / "in" / "a.0001.exr")
    parts = read_exr(tmp_path / "out" / "0001.exr")
    result = {name: values for _, _, part in parts for name, values in part.items()}
    assert set(result) == set(source)
    assert {name: of_bits(source[name], result[name]) for name in source} == dict.fromkeys(source, EQUAL)
    after = parts[0][1]
    header = compared({name: before[name] for name in before if name not in ("channels", "type")}, after)
    assert (before["compression"], header.pop("compression")) == (OpenEXR.PIZ_COMPRESSION, f"becomes {ZIP}")
    assert header == dict.fromkeys(header, EQUAL)
    assert {*EXR_HEADER, *windows} <= set(header)


@covers(
    "kinds of pictures",
    "E. NaN on the ways into model space",
    variants="NaN and infinities in the picture and its alpha, half and float, straight through a restorer"
    " that leaves them",
    result="they stay where they are; enlarged or restored they become numbers",
)
@pytest.mark.parametrize("options", [(), ("--input-colour", "ACEScg", "--output-colour", "ACEScg")])
@pytest.mark.parametrize("sample", ["f2", "f4"])
def test_plain_exr_keeps_every_bit(program, tmp_path, sample, options):
    if options:
        pytest.importorskip("PyOpenColorIO")
    write_exr(tmp_path / "a.0001.exr", channels(odd_picture(sample), sample=sample))
    through(program, tmp_path / "a.0001.exr", tmp_path / "out" / "b.%04d.exr", *options)
    source, result = (read_exr(tmp_path / name)[0][2] for name in ("a.0001.exr", "out/b.0001.exr"))
    assert {name: of_bits(source[name], result[name]) for name in source} == dict.fromkeys("RGB", EQUAL)


PLAIN_EXR_ITEMS = {
    "picture R, G, B: values, NaN, infinities, -0": "equal, with --input-colour too",
    "timeCode, framesPerSecond": "equal",
}


@covers("round trips", "EXR half and EXR float, plain", items=PLAIN_EXR_ITEMS)
def test_clocks_of_exr_come_back(program, tmp_path):
    clocks = {
        "smpte:TimeCode": ("timecode", (0x01020304, 0x12)),
        "framesPerSecond": ("rational", (24000, 1001)),
    }
    write_picture(tmp_path / "a.0001.exr", texture().astype("f2"), clocks)
    through(program, tmp_path / "a.0001.exr", tmp_path / "out" / "b.%04d.exr")
    before, after = (read_exr(tmp_path / name)[0][1] for name in ("a.0001.exr", "out/b.0001.exr"))
    for name in ("timeCode", "framesPerSecond"):
        assert str(before[name]) == str(after[name])
    assert str(before["framesPerSecond"]) == "24000/1001"


def test_grey_exr_keeps_every_bit(program, tmp_path):
    write_exr(tmp_path / "a.0001.exr", {"Y": odd_picture("f4")[..., 0]})
    through(program, tmp_path / "a.0001.exr", tmp_path / "out" / "b.%04d.exr")
    source, result = (read_exr(tmp_path / name)[0][2] for name in ("a.0001.exr", "out/b.0001.exr"))
    assert list(result) == ["Y"]
    assert of_bits(source["Y"], result["Y"]) == EQUAL


def deep_picture(number=0, channels=3):
    """uint16, every value of a code's low bits somewhere."""
    rng = np.random.default_rng(number)
    return rng.integers(0, 1 << 16, (HEIGHT, WIDTH, channels), dtype=np.uint16)


TIFF_ITEMS = {
    "16 bit R, G, B and straight alpha, colours under alpha 0 included": "equal",
    "bits per sample, photometric, extra sample (straight)": "equal",
    "ICC profile": "equal",
    "artist, document name, image description, copyright": "equal",
    "resolution and its unit": "left out: it speaks of the source's size",
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
    through(program, tmp_path / "a.%04d.tif", tmp_path / "out" / "%04d.tif")
    before, after = (tifffile.TiffFile(tmp_path / name) for name in ("a.0001.tif", "out/0001.tif"))
    with before, after:
        assert of_bits(before.asarray(), after.asarray()) == EQUAL
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
    result = compared({name: tags[0][name] for name in expected}, tags[1])
    assert result == dict.fromkeys(expected, EQUAL)
    assert (tags[0]["Software"], tags[1].get("Software")) == ("some host", None)
    assert (tags[0]["XResolution"], tags[1].get("XResolution")) == ((300, 1), None)


PNG_ITEMS = {
    "16 bit R, G, B and alpha, colours under alpha 0 included": "equal",
    "cICP": "equal",
    "iCCP": "equal",
    "gAMA, cHRM, sRGB": "equal; left out beside a cICP, which overrules them",
    "words (Title, Author)": "equal",
    "pHYs": "left out: it speaks of the source's size",
}
COLOUR_CHUNKS = ("iCCP", "gAMA", "cHRM", "sRGB")


@covers("round trips", "PNG, 16 bit", items=PNG_ITEMS)
@covers("pictures", "PNG", read="8, 16 bit; RGB, grey, alpha, palette", written="8, 16 bit; RGB, grey, alpha")
@pytest.mark.parametrize("said", ["cICP", "ICCProfile", "plain"])
def test_png_of_16_bits_comes_back_whole(program, tmp_path, said):
    attributes = {
        "cICP": {"CICP": ("int[4]", (12, 13, 0, 1))},
        "ICCProfile": {"ICCProfile": (f"uint8[{len(PROFILE)}]", np.frombuffer(PROFILE, np.uint8))},
        "plain": {},
    }[said]
    for number in range(2):
        pixels = deep_picture(number, 4)
        pixels[:4, :, 3] = 0
        write_picture(
            tmp_path / f"a.{number:04d}.png",
            pixels,
            {**attributes, "DocumentName": "a plate", "Artist": "somebody", "XResolution": 300.0},
        )
    through(program, tmp_path / "a.%04d.png", tmp_path / "out" / "%04d.png")
    first, second = tmp_path / "a.0001.png", tmp_path / "out" / "0001.png"
    pixels = [cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in (first, second)]
    assert of_bits(*pixels) == EQUAL
    assert pixels[0].dtype == np.uint16
    before, after = png_chunks(first), png_chunks(second)
    assert {"cICP": "cICP", "ICCProfile": "iCCP", "plain": "sRGB"}[said] in before
    expected = ["cICP"] if said == "cICP" else [name for name in before if name in COLOUR_CHUNKS]
    assert compared({name: before[name] for name in expected}, after) == dict.fromkeys(expected, EQUAL)
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
    through(program, tmp_path / "a.%04d.dpx", tmp_path / "out" / "%04d.dpx")
    first, second = tmp_path / "a.0001.dpx", tmp_path / "out" / "0001.dpx"
    assert of_bits(*(raw_frames(path, "gbrp10le", np.uint16) for path in (first, second))) == EQUAL
    before, after = dpx_header(first), dpx_header(second)
    assert (before["bits"], before["frame rate"]) == (10, 24)
    assert compared(before, after) == dict.fromkeys(before, EQUAL)


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
    through(program, source, target, "--codec", "prores_ks")
    first, second = (raw_frames(path, "yuva444p10le", np.uint16).astype(int) for path in (source, target))
    assert first.shape == second.shape
    planes = [values.reshape(6, 4, -1) for values in (first, second)]
    difference = np.abs(planes[0] - planes[1])
    assert difference[:, :3].mean() < 1
    assert difference[:, 3].max() <= 4
    before, after = described(source), described(target)
    assert before["times"] == [Fraction(number * 1001, 24000) for number in range(6)]
    assert compared(before, after) == dict.fromkeys(before, EQUAL)


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
