"""An external program as keyframe model: `cmd:tool --in {input} --out {output} --scale {scale}`.

The program gets an 8-bit PNG and leaves a PNG (8 or 16 bits) `scale` times its size. It is started
directly, not through a shell. `cmd@2:...` declares that the program enlarges by 2 instead of 4.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

import numpy as np
import psutil

from sparkvsr_bridge.errors import InvalidSettings, JobCancelled, KeyframeMakingFailed, ModelMissing
from sparkvsr_bridge.system.command_lines import as_started, split_command
from sparkvsr_bridge.system.windows import NO_WINDOW
from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.models.isr.upscaler import Cancelled, never_cancelled

COMMAND_PATTERN = re.compile(r"cmd(?:@([1-9]\d?))?:(.*)", re.DOTALL)
DEFAULT_SCALE = 4
# A diffusion model on a slow GPU takes minutes for a 4K picture; one that hangs must not hold a job for ever.
TIMEOUT_SECONDS = 900.0
# How often the program is asked whether it is done, and the job whether it was cancelled.
POLL_SECONDS = 0.05
WHITE = {"uint8": 255, "uint16": 65535}


def is_command(name: str) -> bool:
    """Whether an ISR name means an external command."""
    return COMMAND_PATTERN.fullmatch(name) is not None


class CommandUpscaler:
    """An `ImageUpscaler` that runs a program per picture.

    Raises InvalidSettings for a command without {input} and {output}, ModelMissing when its program is
    not found.
    """

    def __init__(self, name: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        match = COMMAND_PATTERN.fullmatch(name)
        if match is None:
            raise InvalidSettings(f"'{name}' is no command; write cmd:PROGRAM {{input}} {{output}}.")
        self._name = name
        self._scale = int(match[1] or DEFAULT_SCALE)
        self._words = _split(match[2])
        self._program = _find_program(self._words[0])
        self._timeout_seconds = timeout_seconds

    @property
    def name(self) -> str:
        """As the user wrote it."""
        return self._name

    @property
    def scale(self) -> int:
        """How many times larger a result is."""
        return self._scale

    @property
    def identity(self) -> str:
        """Hash of the command and of size and time of every file it names: an edited script counts anew."""
        files = [(word, _stamp(Path(word))) for word in (str(self._program), *self._words[1:])]
        return hashlib.sha256(repr((self._name, files)).encode()).hexdigest()[:32]

    def upscale(self, picture: Picture, is_cancelled: Cancelled = never_cancelled) -> Picture:
        """See `ImageUpscaler.upscale`."""
        # Windows refuses to delete what a child of the program's still has open; the system clears it later.
        with tempfile.TemporaryDirectory(prefix="sparkvsr-isr-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            _write_png(folder / "input.png", picture)
            self._run(folder, is_cancelled)
            enlarged = self._read(folder / "output.png")
        self._require_size(enlarged, *(side * self._scale for side in picture.shape[:2]))
        return enlarged

    def _require_size(self, enlarged: Picture, height: int, width: int) -> None:
        if enlarged.shape[:2] != (height, width):
            raise KeyframeMakingFailed(
                f"The keyframe command '{self._words[0]}' made a picture of {enlarged.shape[1]}x"
                f"{enlarged.shape[0]} where {width}x{height} was asked for; write cmd@N: for a tool that"
                " enlarges by N."
            )

    def _arguments(self, folder: Path) -> list[str]:
        values = {
            "{input}": str(folder / "input.png"),
            "{output}": str(folder / "output.png"),
            "{scale}": str(self._scale),
        }
        return [
            re.sub(r"\{(?:input|output|scale)\}", lambda m: values[m[0]], word) for word in self._words[1:]
        ]

    def _run(self, folder: Path, is_cancelled: Cancelled) -> None:
        """Run the program to its end; its output goes to files, which a background child cannot block."""
        log = folder / "output.txt"
        with log.open("wb") as sink:
            process = self._start(folder, sink)
            try:
                status = self._wait(process, is_cancelled)
            finally:
                _end(process)
        if status:
            raise KeyframeMakingFailed(
                f"The keyframe command '{self._words[0]}' failed with status {status}: {_last_line(log)}",
                status=status,
            )

    def _start(self, folder: Path, errors: IO[bytes]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                as_started([str(self._program), *self._arguments(folder)]),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
                creationflags=NO_WINDOW,
            )
        except (OSError, ValueError) as error:
            raise _not_started(self._words[0], error) from error

    def _wait(self, process: subprocess.Popen[bytes], is_cancelled: Cancelled) -> int:
        deadline = time.monotonic() + self._timeout_seconds
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(POLL_SECONDS)
            if is_cancelled():
                raise JobCancelled("The keyframe was given up because its job was cancelled.")
            if time.monotonic() > deadline:
                raise KeyframeMakingFailed(
                    f"The keyframe command '{self._words[0]}' was not done after {self._timeout_seconds:g} s"
                    " and was stopped; try it by hand on one picture."
                )

    def _read(self, path: Path) -> Picture:
        import cv2

        content = path.read_bytes() if path.is_file() else b""
        values = None
        if content:
            values = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
        white = WHITE.get(values.dtype.name) if values is not None else None
        if values is None or white is None:
            raise KeyframeMakingFailed(
                f"The keyframe command '{self._words[0]}' ended well but left no picture at {{output}}; check"
                " that it writes a PNG to that path."
            )
        return np.asarray(values[:, :, ::-1], np.float32) / np.float32(white)


def _not_started(program: str, error: Exception) -> KeyframeMakingFailed:
    reason = getattr(error, "strerror", None) or error
    return KeyframeMakingFailed(
        f"The keyframe command '{program}' cannot be started ({reason}); check that it is a program for this"
        " system."
    )


def _split(command: str) -> list[str]:
    try:
        words = split_command(command)
    except ValueError as error:
        raise InvalidSettings(f"The keyframe command '{command}' cannot be read ({error}).") from error
    missing = [place for place in ("{input}", "{output}") if not any(place in word for word in words[1:])]
    if missing:
        raise InvalidSettings(
            f"The keyframe command '{command}' lacks {' and '.join(missing)}; write for example"
            " 'cmd:tool {input} {output} --scale {scale}'."
        )
    return words


def _find_program(program: str) -> Path:
    location = shutil.which(program)
    if location is None:
        is_single = os.name == "nt" and program.startswith("'")
        remedy = 'quote it with " as Windows does' if is_single else "install it or give its full path"
        raise ModelMissing(f"The program '{program}' of the keyframe command was not found; {remedy}.")
    return Path(location).absolute()


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns


def _write_png(path: Path, picture: Picture) -> None:
    import cv2

    values = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    path.write_bytes(cv2.imencode(".png", values[:, :, ::-1])[1].tobytes())


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and what it started: its process group, or on Windows the tree of its children."""
    if process.poll() is None:
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        else:
            _end_tree(process.pid)
        process.wait()


def _end_tree(pid: int) -> None:
    """End a process and all below it: Windows leaves the children of a batch file running."""
    with contextlib.suppress(psutil.Error):
        top = psutil.Process(pid)
        # All are listed before the first is ended: nobody is known as a child of what is gone.
        for process in [top, *top.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                process.kill()


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1].strip()[:300] if lines else "it printed nothing"
