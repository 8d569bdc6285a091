"""The job store: what is recorded is there for the next process, what is not never was."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.errors import InternalError, UnknownJob
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.messages import ErrorReport
from sparkvsr_bridge.settings import JobSpec, Keyframe, OutputTarget
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.storage.records import FinishedChunk, FinishedFile
from sparkvsr_engine.jobs.storage.store import JobStore
from tests.fakes.databases import is_closed, record_opened

SPEC = JobSpec(SourceMedia("/a.mov", 1, 9), OutputTarget("/b.mov"), keyframes=(Keyframe(3, strength=0.5),))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "jobs.sqlite"


@pytest.fixture
def store(path):
    with closing(JobStore(path)) as result:
        yield result


def chunk(start, stop, key="key", reused=False, files=()):
    return FinishedChunk(FrameSpan(start, stop), key, reused, tuple(files))


def test_another_process_finds_everything(store, path):
    store.add_version("one", SPEC)
    store.set_plan("one", 1, {"span": [1, 10]})
    file = FinishedFile(1, "/out/1.png", 12, 34)
    store.add_chunk("one", 1, chunk(1, 5, files=[file]))
    store.add_warning("one", 1, "Mind the gap.")
    store.set_state("one", 1, "failed", ErrorReport("disk_full", "The disk is full."))
    with closing(JobStore(path)) as second:
        version = second.version("one")
        assert (version.spec, version.plan, version.state) == (SPEC, {"span": [1, 10]}, "failed")
        assert (version.warnings, version.error.code) == (("Mind the gap.",), "disk_full")
        assert second.chunks("one", 1) == [chunk(1, 5, files=[file])]


def test_versions_count_from_one_and_jobs_are_listed_newest_first(store):
    for job in ("one", "two", "one"):
        store.add_version(job, SPEC)
    assert [version.version for version in store.versions("one")] == [1, 2]
    assert store.version("one").version == 2
    assert store.version("one", 1).version == 1
    assert [(version.job, version.version) for version in store.latest(10)] == [("one", 2), ("two", 1)]
    assert len(store.latest(1)) == 1


def test_a_job_or_version_that_is_not_there_is_unknown(store):
    store.add_version("one", SPEC)
    for job, version in (("two", 0), ("one", 2)):
        with pytest.raises(UnknownJob, match="'sparkvsr jobs' lists"):
            store.version(job, version)


def test_the_queue_is_in_the_order_versions_came(store):
    for job in ("b", "a", "c"):
        store.add_version(job, SPEC)
    store.set_state("a", 1, "running")
    assert [version.job for version in store.in_states(["queued"])] == ["b", "c"]
    assert [version.job for version in store.in_states(["queued", "running"])] == ["b", "a", "c"]


def test_an_ended_state_has_its_time_and_a_fresh_start_clears_it(store):
    store.add_version("one", SPEC)
    store.set_state("one", 1, "failed", ErrorReport("internal_error", "No."))
    assert store.version("one").ended > 0
    store.set_state("one", 1, "queued")
    assert (store.version("one").ended, store.version("one").error) == (0.0, None)


def test_the_same_warning_is_kept_once(store):
    store.add_version("one", SPEC)
    for _ in range(3):
        store.add_warning("one", 1, "Mind the gap.")
    assert store.version("one").warnings == ("Mind the gap.",)


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), max_size=8))
def test_counts_are_those_of_the_recorded_chunks(pieces):
    with closing(JobStore(":memory:")) as store:
        store.add_version("one", SPEC)
        start = 0
        for length, reused in pieces:
            store.add_chunk("one", 1, chunk(start, start + length, reused=reused))
            store.add_chunk("one", 1, chunk(start, start + length, reused=reused))
            start += length
        reused_frames = sum(length for length, reused in pieces if reused)
        assert store.chunk_counts("one", 1) == (len(pieces), start, reused_frames)


def test_dropped_chunks_are_forgotten_and_others_stay(store):
    store.add_version("one", SPEC)
    for start in (0, 5, 10):
        store.add_chunk("one", 1, chunk(start, start + 5, key=str(start)))
    store.drop_chunks("one", 1, [FrameSpan(5, 10)])
    assert [result.span.start for result in store.chunks("one", 1)] == [0, 10]
    assert store.chunks_of_key("5") == []
    assert store.chunks_of_key("10") == [chunk(10, 15, key="10")]


def test_what_was_kept_first_counts(store):
    assert store.keep_frames("one", 1, [3, 1]) == {1, 3}
    assert store.keep_frames("one", 1, [7]) == {1, 3}
    assert store.keep_frames("one", 2, [7]) == {7}


def test_a_file_is_intact_until_it_is_touched(tmp_path):
    path = tmp_path / "frame.png"
    path.write_bytes(b"pixels")
    state = path.stat()
    file = FinishedFile(0, str(path), state.st_size, state.st_mtime_ns)
    assert file.is_intact()
    os.utime(path, ns=(1, 1))
    assert not file.is_intact()
    assert not replace(file, path=str(tmp_path / "gone.png")).is_intact()


def test_a_store_of_another_release_is_left_alone(path, monkeypatch):
    JobStore(path).close()
    with closing(sqlite3.connect(path)) as second:
        second.execute("PRAGMA user_version = 99")
    opened = record_opened(monkeypatch)
    with pytest.raises(InternalError, match="move it away"):
        JobStore(path)
    assert [is_closed(one) for one in opened] == [True]
