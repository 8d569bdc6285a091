from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.media.colours.tags import ColourTags
from sparkvsr_engine.media.movies.writing import codec_tables
from sparkvsr_engine.media.movies.writing.codecs import MovieTraits, Picture, make_encoding, quality_options

FILM = MovieTraits(Fraction(24000, 1001))


@pytest.mark.parametrize(
    ("target", "bits", "alpha", "codec", "pixel_format", "tag"),
    [
        ("a.mp4", 8, False, "libx264", "yuv420p", ""),
        ("a.mkv", 8, False, "libx264", "yuv420p", ""),
        ("a.mp4", 10, False, "libx265", "yuv420p10le", "hvc1"),
        ("a.mkv", 12, False, "libx265", "yuv420p10le", ""),
        ("a.mov", 8, False, "prores_ks", "yuv422p10le", ""),
        ("a.mov", 10, True, "prores_ks", "yuva444p10le", ""),
        ("a.webm", 8, False, "libvpx-vp9", "yuv420p", ""),
        ("A.MP4", 8, False, "libx264", "yuv420p", ""),
    ],
)
def test_the_container_has_its_usual_codec(target, bits, alpha, codec, pixel_format, tag):
    encoding = make_encoding(target, "", 0, Picture(64, 48, bits, alpha), FILM)
    assert (encoding.codec, encoding.pixel_format, encoding.tag) == (codec, pixel_format, tag)
    assert encoding.warnings == ()


@pytest.mark.parametrize(
    ("codec", "bits", "alpha", "pixel_format"),
    [
        ("ffv1", 8, False, "bgr0"),
        ("ffv1", 10, False, "gbrp10le"),
        ("ffv1", 16, True, "gbrap16le"),
        ("libx264", 10, False, "yuv420p10le"),
        ("libsvtav1", 10, False, "yuv420p10le"),
    ],
)
def test_a_named_codec_keeps_depth_and_alpha(codec, bits, alpha, pixel_format):
    assert make_encoding("a.mkv", codec, 0, Picture(64, 48, bits, alpha), FILM).pixel_format == pixel_format


@pytest.mark.parametrize("codec", [name for name in codec_tables.QUALITY if name != "libaom-av1"])
def test_quality_goes_from_worst_to_best_without_a_step_back(codec):
    values = [int(next(iter(quality_options(codec, quality).values()))) for quality in range(1, 101)]
    option, best, worst, usual = codec_tables.QUALITY[codec]
    assert values[0] == worst
    assert values[-1] == best
    assert values == sorted(values, reverse=True)
    assert quality_options(codec, 0) == {option: str(usual)}


@pytest.mark.parametrize(
    ("quality", "profile"), [(0, "hq"), (1, "proxy"), (40, "lt"), (75, "standard"), (100, "hq")]
)
def test_prores_quality_is_its_profile(quality, profile):
    assert quality_options("prores_ks", quality) == {"profile": profile}


def test_a_quality_nobody_understands_is_refused():
    with pytest.raises(InvalidSettings, match="no quality scale"):
        quality_options("cfhd", 50)
    assert quality_options("ffv1", 50) == {}


@given(st.integers(1, 400), st.integers(1, 400), st.sampled_from([8, 10]))
def test_every_size_has_a_pixel_format_and_odd_ones_keep_their_size(width, height, bits):
    encoding = make_encoding("a.mp4", "", 0, Picture(width, height, bits), FILM)
    is_odd = width % 2 or height % 2
    assert encoding.pixel_format.startswith("yuv444p" if is_odd else "yuv420p")
    assert bool(encoding.warnings) == bool(is_odd)
    assert (encoding.width, encoding.height) == (width, height)


def test_losses_are_reported():
    assert "no alpha" in make_encoding("a.mp4", "", 0, Picture(64, 48, 8, True), FILM).warnings[0]
    wide = MovieTraits(Fraction(24), Fraction(4, 3))
    assert "pixel aspect 4/3" in make_encoding("a.mkv", "ffv1", 0, Picture(64, 48, 8), wide).warnings[0]
    assert make_encoding("a.mkv", "", 0, Picture(64, 48, 8), wide).warnings == ()
    assert "8 bits" in make_encoding("a.mkv", "mpeg4", 0, Picture(64, 48, 10), FILM).warnings[0]


@pytest.mark.parametrize(
    ("target", "codec", "words"),
    [
        ("a.avi", "", "no movie name"),
        ("a.mp4", "nosuch", "no encoder called nosuch"),
        ("a.mp4", "aac", "not for pictures"),
        ("a.mp4", "prores_ks", "cannot be put into .mp4"),
    ],
)
def test_what_cannot_be_is_refused(target, codec, words):
    with pytest.raises(InvalidSettings, match=words):
        make_encoding(target, codec, 0, Picture(64, 48, 8), FILM)


def test_tags_always_name_a_matrix():
    assert make_encoding("a.mp4", "", 0, Picture(1920, 1080, 8), FILM).tags == ColourTags(1, 1, 1, False)
