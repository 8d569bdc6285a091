"""What a movie holds beside its pictures: kept where the target can, named before rendering where
not.
"""

from __future__ import annotations

import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import OutputTarget
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import OutputRequest
from sparkvsr_engine.media.colours.tags import UNSPECIFIED, ColourTags, judged_rows
from sparkvsr_engine.media.movies.light import encoder_options
from sparkvsr_engine.media.movies.reader import MovieReader
from sparkvsr_engine.media.movies.writing.codecs import MovieTraits, Picture, make_encoding
from sparkvsr_engine.media.movies.writing.segments import write_segment
from sparkvsr_engine.media.opening import plan_output
from sparkvsr_engine.media.probe import probe
from tests.compatibility.claims import covers
from tests.fakes.ffmpeg import X264, ffmpeg
from tests.fakes.media import numbered_picture, write_movie

PQ = ColourTags(9, 16, 9, full_range=False)
DULL = "eq=saturation=0.3"
HDR10 = (
    "log-level=error:hdr10=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:"
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"
)


def look(path):
    return probe(SourceMedia(str(path)))


def plan(info, folder, name, width, height):
    request = OutputRequest(OutputTarget(str(folder / name)), info.span, width, height, folder / "work")
    return plan_output(info, request)


def with_box(path, entry, box):
    """An MP4 with one more box in the sample entry `entry` of its picture."""
    data = bytearray(path.read_bytes())
    at, chain = data.rfind(entry) - 4, []

    def walk(start, end):
        while start < end:
            size, kind = struct.unpack(">I4s", data[start : start + 8])
            if start <= at < start + size:
                chain.append(start)
                if kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"):
                    walk(start + (16 if kind == b"stsd" else 8), start + size)
            start += size

    walk(0, len(data))
    end = at + struct.unpack(">I", data[at : at + 4])[0]
    for start in chain:
        data[start : start + 4] = struct.pack(
            ">I", struct.unpack(">I", data[start : start + 4])[0] + len(box)
        )
    data[end:end] = box
    target = path.with_name(f"boxed-{path.name}")
    target.write_bytes(data)
    return target


@covers("kinds of movies", "Shape", variants="crops of MP4, Matroska", result="reported")
def test_a_clean_aperture_that_is_not_applied_is_named(tmp_path):
    plain = write_movie(tmp_path / "bars.mp4", frames=3)
    assert look(plain).presentation.cut is None
    box = struct.pack(">I4s8I", 40, b"clap", 96, 1, 48, 1, 0, 1, 0, 1)
    info = look(with_box(plain, b"avc1", box))
    notes = [text for text in plan(info, tmp_path, "a.%04d.png", 96, 64).warnings if "crop" in text]
    assert len(notes) == 1
    assert "crop (96x48 of 96x64)" in notes[0]
    whole = struct.pack(">I4s8I", 40, b"clap", 96, 1, 64, 1, 0, 1, 0, 1)
    assert look(with_box(plain, b"avc1", whole)).presentation.cut is None


@covers("kinds of movies", "Light and labels", variants="Dolby Vision 5 and 8", result="reported")
@pytest.mark.parametrize(("profile", "sentence"), [(5, "green and purple"), (8, "base layer alone")])
def test_dolby_vision_is_named(tmp_path, profile, sentence):
    plain = write_movie(tmp_path / "plain.mp4", frames=3)
    box = struct.pack(">I4s", 32, b"dvcC") + bytes([1, 0, profile << 1, 13, 0]) + bytes(19)
    assert sentence in " ".join(look(with_box(plain, b"avc1", box)).warnings)


@covers(
    "kinds of movies",
    "Light and labels",
    variants="HDR10 mastering display, light levels",
    result="kept in HEVC",
)
def test_hdr10_light_is_read_and_written(tmp_path):
    source = f"testsrc2=s=64x48:r=24:d=0.2,{DULL},format=yuv420p10le"
    ffmpeg(tmp_path, "-f", "lavfi", "-i", source, "-c:v", "libx265", "-x265-params", HDR10, "hdr.mp4")
    info = look(tmp_path / "hdr.mp4")
    assert info.light.brightest == (1000, 400)
    assert (info.light.display.highest, info.light.display.lowest) == (1000, Fraction(1, 10000))
    encoding = make_encoding(
        "a.mp4", "", 0, Picture(96, 64, 10), MovieTraits(Fraction(24), tags=PQ, light=info.light)
    )
    assert encoding.warnings == ()
    write_segment(tmp_path / "a.mp4", (numbered_picture(n, sample="uint16") for n in range(3)), encoding)
    assert look(tmp_path / "a.mp4").light == info.light
    second = make_encoding(
        "a.mov", "", 0, Picture(96, 64, 10), MovieTraits(Fraction(24), tags=PQ, light=info.light)
    )
    assert any("HDR10" in warning for warning in second.warnings)
    assert encoder_options("prores_ks", info.light) == {}


@covers(
    "kinds of movies",
    "Subtitles and other tracks",
    variants="timecodes of tags, groups, tracks",
    result="kept",
)
def test_a_timecode_is_read_whatever_letters_its_name_has(tmp_path):
    ffmpeg(
        tmp_path, "-f", "lavfi", "-i", "color=red:s=64x48:r=25:d=0.2", *X264, "-metadata:s:v:0",
        "TIMECODE=10:20:30:05", "tc.mkv",
    )  # fmt: skip
    assert look(tmp_path / "tc.mkv").timecode == "10:20:30:05"


def test_a_groups_timecode_is_read_where_somebody_set_it(tmp_path):
    for name, code in (("set.m2v", ("-gop_timecode", "01:02:03:04")), ("unset.m2v", ())):
        source = ("-f", "lavfi", "-i", "color=red:s=64x48:r=25:d=0.2", "-c:v", "mpeg2video")
        ffmpeg(tmp_path, *source, *code, name)
    assert look(tmp_path / "set.m2v").timecode == "01:02:03:04"
    assert look(tmp_path / "unset.m2v").timecode == ""


@pytest.mark.parametrize("codec", ["libvpx-vp9", "libvpx"])
def test_the_alpha_of_a_webm_is_read_in_any_order(tmp_path, codec):
    picture = np.zeros((48, 64, 4), np.uint8)
    picture[..., :3], picture[:, :32, 3] = (150, 90, 60), 255
    size = ("-f", "rawvideo", "-pix_fmt", "rgba", "-s", "64x48", "-r", "25", "-i", "-")
    ffmpeg(
        tmp_path, *size, "-c:v", codec, "-pix_fmt", "yuva420p", "-auto-alt-ref", "0", "-b:v", "1M",
        "cut.webm", standard_input=picture.tobytes() * 6,
    )  # fmt: skip
    info = look(tmp_path / "cut.webm")
    assert info.has_alpha
    assert any("alpha" in note for note in info.warnings)
    reader = MovieReader(info)
    for number in (5, 0, 3, 2):
        alpha = reader.read(number).pixels[24, :, 3] / 65535
        assert alpha[8] > 0.95
        assert alpha[56] < 0.05


@covers(
    "kinds of movies", "Shape", variants="anamorphic sources to other sizes", result="shown in their shape"
)
@pytest.mark.parametrize(
    ("size", "aspect", "is_labelled"),
    [
        ((320, 180), Fraction(1), False),
        ((360, 288), Fraction(64, 45), False),
        ((360, 360), Fraction(16, 9), True),
    ],
)
def test_pixels_take_the_shape_that_keeps_the_pictures(tmp_path, size, aspect, is_labelled):
    info = look(
        write_movie(tmp_path / "pal.mp4", frames=2, width=180, height=144, pixel_aspect=Fraction(64, 45))
    )
    planned = plan(info, tmp_path, "out.mp4", *size)
    assert planned.movie.movie.encoding.pixel_aspect == aspect
    assert any("another shape" in warning for warning in planned.warnings) == is_labelled


@covers(
    "kinds of movies",
    "Light and labels",
    variants="full range to ProRes, DNxHR, H.264",
    result="full range only where it can be labelled",
)
@pytest.mark.parametrize(
    ("target", "codec", "keeps_range"),
    [
        ("a.mov", "", False),
        ("a.mp4", "", True),
        ("a.mkv", "ffv1", True),
        ("a.mov", "dnxhd", False),
        ("a.mkv", "prores_ks", False),
    ],
)
def test_full_range_is_written_only_where_it_can_be_labelled(target, codec, keeps_range):
    tags = ColourTags(1, 1, 1, full_range=True)
    encoding = make_encoding(target, codec, 0, Picture(96, 64, 8), MovieTraits(Fraction(25), tags=tags))
    assert encoding.tags.full_range == keeps_range


def test_greys_of_a_full_range_source_are_the_same_in_prores(tmp_path):
    tags = ColourTags(1, 1, 1, full_range=True)
    encoding = make_encoding("a.mov", "", 0, Picture(128, 64, 8), MovieTraits(Fraction(25), tags=tags))
    levels = (30, 90, 160, 225)
    grey = np.repeat(np.repeat(np.array(levels, np.uint16) * 257, 32)[None, :], 64, 0)
    write_segment(tmp_path / "a.mov", [np.repeat(grey[..., None], 3, 2)], encoding)
    with av.open(str(tmp_path / "a.mov")) as container:
        frame = next(container.decode(video=0))
        luma = np.frombuffer(bytes(frame.planes[0]), "<u2").reshape(-1, frame.planes[0].line_size // 2)
    picture = [(luma[32, at] / 4 - 16) * 255 / 219 for at in (16, 48, 80, 112)]
    assert picture == pytest.approx(levels, abs=2)


@pytest.mark.parametrize(
    ("width", "height", "is_hd"),
    [
        (1280, 720, True),
        (1280, 536, True),
        (720, 1280, True),
        (720, 576, False),
        (1024, 600, True),
        (640, 360, False),
    ],
)
def test_an_untagged_movie_is_judged_by_both_sides(width, height, is_hd):
    assert (ColourTags().matrix_for(judged_rows(width, height)) == 1) == is_hd


@pytest.mark.parametrize(
    ("codes", "shares"),
    [((123, 102, 92), [60.050, 149.318, 69.667]), ((122, 101, 91), [57.093, 148.900, 66.390])],
)
def test_an_untagged_film_without_its_bars_is_read_by_bt709_exactly(tmp_path, codes, shares):
    """Y, U, V of limited range are, by H.273's arithmetic for BT.709, these shares of 255.

    (60, 150, 70) of 255 is 123, 102, 92 where it is rounded; swscale without `accurate_rnd` cuts it off to
    122, 101, 91, in which that blue is no more.
    """
    planes = b"".join(
        bytes([code]) * size for code, size in zip(codes, (1280 * 536, 640 * 268, 640 * 268), strict=True)
    )
    ffmpeg(
        tmp_path, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "1280x536", "-r", "24", "-i", "-", "-c:v",
        "ffv1", "scope.mkv", standard_input=planes,
    )  # fmt: skip
    info = look(tmp_path / "scope.mkv")
    assert info.colour.matrix == UNSPECIFIED
    pixels = MovieReader(info).read(0).pixels / 65535 * 255
    assert pixels.reshape(-1, 3).min(0) == pytest.approx(shares, abs=0.03)
    assert pixels.reshape(-1, 3).max(0) == pytest.approx(shares, abs=0.03)


def test_grey_that_is_tagged_limited_is_read_as_limited(tmp_path):
    ffmpeg(
        tmp_path, "-f", "rawvideo", "-pix_fmt", "gray", "-s", "64x48", "-r", "25", "-i", "-", "-c:v", "ffv1",
        "-vf", "setparams=range=limited", "-color_range", "tv", "grey.mkv",
        standard_input=bytes([126]) * 64 * 48 * 2,
    )  # fmt: skip
    info = look(tmp_path / "grey.mkv")
    assert info.is_grey
    assert info.colour.full_range is False
    assert MovieReader(info).read(1).pixels[24, 32].tolist() == [128, 128, 128]


def test_an_animated_png_is_a_movie(tmp_path):
    source = ("-f", "lavfi", "-i", f"testsrc2=s=48x32:r=10:d=0.4,{DULL}", "-c:v", "apng")
    ffmpeg(tmp_path, *source, "-f", "apng", "a.png")
    info = look(tmp_path / "a.png")
    assert (info.kind, info.span, info.warnings) == ("movie", FrameSpan(0, 4), ())
