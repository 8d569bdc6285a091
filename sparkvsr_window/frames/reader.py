"""The process that reads frames, from the window's side: it is asked for what is wanted now, newest first.

The process may die or hang on a file: the window goes on, and the next picture wanted starts it again.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sparkvsr_bridge.errors import ConnectionFailed, MediaUnreadable, SparkVSRError, error_from_dict
from sparkvsr_bridge.system.windows import NO_WINDOW
from sparkvsr_window.frames.cache import PictureCache
from sparkvsr_window.frames.keys import PictureKey, ScreenPicture

COMMAND = (sys.executable, "-m", "sparkvsr_engine.viewing")
_PIPE_BYTES = 1 << 20
_MOST_FAILURES = 2

Then = Callable[[Any, Exception | None], None]
PictureThen = Callable[[ScreenPicture | None, Exception | None], None]
Answer = Callable[[Any, Any, Exception | None], None]


class FrameReader:
    """Reads pictures in a thread and a process of its own.

    on_change: called in the reader's thread when a picture or an answer has come.
    command: what starts the process. environment: its variables; None for this process's own.
    """

    def __init__(
        self,
        on_change: Callable[[], None],
        cache: PictureCache | None = None,
        command: Sequence[str] = COMMAND,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.cache = cache or PictureCache()
        self._on_change = on_change
        self._process = _Process(command, environment)
        self._changed = threading.Condition()
        self._urgent: tuple[PictureKey, ...] = ()
        self._later: tuple[PictureKey, ...] = ()
        self._requests: list[tuple[dict[str, Any], Any, Answer]] = []
        self._errors: dict[PictureKey, Exception] = {}
        self._to_retry: set[PictureKey] = set()
        self._answers: list[tuple[Answer, Any, Any, Exception | None]] = []
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="sparkvsr-frames", daemon=True)
        self._thread.start()

    def want(self, keys: Sequence[PictureKey], later: Sequence[PictureKey] = ()) -> None:
        """Have these pictures read, the first first, in place of what was wanted before; then `later`."""
        with self._changed:
            wanted_as_before = {*keys, *later} & {*self._urgent, *self._later}
            self._errors = {key: error for key, error in self._errors.items() if key in wanted_as_before}
            self._urgent, self._later = tuple(keys), tuple(later)
            self._changed.notify()

    def ask(self, request: dict[str, Any], then: Then) -> None:
        """Send another request, before pictures; `then(values, error)` follows with `poll`."""
        self._send(request, b"", lambda values, _, error: then(values, error))

    def show_light(self, request: dict[str, Any], pixels: Any, then: PictureThen) -> None:
        """Have a picture in a source's own light shown as its frames are; `then(picture, error)` follows with
        `poll`. request: of `light`, see `sparkvsr_engine.viewing.answering`. pixels: its bytes.
        """

        def answer(values: Any, screen_pixels: Any, error: Exception | None) -> None:
            then(None if error is not None else _picture(values, screen_pixels), error)

        payload = memoryview(pixels).cast("B")
        self._send({**request, "op": "light", "payload": payload.nbytes}, payload, answer)

    def _send(self, request: dict[str, Any], payload: Any, answer: Answer) -> None:
        with self._changed:
            self._requests.append((request, payload, answer))
            self._changed.notify()

    def picture(self, key: PictureKey) -> ScreenPicture | None:
        """A picture that is there; None while it is not."""
        return self.cache.get(key)

    def error(self, key: PictureKey) -> Exception | None:
        """Why a wanted picture did not come; None where nothing is wrong. Wanted anew, it is tried again."""
        with self._changed:
            return self._errors.get(key)

    def retry(self) -> None:
        """Try again what failed; until a picture comes the error stays."""
        with self._changed:
            self._to_retry = set(self._errors)
            self._changed.notify()

    def poll(self) -> None:
        """Hand on answers that have come."""
        with self._changed:
            answers, self._answers = self._answers, []
        for answer, values, pixels, error in answers:
            answer(values, pixels, error)

    def process_id(self) -> int:
        """The number of the process that reads; 0 while there is none."""
        return self._process.number

    def close(self) -> None:
        """End thread and process."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._process.end()
        self._thread.join(2.0)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_closing or self._requests or self._next() is not None)
                if self._is_closing:
                    return
                request = self._requests.pop(0) if self._requests else None
                key = self._next()
            if request is not None:
                self._answer(*request)
            elif key is not None:
                self._read(key)
            self._on_change()

    def _next(self) -> PictureKey | None:
        keys = (*self._urgent, *self._later)
        open_keys = (key for key in keys if key not in self._errors or key in self._to_retry)
        return next((key for key in open_keys if key not in self.cache), None)

    def _answer(self, request: dict[str, Any], payload: Any, answer: Answer) -> None:
        values, pixels, error = None, None, None
        try:
            values, pixels = self._process.ask(request, payload)
        except SparkVSRError as failure:
            error = failure
        with self._changed:
            self._answers.append((answer, values, pixels, error))

    def _read(self, key: PictureKey) -> None:
        try:
            values, pixels = self._process.ask(key.request())
        except SparkVSRError as error:
            with self._changed:
                self._errors[key] = error
                self._to_retry.discard(key)
            return
        with self._changed:
            self._errors.pop(key, None)
        self.cache.put(key, _picture(values, pixels))


class _Process:
    """The process and its pipes; started with the first request, and again after it died."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None) -> None:
        self._command = tuple(command)
        self._environment = environment
        self._child: subprocess.Popen[bytes] | None = None
        self._is_ended = False

    @property
    def number(self) -> int:
        """Its process number; 0 where none runs."""
        child = self._child
        return child.pid if child is not None else 0

    def ask(self, request: dict[str, Any], payload: Any = b"") -> tuple[dict[str, Any], bytearray]:
        """An answer and its pixels; payload: what follows the request.

        Raises the answer's error, MediaUnreadable where it ends the process.
        """
        for _ in range(_MOST_FAILURES):
            with contextlib.suppress(OSError, ValueError, EOFError):
                return self._exchange(request, payload)
            self._drop()
            if self._is_ended:
                break
        raise MediaUnreadable(
            f"Reading {request.get('path', 'a picture')} ended the process that reads frames; check the file."
        )

    def end(self) -> None:
        """End the process for good."""
        self._is_ended = True
        self._drop()

    def _exchange(self, request: dict[str, Any], payload: Any) -> tuple[dict[str, Any], bytearray]:
        child = self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.write(payload)
        child.stdin.flush()
        line = child.stdout.readline()
        if not line:
            raise EOFError
        values = json.loads(line)
        if "error" in values:
            raise error_from_dict(values["error"])
        pixels = bytearray(values.get("nbytes", 0))
        _read_into(child.stdout, pixels)
        return values, pixels

    def _started(self) -> subprocess.Popen[bytes]:
        if self._is_ended:
            raise EOFError
        if self._child is None:
            try:
                self._child = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=None if self._environment is None else dict(self._environment),
                    creationflags=NO_WINDOW,
                )
            except OSError as error:
                raise ConnectionFailed(
                    f"The reader of frames cannot be started ({error.strerror}); install sparkvsr again."
                ) from error
            _widen(self._child.stdout)
        return self._child

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        child.wait()


def _picture(values: dict[str, Any], pixels: Any) -> ScreenPicture:
    full_width, full_height = values["full"]
    return ScreenPicture(values["width"], values["height"], pixels, full_width, full_height, values["note"])


def _read_into(pipe: Any, pixels: bytearray) -> None:
    view, start = memoryview(pixels), 0
    while start < len(view):
        count = pipe.readinto(view[start:])
        if not count:
            raise EOFError
        start += count


def _widen(pipe: Any) -> None:
    """A larger pipe on Linux: a frame comes in eight pieces, not in 128."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
