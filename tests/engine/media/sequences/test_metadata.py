"""Standard header values of EXR files through a carrier at scale 2, read with the EXR library itself."""

from fractions import Fraction

import numpy as np
import OpenEXR
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.probe import probe
from tests.compatibility.claims import covers
from tests.fakes.exr import carried, channels, read_exr, texture, write_exr

# OpenEXR's StandardAttributes.h: all that describe the shot, the camera and the lens, and colours.
STANDARD = {
    "owner": "o",
    "comments": "c",
    "capDate": "2020:01:02 03:04:05",
    "utcOffset": 3600.0,
    "longitude": 1.5,
    "latitude": 2.5,
    "altitude": 3.5,
    "focus": 4.5,
    "expTime": 0.02,
    "aperture": 2.8,
    "isoSpeed": 800.0,
    "envmap": OpenEXR.ENVMAP_LATLONG,
    "keyCode": OpenEXR.KeyCode(1, 2, 3, 4, 5, 6, 20),
    "framesPerSecond": Fraction(24000, 1001),
    "whiteLuminance": 100.0,
    "adoptedNeutral": np.array([0.31, 0.32], "f4"),
    "renderingTransform": "rt",
    "lookModTransform": "lm",
    "cameraMake": "mk",
    "cameraModel": "md",
    "cameraSerialNumber": "sn",
    "cameraCCTSetting": 5600.0,
    "cameraColorBalance": np.array([1, 2], "f4"),
    "lensModel": "lx",
    "nominalFocalLength": 35.0,
    "tStop": 2.0,
    "imageCounter": 7,
    "reelName": "r1",
    "captureRate": Fraction(24, 1),
    "shutterAngle": 180.0,
    "sensorOverallDimensions": np.array([1, 2], "f4"),
    "worldToNDC": np.eye(4, dtype="f4"),
    "worldToCamera": np.eye(4, dtype="f4"),
    "ascFramingDecisionList": "{}",
    "view": "left",
    "nuke/node_hash": "abc",
}


@covers(
    "kinds of pictures",
    "J. Headers",
    variants="36 standard and hosts' own EXR attributes, each alone and all together; ACES containers",
    result="equal in the result; the flag of an ACES container is left out, its primaries stay",
)
@pytest.mark.parametrize("name", [*STANDARD, "all"])
def test_standard_values_come_along(tmp_path, name):
    inputs = STANDARD if name == "all" else {name: STANDARD[name]}
    write_exr(tmp_path / "a.0001.exr", channels(texture()), **inputs)
    (_, result, _), *_ = carried(tmp_path / "a.0001.exr", tmp_path / "out" / "b.%04d.exr")[0]
    before = read_exr(tmp_path / "a.0001.exr")[0][1]
    for item in inputs:
        assert str(result[item]) == str(before[item]), item


def test_the_rate_is_found_under_its_standard_name(tmp_path):
    write_exr(tmp_path / "a.0001.exr", channels(texture()), framesPerSecond=Fraction(24000, 1001))
    assert probe(SourceMedia(str(tmp_path / "a.0001.exr"))).rate == Fraction(24000, 1001)


@pytest.mark.parametrize("names_primaries", [True, False])
def test_the_flag_of_an_aces_container_is_no_claim_of_the_result(tmp_path, names_primaries):
    ap0 = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
    header = {"chromaticities": ap0} if names_primaries else {}
    write_exr(tmp_path / "a.0001.exr", channels(texture()), acesImageContainerFlag=1, **header)
    (_, result, values), *_ = carried(tmp_path / "a.0001.exr", tmp_path / "out" / "b.%04d.exr", 1)[0]
    assert "acesImageContainerFlag" not in result
    assert np.allclose(result["chromaticities"], ap0, atol=1e-5)
    assert np.array_equal(values["R"], texture()[..., 0].astype("f2"))
