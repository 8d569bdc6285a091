"""What is found wrong before a request is stored, and what of it becomes the job's own."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_bridge.errors import (
    InvalidSettings,
    KeyframeRejected,
    MediaUnreadable,
    OutputUnwritable,
    TargetExists,
)
from sparkvsr_bridge.media import ImageRef, PixelFormat, SourceMedia
from sparkvsr_bridge.pictures import open_image
from sparkvsr_bridge.settings import JobSpec, Keyframe, KeyframePolicy, OutputTarget, UpscaleSettings
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.intake import adopt_keyframes, check_request, require_whole, settle_pictures
from sparkvsr_engine.media.images import read_image, write_image
from sparkvsr_engine.media.probe import probe
from tests.fakes.media import write_movie, write_picture
from tests.fakes.scenes import scene
from tests.fakes.systems import IS_WINDOWS, make_link

GEOMETRY = Geometry(64, 48, 128, 96)
SETTINGS = UpscaleSettings(scale=2.0, policy=KeyframePolicy("manual"))


def spec_for(source, target, *keyframes, **changes):
    return JobSpec(
        SourceMedia(str(source)), OutputTarget(str(target)), replace(SETTINGS, **changes), keyframes
    )


def check(workshop, spec, tmp_path):
    return check_request(workshop.config, spec, tmp_path / "work")


def test_a_good_request_is_looked_at_and_nothing_is_written(workshop, plate, tmp_path):
    looked = check(workshop, spec_for(plate, tmp_path / "out" / "%04d.png", Keyframe(3)), tmp_path)
    assert (looked.geometry.width, looked.geometry.height) == (128, 96)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_keyframe_outside_the_frames_asked_for_is_refused(workshop, plate, tmp_path):
    spec = spec_for(plate, tmp_path / "%04d.png", Keyframe(5000))
    with pytest.raises(InvalidSettings, match="Keyframe 5000 lies outside"):
        check(workshop, spec, tmp_path)


def test_an_output_smaller_than_its_source_is_refused(workshop, plate, tmp_path):
    spec = spec_for(plate, tmp_path / "%04d.png", width=60, height=96)
    with pytest.raises(InvalidSettings, match="60x96 is smaller"):
        check(workshop, spec, tmp_path)


def test_a_frame_of_another_size_far_inside_is_found(workshop, tmp_path):
    for number in range(12):
        write_picture(tmp_path / f"{number:02d}.png", scene(number, 64, 48 if number != 9 else 50))
    with pytest.raises(MediaUnreadable, match="frame 9"):
        check(workshop, spec_for(tmp_path / "%02d.png", tmp_path / "out" / "%02d.png"), tmp_path)


def test_a_movie_cut_short_may_be_used_as_far_as_it_goes(tmp_path):
    info = probe(SourceMedia(str(write_movie(tmp_path / "clip.mp4", frames=12))))
    require_whole(replace(info, first_unreadable=12))
    require_whole(replace(info, first_unreadable=8, span=FrameSpan(0, 8)))
    with pytest.raises(MediaUnreadable, match="choose --frames 0-7") as refused:
        require_whole(replace(info, first_unreadable=8))
    assert refused.value.details == {"frame": 8}
    with pytest.raises(MediaUnreadable) as nothing_left:
        require_whole(replace(info, first_unreadable=0))
    assert "--frames" not in nothing_left.value.message


def test_a_movie_in_the_way_is_refused_and_frames_are_not(workshop, plate, tmp_path):
    movie = tmp_path / "there.mp4"
    movie.write_bytes(b"somebody's work")
    with pytest.raises(TargetExists, match="--overwrite"):
        check(workshop, spec_for(plate, movie), tmp_path)
    occupied = spec_for(plate, movie)
    check(workshop, replace(occupied, output=replace(occupied.output, overwrite=True)), tmp_path)
    assert movie.read_bytes() == b"somebody's work"
    write_picture(tmp_path / "0003.png", scene(0))
    check(workshop, spec_for(plate, tmp_path / "%04d.png"), tmp_path)


def test_the_source_is_found_under_any_name(workshop, plate, tmp_path):
    folder = tmp_path / "link"
    make_link(folder, Path(plate).parent)
    long_names = (f"\\\\?\\{plate}",) if IS_WINDOWS else ()
    for target in (plate, folder / "%04d.png", Path(plate).parent / "####.png", *long_names):
        with pytest.raises(InvalidSettings, match="write over the source"):
            check(workshop, spec_for(plate, target), tmp_path)
    check(workshop, spec_for(plate, tmp_path / "%04d.png"), tmp_path)


def test_the_source_is_found_where_capitals_and_umlauts_do_not_count(workshop, plate, tmp_path):
    """On such a disk both names are one file; here a second name of the file stands for that."""
    sources = tmp_path / "Mo\u0308we"
    sources.mkdir()
    for path in sorted(Path(plate).parent.glob("*.png")):
        shutil.copy(path, sources / f"F.{path.name}")
    if not (sources / "f.0000.png").exists():
        (sources / "f.0000.png").hardlink_to(sources / "F.0000.png")
    with pytest.raises(InvalidSettings, match="write over the source"):
        check(workshop, spec_for(str(sources / "F.%04d.png"), sources / "f.%04d.png"), tmp_path)
    check(workshop, spec_for(str(sources / "F.%04d.png"), sources / "g.%04d.png"), tmp_path)


def test_a_target_that_cannot_be_written_is_refused(workshop, plate, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputUnwritable):
        check(workshop, spec_for(plate, tmp_path / "file" / "out" / "%04d.png"), tmp_path)


def test_keyframe_pictures_become_the_jobs_own(tmp_path):
    image = tmp_path / "fixed.PNG"
    write_image(image, scene(3, 128, 96))
    matte = tmp_path / "matte.tif"
    write_image(matte, np.full((96, 128), 200, np.uint8))
    request = (Keyframe(3, ImageRef(path=str(image)), 0.5, ImageRef(path=str(matte))), Keyframe(7))
    first, second = adopt_keyframes(request, tmp_path / "job", GEOMETRY, None)
    pixels = read_image(image).pixels
    image.unlink()
    matte.unlink()
    assert Path(first.image.path).parent == tmp_path / "job"
    assert np.array_equal(read_image(first.image.path).pixels, pixels)
    assert read_image(first.matte.path).pixels.shape[:2] == (96, 128)
    assert (first.strength, second) == (0.5, Keyframe(7))
    assert sorted(path.suffix for path in (tmp_path / "job").iterdir()) == [".png", ".tif"]


@pytest.mark.parametrize("sample", ["uint8", "uint16", "float16", "float32"])
def test_a_picture_that_came_in_memory_becomes_a_file(tmp_path, sample):
    full = np.iinfo(sample).max if sample.startswith("u") else 1.0
    pixels = (scene(3, 128, 96) / 255 * full).astype(sample)

    picture = ImageRef(buffer=0, format=PixelFormat(128, 96, 3, sample))
    opener = partial(open_image, buffers=[pixels.tobytes()], folder=None)
    for settled in (
        adopt_keyframes((Keyframe(3, picture),), tmp_path / "job", GEOMETRY, opener),
        settle_pictures((Keyframe(3, picture),), tmp_path / "previews", opener),
    ):
        result = read_image(settled[0].image.path).pixels
        assert np.abs(result.astype(np.float64) - pixels.astype(np.float64)).max() <= full * 1e-3


def test_pictures_that_cannot_be_used_are_refused_by_their_own_name(tmp_path):
    text = tmp_path / "note.png"
    text.write_text("no picture")
    tiny = tmp_path / "tiny.png"
    write_image(tiny, scene(0, 16, 12))
    gone = tmp_path / "gone.png"
    for path in (text, tiny, gone):
        with pytest.raises(KeyframeRejected, match=path.name):
            adopt_keyframes((Keyframe(3, ImageRef(path=str(path))),), tmp_path / "job", GEOMETRY, None)
    good = tmp_path / "good.png"
    write_image(good, scene(3, 128, 96))
    masked = Keyframe(3, ImageRef(path=str(good)), 1.0, ImageRef(path=str(text)))
    with pytest.raises(KeyframeRejected, match=r"matte for frame 3 .*note\.png"):
        adopt_keyframes((masked,), tmp_path / "job", GEOMETRY, None)
