"""Work for remote clients on threads that the kernel confines to the folders they may use.

A path that was judged may lead elsewhere a moment later, and libraries open files by their names. On such a
thread whatever is opened, by whatever library, is judged by the kernel as it is opened (`landlock`), so there
is no moment between check and use. Where the kernel cannot, the work is done as it is elsewhere, with the
checks of `boundary` alone.
"""

from __future__ import annotations

import queue
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sparkvsr_engine.access.confinement import landlock
from sparkvsr_engine.access.confinement.places import Places

T = TypeVar("T")


def is_enforced() -> bool:
    """Whether the kernel confines threads here."""
    return landlock.version() > 0


def run_confined(call: Callable[[], T], places: Places) -> T:
    """Do it on a new thread that can open nothing outside these places; returns or raises what it does.

    The calling thread waits and does what is handed to `run_outside` meanwhile.

    Args:
        call: the work.
        places: what it may open.
    """
    return _Confined(places).run(call) if is_enforced() else call()


def run_outside(call: Callable[[], T]) -> T:
    """Do it on the thread that waits for this one, which is not confined; at once on any other thread.

    For work of this machine's own user, and for programs that the engine's configuration names.
    """
    confined: _Confined | None = getattr(_of_thread, "confined", None)
    return call() if confined is None else confined.ask(call)


def is_confined() -> bool:
    """Whether this very thread was started by `run_confined`."""
    return getattr(_of_thread, "confined", None) is not None


def use_scratch_folder(folder: Path) -> None:
    """Let this process keep what is temporary in a folder of its own: the system's is everybody's.

    Args:
        folder: made where it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    tempfile.tempdir = str(folder)


_of_thread = threading.local()


class _Outcome:
    """What a call came to."""

    def __init__(self) -> None:
        self.is_there = threading.Event()
        self._value: Any = None
        self._error: BaseException | None = None

    def take(self, call: Callable[[], Any]) -> None:
        """Call it, and keep what it returns or raises."""
        try:
            self._value = call()
        except BaseException as error:
            self._error = error
        self.is_there.set()

    def give(self) -> Any:
        """Return or raise it."""
        if self._error is not None:
            raise self._error
        return self._value


class _Confined:
    """One confined thread, and the thread that waits for it."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._handovers: queue.SimpleQueue[tuple[Callable[[], Any], _Outcome] | None] = queue.SimpleQueue()

    def run(self, call: Callable[[], T]) -> T:
        """See `run_confined`."""
        outcome = _Outcome()
        thread = threading.Thread(target=self._work, args=(call, outcome), name="confined", daemon=True)
        thread.start()
        while (handover := self._handovers.get()) is not None:
            outside, result = handover
            result.take(outside)
        thread.join()
        return outcome.give()

    def ask(self, call: Callable[[], T]) -> T:
        """See `run_outside`."""
        outcome = _Outcome()
        self._handovers.put((call, outcome))
        outcome.is_there.wait()
        return outcome.give()

    def _work(self, call: Callable[[], Any], outcome: _Outcome) -> None:
        _of_thread.confined = self

        def confined() -> Any:
            landlock.restrict_thread(self._places.rules())
            return call()

        outcome.take(confined)
        self._handovers.put(None)
