"""ICC profiles, checked against LittleCMS (through Pillow) and against the numbers they are made of."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from sparkvsr_engine.media.colours import primaries
from sparkvsr_engine.media.colours.curves import srgb_decode
from sparkvsr_engine.media.colours.profiles import (
    ProfileUnreadable,
    is_readable,
    is_srgb,
    light_to_profile,
    profile_to_light,
)
from tests.compatibility.claims import covers
from tests.fakes.profiles import grey_profile, matrix_profile, table_profile

CODES = np.random.default_rng(4).random((8, 16, 3)).astype(np.float32)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
CASES = {
    "Adobe RGB": (primaries.ADOBE_RGB, 563 / 256),
    "Display P3": (primaries.P3_D65, 2.2),
    "ProPhoto-like": ((0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001, 0.3457, 0.3585), 1.8),
    "Rec.2020": (primaries.REC2020, 2.4),
    "linear Rec.709": (primaries.REC709, 1.0),
}


@pytest.mark.parametrize("name", CASES)
def test_a_profile_means_its_primaries_and_its_curve(name):
    chromaticities, power = CASES[name]
    light = profile_to_light(CODES, matrix_profile(chromaticities, power))
    matrix = primaries.conversion(chromaticities, primaries.REC709)
    assert np.allclose(light, np.power(CODES, power) @ matrix.T, atol=3e-3)


@pytest.mark.parametrize("name", CASES)
def test_there_and_back_is_the_same(name):
    profile = matrix_profile(*CASES[name])
    assert np.allclose(light_to_profile(profile_to_light(CODES, profile), profile), CODES, atol=2e-3)


@pytest.mark.parametrize("name", ["Adobe RGB", "Display P3"])
def test_littlecms_computes_the_same(name):
    profile = matrix_profile(*CASES[name])
    eight = np.rint(CODES * 255).astype(np.uint8)
    converted = ImageCms.profileToProfile(
        Image.fromarray(eight), ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    )
    result = np.clip(profile_to_light(eight.astype(np.float32) / 255, profile), 0, 1)
    expected = srgb_decode(np.asarray(converted).astype(np.float32) / 255)
    assert np.abs(result - expected).max() < 0.02


def test_srgb_by_profile_is_srgb():
    assert is_readable(SRGB)
    assert is_srgb(SRGB)
    assert not is_srgb(matrix_profile(*CASES["Adobe RGB"]))


@pytest.mark.parametrize("broken", [b"", b"no profile", SRGB[:200], SRGB[:128] + struct.pack(">I", 0)])
def test_a_broken_profile_is_reported(broken):
    assert not is_readable(broken)
    with pytest.raises(ProfileUnreadable):
        profile_to_light(CODES, broken)


TABLES = {
    "tables of Adobe RGB": (primaries.ADOBE_RGB, 563 / 256),
    "tables of Display P3": (primaries.P3_D65, 2.2),
    "tables of Rec.709": (primaries.REC709, 1.8),
}


@covers(
    "kinds of pictures",
    "I. Colour tags of pictures",
    variants=", ".join(TABLES),
    result="profiles of tables and of grey are honoured through LittleCMS, as those of a matrix are",
)
@pytest.mark.parametrize("name", TABLES)
def test_a_profile_of_tables_is_read_by_its_tables(name):
    pytest.importorskip("imagecodecs")
    chromaticities, power = TABLES[name]
    profile = table_profile(chromaticities, power)
    assert is_readable(profile)
    light = profile_to_light(CODES, profile)
    matrix = primaries.conversion(chromaticities, primaries.REC709)
    assert np.allclose(light, np.power(CODES, power) @ matrix.T, atol=3e-3)
    # In light: near black a table of a curve has few codes.
    assert np.allclose(np.power(light_to_profile(light, profile), power), np.power(CODES, power), atol=3e-3)


@pytest.mark.parametrize("power", [1.0, 1.8, 2.2])
def test_a_profile_of_grey_means_its_curve(power):
    pytest.importorskip("imagecodecs")
    codes = np.repeat(CODES[..., :1], 3, axis=2)
    light = profile_to_light(codes, grey_profile(power))
    assert np.allclose(light, np.power(codes, round(power * 256) / 256), atol=3e-3)
    assert np.allclose(light_to_profile(light, grey_profile(power)), codes, atol=3e-3)


def test_without_littlecms_a_profile_of_tables_is_reported_as_unread(monkeypatch):
    from sparkvsr_engine.media.colours import littlecms

    def missing():
        raise littlecms.NoLittleCms("install it: pip install sparkvsr[colour]")

    monkeypatch.setattr(littlecms, "_library", missing)
    littlecms._xyz_profile.cache_clear()
    with pytest.raises(ProfileUnreadable, match=r"sparkvsr\[colour\]"):
        profile_to_light(CODES, table_profile(primaries.P3_D65, 1.5))
