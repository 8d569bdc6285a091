from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from sparkvsr_bridge.errors import InvalidSettings, MediaUnreadable
from sparkvsr_bridge.media import MediaInfo, SourceMedia
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.colours.tags import ColourTags
from sparkvsr_engine.media.probe import identity_of, probe
from tests.compatibility.claims import covers
from tests.fakes.media import FILM_RATE, numbered_picture, write_movie, write_picture, write_sequence


def look(path, first=None, last=None):
    return probe(SourceMedia(str(path), first, last))


def test_a_film_clip_is_described_exactly(tmp_path):
    path = write_movie(tmp_path / "a.mp4", frames=30, audio="aac", pixel_aspect=Fraction(4, 3))
    info = look(path)
    assert (info.kind, info.width, info.height) == ("movie", 96, 64)
    assert info.available == info.span == FrameSpan(0, 30)
    assert info.rate == FILM_RATE
    assert not info.variable_rate
    assert info.duration == 30 / FILM_RATE
    assert (info.sample, info.bit_depth, info.pixel_format) == ("uint8", 8, "yuv420p")
    assert info.has_audio
    assert not info.has_alpha
    assert info.pixel_aspect == Fraction(4, 3)
    assert info.first_unreadable is None


def test_an_hdr_clip_is_described_with_depth_and_tags(tmp_path):
    path = write_movie(
        tmp_path / "a.mp4",
        codec="libx265",
        pixel_format="yuv420p10le",
        tags=(9, 16, 9, 1),
        options={"x265-params": "log-level=error"},
    )
    info = look(path)
    assert (info.sample, info.bit_depth) == ("uint16", 10)
    assert info.colour == ColourTags(9, 16, 9, full_range=False)
    assert info.media_info().colour == "BT.2020 PQ"


def test_a_prores_clip_is_described_with_alpha_and_timecode(tmp_path):
    path = write_movie(
        tmp_path / "a.mov",
        frames=4,
        codec="prores_ks",
        pixel_format="yuva444p10le",
        channels=4,
        options={"profile": "4444"},
        timecode="01:00:00:00",
    )
    info = look(path)
    assert info.has_alpha
    assert info.timecode == "01:00:00:00"


def test_a_varying_rate_is_reported(tmp_path):
    pts = [0, 3000, 6100, 9000, 13000, 16000, 21000, 24000, 26000, 30000]
    info = look(write_movie(tmp_path / "a.mp4", frames=10, time_base=Fraction(1, 90000), pts=pts))
    assert info.variable_rate
    assert float(info.rate) == pytest.approx(10 / (33754 / 90000), rel=1e-3)


@pytest.mark.parametrize(
    ("name", "codec", "options", "is_interlaced"),
    [
        ("a.mp4", "libx264", {"x264-params": "tff=1"}, True),
        ("a.mpg", "mpeg2video", {"flags": "+ilme+ildct"}, True),
        ("a.mp4", "libx264", {}, False),
    ],
)
def test_fields_are_reported_with_the_remedy(tmp_path, name, codec, options, is_interlaced):
    path = write_movie(tmp_path / name, frames=4, codec=codec, options=options, rate=Fraction(25))
    info = look(path)
    assert info.is_interlaced == info.media_info().interlaced == is_interlaced
    assert ["deinterlace it first" in warning for warning in info.warnings] == [True] * is_interlaced


def test_hosts_get_the_inclusive_form(tmp_path):
    info = look(write_movie(tmp_path / "a.mp4", frames=10), 2, 5).media_info()
    assert isinstance(info, MediaInfo)
    assert (info.first_frame, info.last_frame, info.frames) == (2, 5, 4)
    assert info.rate == (24000, 1001)


@pytest.mark.parametrize(
    ("timecode", "first", "expected"),
    [("00:59:59;28", None, "00:59:59;28"), ("00:59:59;28", 3, "01:00:00;01"), ("", None, None)],
)
def test_hosts_get_the_timecode_of_the_first_frame_and_the_pixels_shape(tmp_path, timecode, first, expected):
    rate = Fraction(30000, 1001)
    path = write_movie(
        tmp_path / "a.mov", frames=8, rate=rate, timecode=timecode, pixel_aspect=Fraction(4, 3)
    )
    info = look(path, first).media_info()
    assert (info.timecode, info.pixel_aspect) == (expected, (4, 3))


@pytest.mark.parametrize("pattern", ["a.%04d.exr", "a.####.exr", ""])
def test_a_sequence_is_found_by_pattern_or_folder(tmp_path, pattern):
    attributes = {
        "FramesPerSecond": ("rational", (25, 1)),
        "PixelAspectRatio": 2.0,
        "smpte:TimeCode": ("timecode", (0x01000005, 0)),
    }
    write_sequence(tmp_path, "a.%04d.exr", range(1001, 1011), attributes, sample="float16", channels=4)
    info = look(tmp_path / pattern)
    assert info.kind == "sequence"
    assert info.available == FrameSpan(1001, 1011)
    assert info.rate == 25
    assert (info.sample, info.bit_depth, info.has_alpha, info.is_premultiplied) == ("float16", 16, True, True)
    assert info.is_scene_linear
    assert info.pixel_aspect == 2
    assert info.timecode == "01:00:00:05"


def test_a_sequences_timecode_is_that_of_its_first_frame_whatever_is_looked_at(tmp_path):
    for number in (1, 2, 3):
        code = {
            "smpte:TimeCode": ("timecode", (0x01000000 + number, 0)),
            "FramesPerSecond": ("rational", (24, 1)),
        }
        write_sequence(tmp_path, "a.%04d.exr", [number], code, sample="float16")
    assert look(tmp_path, 3, 3).timecode == "01:00:00:01"


def test_a_single_picture_is_a_sequence_of_one(tmp_path):
    write_sequence(tmp_path, "a.%04d.png", [7, 8])
    info = look(tmp_path / "a.0007.png")
    assert info.available == FrameSpan(7, 8)
    write_picture(tmp_path / "still.png", numbered_picture(1))
    assert look(tmp_path / "still.png").available == FrameSpan(0, 1)


def test_a_number_sign_in_a_movies_name_is_no_pattern(tmp_path):
    assert look(write_movie(tmp_path / "take #2.mp4", frames=3)).kind == "movie"


@pytest.mark.parametrize(("first", "last"), [(0, 10), (-1, 5), (10, 12), (500, None)])
def test_a_range_outside_is_refused_with_what_there_is(tmp_path, first, last):
    path = write_movie(tmp_path / "a.mp4", frames=10)
    with pytest.raises(InvalidSettings, match="which has 0-9"):
        look(path, first, last)


def test_a_gap_counts_only_inside_the_range(tmp_path):
    write_sequence(tmp_path, "a.%04d.png", [1, 2, 3, 7, 8])
    with pytest.raises(MediaUnreadable, match="frames 4-6 are missing"):
        look(tmp_path)
    assert look(tmp_path, 7, 8).span == FrameSpan(7, 9)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("no.mp4", None, "no such file"),
        ("zero.mp4", b"", "0 bytes"),
        ("text.mp4", b"this is no movie\n" * 99, "no media file"),
        ("zero.png", b"", "0 bytes"),
        ("no.png", None, "no such file|no file"),
        ("no.%04d.png", None, "no file matches"),
    ],
)
def test_what_cannot_be_read_is_refused_with_one_sentence(tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(MediaUnreadable, match=words) as caught:
        look(tmp_path / name)
    assert caught.value.message.endswith(".")
    assert "\n" not in caught.value.message


def test_the_identity_follows_the_files(tmp_path):
    write_sequence(tmp_path, "a.%04d.png", range(1, 5))
    info = look(tmp_path)
    assert identity_of(info) == info.identity == look(tmp_path, 2, 3).identity
    part = identity_of(info, FrameSpan(1, 3))
    write_sequence(tmp_path, "a.%04d.png", [4], width=100)
    assert identity_of(info) != info.identity
    assert identity_of(info, FrameSpan(1, 3)) == part
    movie = look(write_movie(tmp_path / "a.mp4", frames=3))
    write_movie(tmp_path / "a.mp4", frames=4)
    assert identity_of(movie) != movie.identity
    (tmp_path / "a.mp4").unlink()
    with pytest.raises(MediaUnreadable, match="no such file"):
        identity_of(movie)


def test_a_movie_cut_short_still_promises_its_frames(tmp_path):
    path = write_movie(tmp_path / "a.mp4", frames=60, container_options={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    info = look(path)
    assert info.available == FrameSpan(0, 60)
    assert 0 < info.first_unreadable < 60


@pytest.mark.parametrize("extension", ["avif", "heic", "gif"])
def test_numbered_pictures_of_a_kind_that_is_not_read_are_refused_for_that(tmp_path, extension):
    for number in range(3):
        (tmp_path / f"a.{number:04d}.{extension}").write_bytes(b"whatever it is")
    with pytest.raises(MediaUnreadable, match=f"3 .{extension} files, a format that is not read"):
        probe(SourceMedia(str(tmp_path / f"a.%04d.{extension}")))


def test_numbered_psd_is_a_sequence(tmp_path):
    image = pytest.importorskip("PIL.Image")
    psd = pytest.importorskip("psd_tools").PSDImage
    for number in range(2):
        psd.frompil(image.fromarray(numbered_picture(number))).save(str(tmp_path / f"a.{number:04d}.psd"))
    info = probe(SourceMedia(str(tmp_path / "a.%04d.psd")))
    assert (len(info.span), info.width, info.height) == (2, 96, 64)


def test_luminance_with_subsampled_chroma_is_refused_for_that(tmp_path):
    openexr = pytest.importorskip("OpenEXR")
    imath = pytest.importorskip("Imath")
    half = imath.PixelType(imath.PixelType.HALF)
    header = openexr.Header(96, 64)
    header["channels"] = {
        name: imath.Channel(half, step, step) for name, step in (("Y", 1), ("RY", 2), ("BY", 2))
    }
    luminance = numbered_picture(5, sample="float16")[..., 0]
    chroma = np.zeros((32, 48), np.float16).tobytes()
    file = openexr.OutputFile(str(tmp_path / "yc.0001.exr"), header)
    file.writePixels({"Y": luminance.tobytes(), "RY": chroma, "BY": chroma})
    file.close()
    with pytest.raises(MediaUnreadable, match="channels are of different sizes") as refusal:
        probe(SourceMedia(str(tmp_path / "yc.0001.exr")))
    assert "damaged" not in refusal.value.message


@covers(
    "pictures", "WebP", read="8 bit", written="8 bit, lossy", reported="animated ones, refused with advice"
)
@pytest.mark.parametrize(
    ("name", "kind"), [*((f"{item}.webp", "WebP") for item in ("a", "a.0001")), ("b.0001.png", "PNG")]
)
def test_animated_pictures_are_refused_where_only_the_first_could_be_read(tmp_path, name, kind):
    pictures = [Image.fromarray(numbered_picture(number)) for number in range(4)]
    pictures[0].save(tmp_path / name, save_all=True, append_images=pictures[1:], duration=100)
    request = name if kind == "WebP" else "b.%04d.png"
    with pytest.raises(MediaUnreadable, match=rf"animated {kind}.* save it as"):
        look(tmp_path / request)
    pictures[0].save(tmp_path / name)
    assert look(tmp_path / request).span == FrameSpan(*{"a.webp": (0, 1)}.get(name, (1, 2)))
