"""Who asked what, when, and what came of it: one JSON object a line, in files that cannot grow without end.

No keys' secrets and no pixels: a client's name, the first characters of its public key, the message's kind,
the job and paths it names, and the answer's kind or the error's code.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

AUDIT_NAME = "audit.jsonl"

_FILE_BYTES = 8 * 1024 * 1024
_OLDER_FILES = 4
_LONGEST_TEXT = 400
# Refusals of one client beyond this many a second are counted and written as one line.
_REFUSALS_PER_SECOND = 20
_MOST_CLIENTS = 1000


@dataclass(frozen=True)
class AuditEntry:
    """One line.

    Attributes:
        client: name of the key; empty where the connection itself is meant.
        fingerprint: first characters of the public key.
        asked: kind of the message, or what happened to a connection.
        answer: kind of the answer, or code of the error.
        job: the job it names.
        paths: the paths it names, as the client spelt them.
        reason: the error's sentence.
    """

    client: str
    fingerprint: str
    asked: str
    answer: str
    job: str = ""
    paths: Sequence[str] = ()
    reason: str = ""

    def to_dict(self) -> dict[str, object]:
        """As it is written; what is empty is left out, long texts are cut."""
        values = {
            "client": self.client,
            "key": self.fingerprint,
            "asked": self.asked,
            "answer": self.answer,
            "job": self.job[:_LONGEST_TEXT],
            "paths": [path[:_LONGEST_TEXT] for path in self.paths[:20]],
            "reason": self.reason[:_LONGEST_TEXT],
        }
        return {name: value for name, value in values.items() if value}


class AuditLog:
    """The log of one engine. Used by one thread."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / AUDIT_NAME
        self._handler = _OwnerOnlyFile(
            self.path, maxBytes=_FILE_BYTES, backupCount=_OLDER_FILES, encoding="utf-8"
        )
        self._refusals: dict[str, tuple[int, int]] = {}

    def write(self, entry: AuditEntry) -> None:
        """Add a line."""
        self._write(entry.to_dict())

    def refuse(self, entry: AuditEntry) -> None:
        """Add a line about a refusal; of a flood the first ones of each second, then how many there were."""
        second = int(time.monotonic())
        if len(self._refusals) > _MOST_CLIENTS:
            self._write_counts()
        began, count = self._refusals.get(entry.client, (second, 0))
        if began != second:
            self._write_rest(entry.client, count)
            began, count = second, 0
        self._refusals[entry.client] = began, count + 1
        if count < _REFUSALS_PER_SECOND:
            self.write(entry)

    def close(self) -> None:
        """Write what was counted, and let the file go."""
        self._write_counts()
        self._handler.close()

    def _write_counts(self) -> None:
        for client, (_, count) in self._refusals.items():
            self._write_rest(client, count)
        self._refusals.clear()

    def _write_rest(self, client: str, count: int) -> None:
        if count > _REFUSALS_PER_SECOND:
            more = count - _REFUSALS_PER_SECOND
            self._write({"client": client, "asked": "more of the same", "answer": "refused", "count": more})

    def _write(self, values: dict[str, object]) -> None:
        line = json.dumps({"time": round(time.time(), 3), **values})
        self._handler.emit(logging.LogRecord("audit", logging.INFO, "", 0, line, None, None))


class _OwnerOnlyFile(RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        opened = open(  # noqa: SIM115 - the handler closes it
            self.baseFilename, self.mode, encoding=self.encoding, opener=_open_owner_only
        )
        assert isinstance(opened, TextIOWrapper)
        return opened


def _open_owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
