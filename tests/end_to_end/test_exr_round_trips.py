"""EXR through the whole program with the identity at scale 1: every item compared with its source.

Results are read with OpenEXR, never with what wrote them.
"""

from __future__ import annotations

import numpy as np
import OpenEXR
import pytest

from tests.compatibility.claims import covers
from tests.fakes.exr import channels, read_exr, texture, window, write_exr
from tests.fakes.media import write_picture
from tests.fakes.round_trips import (
    EQUAL,
    HEIGHT,
    WIDTH,
    bit_comparison,
    item_comparison,
    odd_picture,
    round_trip_warnings,
)

ZIP = OpenEXR.ZIP_COMPRESSION

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
    text = round_trip_warnings(program, tmp_path / "in" / "a.%04d.exr", tmp_path / "out" / "%04d.exr")
    assert "come along" in text
    (_, before, source), *_ = read_exr(tmp_path / "in" / "a.0001.exr")
    parts = read_exr(tmp_path / "out" / "0001.exr")
    result = {name: values for _, _, part in parts for name, values in part.items()}
    assert set(result) == set(source)
    assert {name: bit_comparison(source[name], result[name]) for name in source} == dict.fromkeys(
        source, EQUAL
    )
    after = parts[0][1]
    header = item_comparison(
        {name: before[name] for name in before if name not in ("channels", "type")}, after
    )
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
    round_trip_warnings(program, tmp_path / "a.0001.exr", tmp_path / "out" / "b.%04d.exr", *options)
    source, result = (read_exr(tmp_path / name)[0][2] for name in ("a.0001.exr", "out/b.0001.exr"))
    assert {name: bit_comparison(source[name], result[name]) for name in source} == dict.fromkeys(
        "RGB", EQUAL
    )


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
    round_trip_warnings(program, tmp_path / "a.0001.exr", tmp_path / "out" / "b.%04d.exr")
    before, after = (read_exr(tmp_path / name)[0][1] for name in ("a.0001.exr", "out/b.0001.exr"))
    for name in ("timeCode", "framesPerSecond"):
        assert str(before[name]) == str(after[name])
    assert str(before["framesPerSecond"]) == "24000/1001"


def test_grey_exr_keeps_every_bit(program, tmp_path):
    write_exr(tmp_path / "a.0001.exr", {"Y": odd_picture("f4")[..., 0]})
    round_trip_warnings(program, tmp_path / "a.0001.exr", tmp_path / "out" / "b.%04d.exr")
    source, result = (read_exr(tmp_path / name)[0][2] for name in ("a.0001.exr", "out/b.0001.exr"))
    assert list(result) == ["Y"]
    assert bit_comparison(source["Y"], result["Y"]) == EQUAL
