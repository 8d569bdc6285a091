from fractions import Fraction

import numpy as np
import pytest

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.media.sequences.reader import SequenceReader
from sparkvsr_engine.media.sequences.survey import surveyed
from tests.fakes.media import number_in, numbered_picture, write_picture, write_sequence


def test_frames_are_read_by_their_own_numbers(tmp_path):
    pattern = write_sequence(tmp_path, "a.%04d.png", range(1001, 1006))
    reader = SequenceReader(probe(SourceMedia(str(pattern))))
    assert [number_in(reader.read(number).pixels) for number in (1005, 1001, 1003)] == [1005, 1001, 1003]
    assert reader.read(1003).pts is None
    with pytest.raises(MediaUnreadable, match="no frame 1006; it has 1001-1005"):
        reader.read(1006)


def test_times_come_from_the_headers_rate(tmp_path):
    rate = {"FramesPerSecond": ("rational", (24000, 1001))}
    pattern = write_sequence(tmp_path, "a.%04d.exr", range(1001, 1004), rate, sample="float16")
    assert SequenceReader(probe(SourceMedia(str(pattern)))).read(1003).pts == 2 / Fraction(24000, 1001)


def test_a_frame_of_another_size_is_named_with_both_sizes(tmp_path):
    pattern = write_sequence(tmp_path, "a.%04d.png", range(1, 6))
    write_picture(tmp_path / "a.0004.png", numbered_picture(4, 128, 64))
    info = probe(SourceMedia(str(pattern)))
    with pytest.raises(MediaUnreadable, match=r"frame 4 .* is 128x64, but the sequence is 96x64"):
        SequenceReader(info).read(4)
    with pytest.raises(MediaUnreadable, match="frame 4"):
        surveyed(info, conceals=True)
    surveyed(probe(SourceMedia(str(pattern), 1, 3)), conceals=True)


def test_a_frame_that_lacks_alpha_is_named(tmp_path):
    pattern = write_sequence(tmp_path, "a.%04d.png", range(1, 4), channels=4)
    write_picture(tmp_path / "a.0002.png", numbered_picture(2))
    with pytest.raises(MediaUnreadable, match=r"frame 2 .* no alpha channel"):
        SequenceReader(probe(SourceMedia(str(pattern)))).read(2)


def test_alpha_and_depth_are_kept(tmp_path):
    pattern = write_sequence(tmp_path, "a.%04d.tif", [3], sample="uint16", channels=4)
    frame = SequenceReader(probe(SourceMedia(str(pattern)))).read(3)
    assert np.array_equal(frame.pixels, numbered_picture(3, sample="uint16", channels=4))
