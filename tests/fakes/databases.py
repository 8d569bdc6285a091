"""Which databases a test opened, and that they were closed again: Windows moves no file that is open."""

from __future__ import annotations

import sqlite3


def record_opened(monkeypatch) -> list[sqlite3.Connection]:
    """The connections opened from here on in this process, in their order."""
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def recording(*args, **options):
        opened.append(connect(*args, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", recording)
    return opened


def is_closed(connection: sqlite3.Connection) -> bool:
    """Whether it was closed, and not only forgotten."""
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return True
    return False
