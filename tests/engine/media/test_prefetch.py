import gc
import threading
import weakref
from fractions import Fraction

import numpy as np
import pytest

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import Frame
from sparkvsr_engine.media.buffering.prefetch import PrefetchedSource


class CountedSource:
    """Frames made on demand; knows how many of them are alive and what was asked for."""

    def __init__(self, frames, broken=()):
        self.span = FrameSpan(0, frames)
        self.requests = []
        self.most_alive = 0
        self.closed_in = None
        self._alive = weakref.WeakSet()
        self._broken = broken

    def read(self, number):
        self.requests.append(number)
        if number in self._broken:
            raise MediaUnreadable(f"frame {number} is broken")
        frame = Frame(number, np.full((2, 2, 3), number % 251, np.uint8), Fraction(number, 24))
        self._alive.add(frame)
        self.most_alive = max(self.most_alive, len(self._alive))
        return frame

    def close(self):
        self.closed_in = threading.current_thread()


def test_frames_come_in_order_and_once():
    source = CountedSource(40)
    with PrefetchedSource(source) as prefetched:
        assert [prefetched.read(number).number for number in range(40)] == list(range(40))
    assert source.requests == list(range(40))


@pytest.mark.slow
def test_a_long_clip_keeps_no_more_frames_alive_than_agreed():
    source = CountedSource(2000)
    frame = None
    with PrefetchedSource(source, ahead=4, keep=6) as prefetched:
        for number in range(2000):
            frame = prefetched.read(number)
            if number % 97 == 0:
                # A consumer that stalls: the thread has all the time it needs to read too much.
                prefetched.read(max(0, number - 3))
                gc.collect()
        del frame
    assert source.most_alive <= 4 + 6 + 2


def test_looking_back_a_little_reads_nothing_again():
    source = CountedSource(20)
    with PrefetchedSource(source, ahead=2, keep=5) as prefetched:
        for number in range(10):
            prefetched.read(number)
        assert [prefetched.read(number).number for number in (5, 7, 9)] == [5, 7, 9]
    assert source.requests.count(5) == source.requests.count(7) == 1


def test_any_order_gives_the_frame_that_was_asked_for():
    order = [0, 1, 2, 30, 31, 5, 39, 0, 12, 13, 14, 11, 38, 39]
    with PrefetchedSource(CountedSource(40)) as prefetched:
        assert [prefetched.read(number).number for number in order] == order


def test_a_jump_alone_reads_nothing_ahead():
    source = CountedSource(100)
    with PrefetchedSource(source, ahead=4) as prefetched:
        for number in (90, 10, 50):
            prefetched.read(number)
    assert set(source.requests) <= {90, 91, 92, 93, 94, 10, 50}


def test_an_error_belongs_to_its_frame_and_reading_goes_on():
    with PrefetchedSource(CountedSource(20, broken={7})) as prefetched:
        assert [prefetched.read(number).number for number in range(7)] == list(range(7))
        with pytest.raises(MediaUnreadable, match="frame 7"):
            prefetched.read(7)
        with pytest.raises(MediaUnreadable, match="frame 7"):
            prefetched.read(7)
        assert prefetched.read(8).number == 8
        assert prefetched.read(9).number == 9


@pytest.mark.timeout(20)
@pytest.mark.parametrize("order", [[0, 5], [0, 1, 5, 6], [2, 4], [0, 9, 4], [0, 3, 5]])
def test_an_error_on_the_way_to_a_frame_does_not_stop_the_frame(order):
    with PrefetchedSource(CountedSource(20, broken={3})) as prefetched:
        for number in order:
            if number == 3:
                with pytest.raises(MediaUnreadable, match="frame 3"):
                    prefetched.read(number)
            else:
                assert prefetched.read(number).number == number


@pytest.mark.timeout(20)
def test_where_every_frame_is_broken_each_read_ends_with_its_own_error():
    with PrefetchedSource(CountedSource(12, broken=set(range(12)))) as prefetched:
        for number in (0, 4, 5, 2, 11, 11, 0):
            with pytest.raises(MediaUnreadable, match=f"frame {number} is"):
                prefetched.read(number)


class EndingSource(CountedSource):
    """Raises what ends a thread."""

    def read(self, number):
        if number in self._broken:
            raise SystemExit(3)
        return super().read(number)


@pytest.mark.timeout(20)
def test_what_would_end_the_thread_ends_the_read_and_no_later_one():
    with PrefetchedSource(EndingSource(20, broken={3})) as prefetched:
        assert prefetched.read(0).number == 0
        with pytest.raises(SystemExit):
            prefetched.read(3)
        assert prefetched.read(4).number == 4


def test_closing_closes_the_source_and_ends_the_thread():
    source = CountedSource(1000)
    before = threading.active_count()
    prefetched = PrefetchedSource(source)
    prefetched.read(0)
    prefetched.close()
    prefetched.close()
    assert source.closed_in is threading.current_thread()
    assert threading.active_count() == before
    with pytest.raises(ValueError, match="closed"):
        prefetched.read(1)
