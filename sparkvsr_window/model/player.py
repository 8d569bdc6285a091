"""The playhead: stepping, playing, jumping, the marked range."""

from __future__ import annotations

from dataclasses import replace

from sparkvsr_window.model.core import Core
from sparkvsr_window.model.viewing import faster, frame_at

_JUMP = 10


class Player:
    """Moves the playhead; every method is what a key or a control does."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def go_to(self, frame: int) -> None:
        """Show a frame, or the nearest the clip has; playing goes on from there."""
        document = self._core.document
        if document is None:
            return
        frame = document.clip.nearest(frame)
        self._core.set_viewing(playhead=frame, start=frame, since=self._core.clock())

    def tick(self) -> None:
        """Move a playing playhead to where it should be by now; frames that came too late are left out."""
        document, viewing = self._core.document, self._core.viewing
        if document is None or not viewing.is_playing:
            return
        frame = frame_at(viewing, self._core.clock(), document.clip.rate, document.first, document.last)
        self._core.set_viewing(playhead=frame)

    def play_backwards(self) -> None:
        """Play backwards, faster where it does already."""
        self._play(-1)

    def play_forwards(self) -> None:
        """Play, faster where it does already."""
        self._play(1)

    def stop(self) -> None:
        """Rest at the frame in view."""
        self._core.set_viewing(speed=0.0)

    def toggle_play(self) -> None:
        """Play, or stop."""
        if self._core.viewing.is_playing:
            self.stop()
        else:
            self._play(1)

    def step_back(self) -> None:
        """One frame back."""
        self._step(-1)

    def step_on(self) -> None:
        """One frame on."""
        self._step(1)

    def jump_back(self) -> None:
        """Ten frames back."""
        self._step(-_JUMP)

    def jump_on(self) -> None:
        """Ten frames on."""
        self._step(_JUMP)

    def to_start(self) -> None:
        """To the first frame of the range."""
        if self._core.document is not None:
            self.go_to(self._core.document.first)

    def to_end(self) -> None:
        """To the last frame of the range."""
        if self._core.document is not None:
            self.go_to(self._core.document.last)

    def previous_mark(self) -> None:
        """To the keyframe or cut before."""
        before = [mark for mark in self._marks() if mark < self._core.viewing.playhead]
        if before:
            self.go_to(max(before))

    def next_mark(self) -> None:
        """To the next keyframe or cut."""
        after = [mark for mark in self._marks() if mark > self._core.viewing.playhead]
        if after:
            self.go_to(min(after))

    def mark_in(self) -> None:
        """The range starts at the frame in view; it ends with the clip where it ended before that."""
        document, frame = self._core.document, self._core.viewing.playhead
        if document is not None:
            last = document.last if document.last >= frame else document.clip.info.last_frame
            self._core.set_document(replace(document, first=frame, last=last))

    def mark_out(self) -> None:
        """The range ends at the frame in view; it starts with the clip where it started after that."""
        document, frame = self._core.document, self._core.viewing.playhead
        if document is not None:
            first = document.first if document.first <= frame else document.clip.info.first_frame
            self._core.set_document(replace(document, first=first, last=frame))

    def clear_range(self) -> None:
        """The range is the whole clip."""
        document = self._core.document
        if document is not None:
            info = document.clip.info
            self._core.set_document(replace(document, first=info.first_frame, last=info.last_frame))

    def _play(self, direction: int) -> None:
        core, viewing = self._core, self._core.viewing
        if core.document is None:
            return
        inside = min(max(viewing.playhead, core.document.first), core.document.last)
        core.set_viewing(
            speed=faster(viewing.speed, direction), since=core.clock(), start=inside, playhead=inside
        )

    def _step(self, frames: int) -> None:
        self.stop()
        self.go_to(self._core.viewing.playhead + frames)

    def _marks(self) -> list[int]:
        document = self._core.document
        if document is None:
            return []
        return [*(mark.frame for mark in document.keyframes), *document.cuts]
