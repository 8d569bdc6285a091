"""Small streams that were copied by other programs: the tag lost, the keyframes left out or coded again."""

from __future__ import annotations

import av
import numpy as np
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.movies.small_streams.keyframe_track import decode_keyframes
from sparkvsr_engine.media.movies.small_streams.sizes import full_size_of
from sparkvsr_engine.media.movies.small_streams.tag import TAG_NAME
from sparkvsr_engine.media.probe import probe
from tests.fakes.streams import numbered_source, pack_movie, packed_movie


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARKVSR_HOME", str(tmp_path_factory.mktemp("home")))
        # Unlike Matroska, MP4 has times of decoding, which a copy needs.
        return packed_movie(tmp_path_factory.mktemp("small"), "small.mp4")


def copied(source, target, words, tracks=None, titled=True):
    """A copy without decoding, as `ffmpeg -c copy` makes one. words: of the whole file, in place of its."""
    with av.open(str(source)) as read, _written(target) as written:
        written.metadata.update(words)
        copies = {}
        for stream in read.streams if tracks is None else [read.streams[at] for at in tracks]:
            copies[stream.index] = written.add_stream_from_template(stream, opaque=True)
            if titled:
                copies[stream.index].metadata.update(stream.metadata)
        for packet in read.demux(*[read.streams[at] for at in copies]):
            if packet.size:
                packet.stream = copies[packet.stream.index]
                written.mux(packet)
    return target


def _written(target):
    return av.open(str(target), "w", options={"avoid_negative_ts": "disabled"})


def words_of(path):
    with av.open(str(path)) as container:
        return dict(container.metadata)


def keyframes_of(path):
    info = probe(SourceMedia(str(path)))
    return dict(decode_keyframes(path, info.keyframes, info.keyframes.frames, info.colour))


@pytest.mark.parametrize("name", ["copy.mkv", "copy.mp4"])
def test_a_copy_without_the_tag_still_brings_its_keyframes_and_names_what_is_lost(small, tmp_path, name):
    copy = copied(small, tmp_path / name, {})
    info = probe(SourceMedia(str(copy)))
    assert (full_size_of(str(copy)), info.keyframes.frames) == ((192, 128), (0, 6))
    assert any("left its tag out" in text and "use_metadata_tags" in text for text in info.warnings)
    expected = keyframes_of(small)
    assert all(np.array_equal(pixels, expected[frame]) for frame, pixels in keyframes_of(copy).items())


def test_a_copy_with_the_tag_is_as_good_as_the_first(small, tmp_path):
    info = probe(SourceMedia(str(copied(small, tmp_path / "copy.mkv", words_of(small)))))
    assert (info.keyframes.frames, info.keyframes.missing, info.warnings) == ((0, 6), (), ())


def test_a_copy_of_the_small_movie_alone_is_restored_blind_and_warns(small, tmp_path):
    copy = copied(small, tmp_path / "copy.mkv", words_of(small), tracks=[0])
    info = probe(SourceMedia(str(copy)))
    assert (full_size_of(str(copy)), info.keyframes.frames) == ((192, 128), ())
    assert any("at 0, 6 are missing or damaged" in text for text in info.warnings)


def test_without_tag_and_title_a_copy_is_a_movie_like_any(small, tmp_path):
    copy = copied(small, tmp_path / "copy.mkv", {}, titled=False)
    info = probe(SourceMedia(str(copy)))
    assert (full_size_of(str(copy)), info.keyframes, info.warnings) == ((0, 0), None, ())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("1 size=", "2 size="), "is of format 2, which this SparkVSR cannot read"),
        (("size=192x128", "size=nonsense"), "has a damaged tag"),
    ],
)
def test_a_tag_that_cannot_be_read_is_reported(small, tmp_path, change, sentence):
    words = {TAG_NAME: words_of(small)[TAG_NAME].replace(*change)}
    info = probe(SourceMedia(str(copied(small, tmp_path / "copy.mkv", words))))
    assert info.keyframes is None
    assert [sentence in text for text in info.warnings] == [True]


def test_the_small_movie_is_the_default_track_whatever_its_source_was(tmp_path):
    # Matroska of one track without the flag, as FFmpeg writes it.
    source = copied(numbered_source(tmp_path), tmp_path / "source.mkv", {})
    target = tmp_path / "packed.mkv"
    pack_movie(source, target)
    with av.open(str(target)) as container:
        flags = [
            bool(stream.disposition & av.stream.Disposition.default) for stream in container.streams.video
        ]
    assert flags == [True, False]
