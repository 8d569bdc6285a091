"""Events for a host's main thread: all of them, but of progress the newest."""

from __future__ import annotations

import threading

import pytest

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.connections.wire import make_envelope
from sparkvsr_bridge.mailbox import Mailbox
from sparkvsr_bridge.records import Record


def report(job: str, done: int, version: int = 1) -> m.JobReport:
    return m.JobReport(job, version, "running", "s", "t", frames_done=done)


def drained(mailbox: Mailbox, most: int = 100) -> list[Record | None]:
    return [envelope.message for envelope in mailbox.drain(most)]


def test_events_come_out_oldest_first_and_once():
    mailbox = Mailbox()
    events = [m.FramesFinished("a", 1, (frame,)) for frame in range(5)]
    for event in events:
        mailbox(make_envelope(event))
    assert drained(mailbox, 2) == events[:2]
    assert drained(mailbox) == events[2:]
    assert drained(mailbox) == []


def test_only_the_newest_progress_of_each_job_version_is_kept():
    mailbox = Mailbox()
    changed = m.JobChanged(report("a", 1))
    for done in range(3):
        for job, version in [("a", 1), ("a", 2), ("b", 1)]:
            mailbox(make_envelope(m.JobProgress(report(job, done, version))))
        mailbox(make_envelope(changed))
    assert len(mailbox) == 6
    assert drained(mailbox) == [
        changed,
        changed,
        m.JobProgress(report("a", 2)),
        m.JobProgress(report("a", 2, 2)),
        m.JobProgress(report("b", 2)),
        changed,
    ]


@pytest.mark.slow
def test_nothing_is_lost_while_one_thread_puts_in_and_another_takes_out():
    mailbox = Mailbox()
    sent = 20_000

    def put() -> None:
        for frame in range(sent):
            mailbox(make_envelope(m.FramesFinished("a", 1, (frame,))))

    thread = threading.Thread(target=put)
    thread.start()
    frames: list[int] = []
    while thread.is_alive() or len(mailbox):
        frames.extend(envelope.message.frames[0] for envelope in mailbox.drain(7))  # type: ignore[union-attr]
    thread.join()
    assert frames == list(range(sent))
