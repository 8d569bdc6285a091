"""Reading ahead: a source's frames are decoded in a thread while the caller works on earlier ones."""

from __future__ import annotations

import threading
from collections import deque
from typing import Self

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import Frame, FrameSource
from sparkvsr_engine.storage.bounded_dict import BoundedDict

# How often a read that waits looks whether there is still a thread to wait for.
_LOOK_SECONDS = 1.0


class PrefetchedSource:
    """A `FrameSource` around another one, which from now on only this one's thread uses.

    ahead: frames read before they are asked for, once reads follow each other in order.
    keep: frames handed out last that stay at hand, for windows that look back a little.
    At most `ahead` + `keep` + 2 frames are alive, however long the clip is.

    An error of the source is raised by the read of its frame and by no other; reading ahead goes on behind
    it. Any thread may read, one at a time. A read always ends: with its frame, or with what ended the thread.
    """

    def __init__(self, source: FrameSource, ahead: int = 4, keep: int = 6) -> None:
        if ahead < 1 or keep < 0:
            raise ValueError(f"ahead is {ahead} and keep {keep}; at least 1 and 0 are needed")
        self._source, self._ahead = source, ahead
        self._span = source.span
        self._changed = threading.Condition()
        self._ready: deque[tuple[int, Frame | BaseException]] = deque()
        self._remembered: BoundedDict[int, Frame] = BoundedDict(keep)
        self._position: int | None = None
        self._limit = 0
        self._turn = 0
        self._last_read: int | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="sparkvsr-prefetch", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def span(self) -> FrameSpan:
        """Every frame there is."""
        return self._span

    def read(self, number: int) -> Frame:
        """That frame; raises what the source raised for it."""
        with self._changed:
            if self._closed:
                raise ValueError("the source is closed")
            in_order = self._last_read is None or number == self._last_read + 1
            self._last_read = number
            frame = self._remembered.get(number)
            if frame is not None:
                return frame
            if not self._is_coming(number):
                self._jump(number)
            self._limit = max(self._limit, self._span.last if in_order else number)
            self._changed.notify_all()
            return self._wait_for(number)

    def close(self) -> None:
        """End the thread and close the source; frames handed out stay valid."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
        self._thread.join()
        self._ready.clear()
        self._remembered.clear()
        self._source.close()

    def _is_coming(self, number: int) -> bool:
        """Whether reading on from where the thread is brings a frame soon."""
        if self._position is None:
            return False
        start = self._ready[0][0] if self._ready else self._position
        return start <= number <= self._position + self._ahead

    def _jump(self, number: int) -> None:
        self._turn += 1
        self._ready.clear()
        self._position = self._limit = number

    def _wait_for(self, number: int) -> Frame:
        while True:
            while not self._ready:
                if self._closed:
                    raise ValueError("the source was closed while a frame was read")
                if not self._thread.is_alive():
                    raise RuntimeError("the thread that reads ahead has ended")
                if not self._is_coming(number):
                    # What was on its way went past this frame: without this nobody would ever read it.
                    self._jump(number)
                    self._changed.notify_all()
                self._changed.wait(_LOOK_SECONDS)
            ready_number, result = self._ready.popleft()
            self._changed.notify_all()
            if isinstance(result, Frame):
                self._remembered.put(result.number, result)
            if ready_number == number:
                if isinstance(result, Frame):
                    return result
                raise result

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._closed and not self._has_work():
                    self._changed.wait()
                if self._closed:
                    return
                turn, number = self._turn, self._position or 0
            result = self._read_one(number)
            with self._changed:
                if turn == self._turn:
                    self._ready.append((number, result))
                    self._position = number + 1
                    self._changed.notify_all()
            # A frame held by this thread while it waits would be one more alive.
            del result

    def _has_work(self) -> bool:
        return self._position is not None and self._position <= self._limit and len(self._ready) < self._ahead

    def _read_one(self, number: int) -> Frame | BaseException:
        try:
            return self._source.read(number)
        except BaseException as error:
            # Whatever it is belongs to the read that waits; raised here it would end this thread alone.
            return error
