# SPDX-License-Identifier: Apache-2.0
"""The process that talks to Resolve, from outside: one call at a time, each with a time-out; killed when it
hangs.
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from typing import Any, Dict, Mapping, Optional, Sequence

from ..bridge_link import NO_WINDOW
from ..refusals import HostLost, HostSilent, Refused

_ENDING_SECONDS = 5.0
_SILENT = (
    "DaVinci Resolve does not answer: it shows a dialog or is at work. Close the dialog, or wait, then try"
    " again."
)
_ENDED = "The process that talks to DaVinci Resolve has ended; it is started again with the next request."


class HostProcess:
    """One process; started by the first call, and again after it ended."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = list(command)
        self._environment = dict(environment)
        self._process: Optional[subprocess.Popen[str]] = None
        self._lines: queue.SimpleQueue[Optional[Dict[str, Any]]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._number = 0
        self._unanswered: Optional[int] = None

    @property
    def pid(self) -> int:
        """Of the process; 0 while there is none."""
        return self._process.pid if self._process is not None else 0

    def call(self, name: str, arguments: Mapping[str, Any], timeout_seconds: float) -> Any:
        """Have a call answered. timeout_seconds: between two signs of life.

        Raises HostSilent where none comes; the answer may come yet, and the next call waits for it first.
        Raises HostLost where Resolve or the process has ended, Refused where Resolve would not.
        """
        with self._lock:
            self._start()
            if self._unanswered is not None:
                self._wait_for(self._unanswered, timeout_seconds)
            self._number += 1
            self._send({"id": self._number, "call": name, "arguments": dict(arguments)})
            self._unanswered = self._number
            return _value_of(self._wait_for(self._number, timeout_seconds))

    def kill(self) -> None:
        """End it now, whatever it waits for; the next call starts another one."""
        process, self._process, self._unanswered = self._process, None, None
        if process is None:
            return
        process.kill()
        process.wait(_ENDING_SECONDS)
        _close(process)

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        if self._process is not None:
            _close(self._process)
        self._lines, self._unanswered = queue.SimpleQueue(), None
        try:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                creationflags=NO_WINDOW,
            )
        except OSError as error:
            raise HostLost(
                f"{self._command[0]} does not start ({error.strerror}); install it again."
            ) from error
        reader = threading.Thread(target=_read, args=(self._process, self._lines), daemon=True)
        reader.start()

    def _send(self, request: Mapping[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise HostLost(_ENDED) from error

    def _wait_for(self, number: int, timeout_seconds: float) -> Dict[str, Any]:
        until = time.monotonic() + timeout_seconds
        while True:
            try:
                answer = self._lines.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise HostSilent(_SILENT) from None
            if answer is None:
                self._unanswered = None
                raise HostLost(_ENDED)
            if answer.get("id") != number:
                continue
            if not answer.get("step"):
                self._unanswered = None
                return answer
            until = time.monotonic() + timeout_seconds


def _value_of(answer: Mapping[str, Any]) -> Any:
    if "error" not in answer:
        return answer["value"]
    sentence = str(answer["error"])
    raise HostLost(sentence) if answer.get("kind") in ("lost", "absent") else Refused(sentence)


def _read(process: subprocess.Popen[str], lines: queue.SimpleQueue[Optional[Dict[str, Any]]]) -> None:
    assert process.stdout is not None
    try:
        for text in process.stdout:
            lines.put(json.loads(text))
    except ValueError:
        pass  # killed in the middle of a line, or its pipe was closed
    lines.put(None)


def _close(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue
