"""Spherical, stereo and cropped pictures keep their labels; what a target cannot hold is named."""

from __future__ import annotations

import struct

import av
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import OutputTarget
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import OutputRequest
from sparkvsr_engine.media.movies.presentation import PLAIN, Immersion, Sphere
from sparkvsr_engine.media.opening import open_sink, plan_output
from sparkvsr_engine.media.probe import probe
from tests.engine.media.movies.test_describing import with_box
from tests.fakes.ffmpeg import X264, ffmpeg
from tests.fakes.media import number_in, numbered_picture, write_movie

FRAMES = 5


def box(kind, content):
    return struct.pack(">I4s", 8 + len(content), kind) + content


def sphere_box(shape, pose=(0, 0, 0)):
    """Google's sv3d, written by its RFC, not by the engine."""
    proj = box(b"proj", box(b"prhd", struct.pack(">I3i", 0, *pose)) + shape)
    return box(b"sv3d", box(b"svhd", bytes(4) + b"camera\0") + proj)


EQUIRECTANGULAR = box(b"equi", bytes(20))
CUT = box(b"equi", struct.pack(">5I", 0, 1 << 30, 1 << 29, 0, 0))
CUBE = box(b"cbmp", struct.pack(">3I", 0, 0, 4))
TOP_BOTTOM, LEFT_RIGHT = (box(b"st3d", bytes([0, 0, 0, 0, mode])) for mode in (1, 2))
KINDS = {
    "sphere": (sphere_box(EQUIRECTANGULAR), Immersion("", Sphere(0, (0, 0, 0), (0, 0, 0, 0), 0))),
    "turned": (
        sphere_box(EQUIRECTANGULAR, (30 << 16, -5 << 16, 1 << 15)),
        Immersion("", Sphere(0, (30 << 16, -5 << 16, 1 << 15), (0, 0, 0, 0), 0)),
    ),
    "cut": (sphere_box(CUT), Immersion("", Sphere(2, (0, 0, 0), (0, 1 << 30, 0, 1 << 29), 0))),
    "cube": (sphere_box(CUBE), Immersion("", Sphere(1, (0, 0, 0), (0, 0, 0, 0), 4))),
    "top_bottom": (TOP_BOTTOM, Immersion("top_bottom")),
    "stereo sphere": (
        LEFT_RIGHT + sphere_box(EQUIRECTANGULAR),
        Immersion("left_right", Sphere(0, (0, 0, 0), (0, 0, 0, 0), 0)),
    ),
}


def immersive_movie(folder, boxes):
    return with_box(write_movie(folder / "source.mp4", frames=FRAMES), b"avc1", boxes)


def stereo_movie(folder, word):
    source = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=0.2", *X264)
    ffmpeg(folder, *source, "-metadata:s:v", f"stereo_mode={word}", f"{word}.mkv")
    return folder / f"{word}.mkv"


def rendered(info, target, codec="", scale=2):
    """The warnings before rendering, and the finished movie."""
    size = (info.width * scale, info.height * scale)
    request = OutputRequest(OutputTarget(str(target), codec), info.span, *size, target.parent / "work")
    plan = plan_output(info, request)
    sink = open_sink(plan)
    with sink.open_run(info.span) as run:
        for number in info.span:
            run.write(numbered_picture(number, *size, sample=plan.sample, channels=plan.channels))
    sink.finish([info.span])
    return plan.warnings


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", ""),
        ("a.mp4", "libx265"),
        ("a.mov", "prores_ks"),
        ("a.mkv", "libx264"),
        ("a.mkv", "ffv1"),
        ("a.webm", "libvpx-vp9"),
        ("a.mp4", "libsvtav1"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_sphere_and_two_views_are_kept(tmp_path, kind, name, codec):
    boxes, immersion = KINDS[kind]
    info = probe(SourceMedia(str(immersive_movie(tmp_path, boxes))))
    assert info.presentation.immersion == immersion
    assert not [text for text in rendered(info, tmp_path / name, codec) if "carried" in text]
    result = probe(SourceMedia(str(tmp_path / name)))
    if kind == "cube":
        immersion = Immersion("", Sphere(1, (0, 0, 0), (0, 0, 0, 0), 8))
    assert result.presentation.immersion == immersion
    with av.open(str(tmp_path / name)) as container:
        picture = [number_in(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]
    assert picture == list(range(FRAMES))


@pytest.mark.parametrize("word", ["left_right", "right_left", "top_bottom", "bottom_top"])
def test_two_views_of_a_matroska_movie_are_kept_in_one(tmp_path, word):
    info = probe(SourceMedia(str(stereo_movie(tmp_path, word))))
    assert info.presentation.immersion == Immersion(word)
    assert not [text for text in rendered(info, tmp_path / "a.mkv") if "views" in text]
    assert probe(SourceMedia(str(tmp_path / "a.mkv"))).presentation.immersion == Immersion(word)


@pytest.mark.parametrize(
    ("word", "target", "sentence"),
    [
        ("right_left", "a.mp4", "two stereo views (right and left)"),
        ("left_right", "a.%04d.png", "two stereo views (left and right)"),
        ("row_interleaved_lr", "a.mkv", "mixed line by line"),
        ("checkerboard_lr", "a.mp4", "mixed line by line"),
    ],
)
def test_two_views_that_cannot_be_kept_are_named_before_rendering(tmp_path, word, target, sentence):
    info = probe(SourceMedia(str(stereo_movie(tmp_path, word))))
    warnings = rendered(info, tmp_path / target)
    assert len([text for text in warnings if sentence in text]) == 1


def test_a_sphere_that_cannot_be_kept_is_named_before_rendering(tmp_path):
    info = probe(SourceMedia(str(immersive_movie(tmp_path, KINDS["sphere"][0]))))
    warnings = rendered(info, tmp_path / "a.%04d.png")
    assert len([text for text in warnings if "spherical (equirectangular)" in text]) == 1


CROPS = {
    "even": ((96, 1, 48, 1, 0, 1, 0, 1), (0, 8, 0, 8)),
    "aside": ((80, 1, 48, 1, 4, 1, -2, 1), (12, 6, 4, 10)),
    "half a pixel": ((95, 1, 63, 1, 1, 2, 1, 2), (1, 1, 0, 0)),
}


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", ""), ("a.mov", "prores_ks"), ("a.mkv", "libx264"), ("a.webm", "libvpx-vp9")]
)
@pytest.mark.parametrize("crop", CROPS)
def test_a_crop_of_the_container_shows_the_same_part_of_the_result(tmp_path, crop, name, codec):
    numbers, edges = CROPS[crop]
    clean = box(b"clap", struct.pack(">iIiIiIiI", *numbers))
    info = probe(SourceMedia(str(immersive_movie(tmp_path, clean))))
    cut = info.presentation.cut
    assert (cut.left, cut.top, cut.right, cut.bottom) == edges
    assert not [text for text in rendered(info, tmp_path / name, codec) if "crop" in text]
    cut = probe(SourceMedia(str(tmp_path / name))).presentation.cut
    assert (cut.left, cut.top, cut.right, cut.bottom) == tuple(2 * edge for edge in edges)


def test_a_crop_of_matroska_is_kept_in_quicktime(tmp_path):
    clean = box(b"clap", struct.pack(">iIiIiIiI", 96, 1, 48, 1, 0, 1, 0, 1))
    rendered(
        probe(SourceMedia(str(immersive_movie(tmp_path, clean)))), tmp_path / "a.mkv", "libx264", scale=1
    )
    info = probe(SourceMedia(str(tmp_path / "a.mkv")))
    rendered(info, tmp_path / "b.mov")
    cut = probe(SourceMedia(str(tmp_path / "b.mov"))).presentation.cut
    assert (cut.left, cut.top, cut.right, cut.bottom) == (0, 16, 0, 16)


def test_a_flat_movie_gets_no_warning(tmp_path):
    info = probe(SourceMedia(str(write_movie(tmp_path / "flat.mp4", frames=FRAMES))))
    assert (info.presentation, info.span) == (PLAIN, FrameSpan(0, FRAMES))
    rendered(info, tmp_path / "a.mp4")
    assert b"st3d" not in (tmp_path / "a.mp4").read_bytes()
