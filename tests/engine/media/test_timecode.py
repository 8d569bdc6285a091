from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.media.timecode import Timecode

NTSC = Fraction(30000, 1001)
FRAMES_PER_DAY_DROP = 2589408


@pytest.mark.parametrize(
    ("text", "by", "rate", "expected"),
    [
        ("01:00:00:00", 1, Fraction(24), "01:00:00:01"),
        ("01:00:00:23", 1, Fraction(24000, 1001), "01:00:01:00"),
        ("23:59:59:24", 1, Fraction(25), "00:00:00:00"),
        ("00:00:59;29", 1, NTSC, "00:01:00;02"),
        ("00:09:59;29", 1, NTSC, "00:10:00;00"),
        ("00:00:59;59", 1, Fraction(60000, 1001), "00:01:00;04"),
        ("10:00:00:10", -11, Fraction(24), "09:59:59:23"),
    ],
)
def test_counting_on(text, by, rate, expected):
    assert str(Timecode.parse(text).advanced(by, rate)) == expected


@given(st.integers(0, FRAMES_PER_DAY_DROP - 1))
def test_drop_frame_counting_is_undone_by_counting_back(count):
    zero = Timecode.parse("00:00:00;00")
    later = zero.advanced(count, NTSC)
    assert not (later.frames < 2 and later.seconds == 0 and later.minutes % 10)
    assert later.advanced(-count, NTSC) == zero


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(0, 29), st.booleans())
def test_packed_words_hold_the_timecode(hours, minutes, seconds, frames, drops):
    code = Timecode(hours, minutes, seconds, frames, drops)
    assert Timecode.unpack(code.pack()) == code


def test_the_packed_word_is_the_one_exr_files_have():
    assert Timecode.parse("01:02:03:04").pack() == 0x01020304


def test_flags_in_a_packed_word_are_kept():
    assert Timecode(1, 2, 3, 4).pack(template=0x80000000) & 0x80000000


@pytest.mark.parametrize("text", ["", "1:2:3:4", "ab:cd:ef:gh", "01:00:00"])
def test_other_texts_are_no_timecodes(text):
    assert Timecode.parse(text) is None
