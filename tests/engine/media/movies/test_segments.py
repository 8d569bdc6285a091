import os
from pathlib import Path

import av
import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings, OutputUnwritable
from sparkvsr_engine.media.colours.tags import ColourTags
from sparkvsr_engine.media.movies.writing.codecs import MovieTraits, Picture, make_encoding
from sparkvsr_engine.media.movies.writing.segments import SegmentWriter, check_encoder, write_segment
from sparkvsr_engine.media.movies.yuv import RgbReader
from tests.compatibility.claims import covers
from tests.fakes.media import FILM_RATE, number_in, numbered_picture

HDR = ColourTags(9, 16, 9, full_range=False)
SDR = ColourTags(1, 1, 1, full_range=False)


def encoding_of(name, codec="", bits=8, alpha=False, tags=SDR, size=(96, 64)):
    width, height = size
    picture = Picture(width, height, bits, alpha)
    return make_encoding(name, codec, 0, picture, MovieTraits(FILM_RATE, tags=tags))


def pictures(encoding, numbers):
    for number in numbers:
        yield numbered_picture(number, encoding.width, encoding.height, encoding.sample, encoding.channels)


@covers("movies", "WebM", written="VP9")
@covers("movies", "Matroska (MKV)", written="H.264, FFV1 with alpha")
@covers("movies", "QuickTime (MOV)", written="ProRes 422 HQ, 4444 with alpha")
@covers("movies", "MP4", written="H.264 (8 bit), HEVC (10 bit); odd sizes")
@pytest.mark.parametrize(
    ("name", "codec", "bits", "alpha", "tags", "size"),
    [
        ("a.mp4", "", 8, False, SDR, (96, 64)),
        ("a.mp4", "", 10, False, HDR, (96, 64)),
        ("a.mov", "", 8, False, SDR, (96, 64)),
        ("a.mov", "", 10, True, HDR, (96, 64)),
        ("a.mkv", "ffv1", 8, True, SDR, (96, 64)),
        ("a.mkv", "", 8, False, SDR, (96, 64)),
        ("a.webm", "", 8, False, SDR, (96, 64)),
        ("a.mp4", "", 8, False, SDR, (95, 63)),
        ("a.mov", "", 10, False, SDR, (95, 63)),
        ("a.mkv", "", 8, False, ColourTags(1, 1, 1, full_range=True), (96, 64)),
    ],
)
def test_a_segment_holds_its_frames_its_size_and_its_tags(tmp_path, name, codec, bits, alpha, tags, size):
    encoding = encoding_of(name, codec, bits, alpha, tags, size)
    write_segment(tmp_path / name, pictures(encoding, range(10)), encoding)
    with av.open(str(tmp_path / name)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        assert (stream.width, stream.height) == size
        assert stream.average_rate == FILM_RATE
    rgb = RgbReader(encoding.tags, size[1])
    result = [rgb.rgb(frame) for frame in frames]
    assert [number_in(pixels) for pixels in result] == list(range(10))
    assert frames[0].key_frame
    assert (frames[0].color_primaries, frames[0].color_trc) == (tags.primaries, tags.transfer)
    if not frames[0].format.is_rgb:
        assert (frames[0].colorspace, frames[0].color_range) == (tags.matrix, 2 if tags.full_range else 1)
    expected = next(pictures(encoding, [4]))
    off = (
        result[4][16:, :, :3] / np.iinfo(result[4].dtype).max
        - expected[16:, :, :3] / np.iinfo(expected.dtype).max
    )
    assert np.abs(off).mean() < 0.01
    assert np.abs(off.mean()) < 0.0025


def test_nothing_is_left_when_the_frames_fail(tmp_path):
    encoding = encoding_of("a.mp4")

    def failing():
        yield from pictures(encoding, range(5))
        raise RuntimeError("the restorer fell over")

    with pytest.raises(RuntimeError, match="fell over"):
        write_segment(tmp_path / "a.mp4", failing(), encoding)
    assert list(tmp_path.iterdir()) == []


def test_the_final_name_appears_only_when_all_is_written(tmp_path):
    encoding = encoding_of("a.mp4")
    with SegmentWriter(tmp_path / "a.mp4", encoding) as segment:
        for pixels in pictures(encoding, range(5)):
            segment.write(pixels)
        assert [path.name for path in tmp_path.iterdir()] == ["a.partial.mp4"]
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_a_segment_without_frames_is_no_segment(tmp_path):
    with pytest.raises(OutputUnwritable, match="got no frames"):
        write_segment(tmp_path / "a.mp4", [], encoding_of("a.mp4"))
    assert list(tmp_path.iterdir()) == []


def test_a_frame_of_the_wrong_kind_is_a_defect_of_the_caller(tmp_path):
    encoding = encoding_of("a.mp4")
    with pytest.raises(ValueError, match="uint16"):
        write_segment(tmp_path / "a.mp4", [numbered_picture(0, sample="uint16")], encoding)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OutputUnwritable, match="folder is not there"):
        write_segment(tmp_path / "no" / "a.mp4", [numbered_picture(0)], encoding_of("a.mp4"))


def test_an_encoder_that_cannot_is_found_before_the_work():
    check_encoder(encoding_of("a.mp4"))
    with pytest.raises(InvalidSettings, match="dnxhd cannot write 96x64"):
        check_encoder(encoding_of("a.mov", "dnxhd", bits=10))


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted as Linux lists them")
@pytest.mark.parametrize("codec", ["libx264", "libx265", "libsvtav1"])
def test_an_encoder_is_gone_with_its_segment_although_the_writer_stays(tmp_path, codec):
    def threads():
        return len(list(Path("/proc/self/task").iterdir()))

    encoding = encoding_of("a.mkv", codec)
    before = threads()
    with SegmentWriter(tmp_path / "whole.mkv", encoding) as whole:
        for picture in pictures(encoding, range(3)):
            whole.write(picture)
    assert threads() <= before
    half = SegmentWriter(tmp_path / "half.mkv", encoding)
    half.write(next(pictures(encoding, [1])))
    half.__exit__(KeyError)
    assert threads() <= before
    assert whole is not half


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="this system has no such policies")
def test_no_thread_becomes_a_real_time_one_where_av1_is_encoded(tmp_path):
    def policies():
        threads = [int(path.name) for path in Path("/proc/self/task").iterdir()]
        return {os.sched_getscheduler(thread) for thread in threads}

    before = policies()
    encoding = encoding_of("a.mkv", "libsvtav1")
    check_encoder(encoding)
    assert policies() == before
    with SegmentWriter(tmp_path / "a.mkv", encoding) as segment:
        assert policies() == before
        for picture in pictures(encoding, range(3)):
            segment.write(picture)
    assert policies() == before
