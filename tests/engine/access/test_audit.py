"""The audit log: whole lines, bounded, without secrets."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from sparkvsr_engine.access import audit
from sparkvsr_engine.access.audit import AuditEntry, AuditLog


def lines(log: AuditLog) -> list[dict]:
    return [json.loads(line) for line in log.path.read_text("utf-8").splitlines()]


def test_a_line_has_client_request_time_and_answer(tmp_path: Path):
    log = AuditLog(tmp_path)
    log.write(AuditEntry("anna", "abcdefgh", "submit_job_request", "job_reply", "", ("S:\\a\n.mov",)))
    log.close()
    (line,) = lines(log)
    assert line.pop("time") > 1e9
    assert line == {
        "client": "anna",
        "key": "abcdefgh",
        "asked": "submit_job_request",
        "answer": "job_reply",
        "paths": ["S:\\a\n.mov"],
    }
    if sys.platform != "win32":
        assert log.path.stat().st_mode & 0o777 == 0o600


def test_a_flood_is_counted_and_not_written_line_by_line(tmp_path: Path):
    log = AuditLog(tmp_path)
    for _ in range(10_000):
        log.refuse(AuditEntry("eve", "k", "a message", "malformed_message", reason="x" * 10_000))
    log.close()
    written = lines(log)
    assert len(written) < 1000
    counted = sum(line.get("count", 1) for line in written)
    assert counted == 10_000
    assert max(len(json.dumps(line)) for line in written) < 1000


def test_old_files_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(audit, "_FILE_BYTES", 2000)
    log = AuditLog(tmp_path)
    for number in range(1000):
        log.write(AuditEntry("anna", "k", "hello_request", str(number)))
    log.close()
    files = list(tmp_path.iterdir())
    assert len(files) == 5
    assert max(path.stat().st_size for path in files) <= 2000
