"""Any frame of any kind of movie equals the same frame decoded in order, over a table of codecs and
containers.

Frames are identified by the number each carries. `-m "not slow"` leaves out all but one of each way.
"""

from __future__ import annotations

import pytest

from tests.fakes.movie_table import TABLE, NotWritten, read_by_number, write_kind

# One of each way an index is made, in every run.
ALWAYS = {
    ("h264", "mp4"),
    ("h264", "avi"),
    ("mpeg2", "vob"),
    ("h264-refresh", "ts"),
    ("qtrle", "mov"),
    ("vp8", "webm"),
}


def cases():
    for kind, holder in TABLE:
        marks = [] if (kind, holder) in ALWAYS else [pytest.mark.slow]
        yield pytest.param(kind, holder, id=f"{kind}-{holder}", marks=marks)


@pytest.mark.parametrize(("kind", "holder"), list(cases()))
def test_every_frame_read_alone_is_the_frame_decoded_in_order(tmp_path, kind, holder):
    try:
        path = write_kind(tmp_path, kind, holder)
    except NotWritten as reason:
        pytest.skip(str(reason))
    access = read_by_number(path)
    assert access.is_right, access


def test_the_table_is_long_enough():
    assert len(TABLE) >= 90
