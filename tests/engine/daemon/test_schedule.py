"""Which job runs next, and what becomes of one whose worker dies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sparkvsr_bridge.errors import StateConflict, UnknownJob
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.messages import JobReport
from sparkvsr_bridge.settings import JobSpec, OutputTarget
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.daemon.schedule import Schedule
from sparkvsr_engine.jobs.storage.records import FinishedChunk
from sparkvsr_engine.jobs.storage.store import JobStore

SPEC = JobSpec(SourceMedia("/plates/a.mov"), OutputTarget("/out/a.mov"))
BATCH = replace(SPEC, priority="batch")


@pytest.fixture
def store(tmp_path):
    result = JobStore(tmp_path / "jobs.sqlite")
    yield result
    result.close()


@pytest.fixture
def schedule(store):
    return Schedule(store, worker_attempts=3)


def test_jobs_run_one_at_a_time_in_the_order_they_came(store, schedule):
    for job in ("one", "two"):
        store.add_version(job, SPEC)
    assert schedule.next().job == "one"
    assert schedule.next() is None
    schedule.ended(JobReport("one", 1, "finished", "", ""))
    assert schedule.next().job == "two"


def test_a_version_whose_worker_died_waits_again_and_fails_the_third_time(store, schedule):
    store.add_version("one", SPEC)
    states = []
    for _ in range(3):
        schedule.next()
        states.append(schedule.worker_died().state)
    assert states == ["queued", "queued", "failed"]
    assert store.version("one").error.code == "worker_lost"
    assert "sparkvsr resume one" in store.version("one").error.message


def test_a_finished_chunk_makes_up_for_the_deaths_before(store, schedule):
    store.add_version("one", SPEC)
    for start in range(5):
        schedule.next()
        store.add_chunk("one", 1, FinishedChunk(FrameSpan(start, start + 1), "key", False, ()))
        assert schedule.worker_died().state == "queued"


def test_a_job_that_was_being_stopped_stays_stopped_when_its_worker_dies(store, schedule):
    store.add_version("one", SPEC)
    schedule.next()
    assert schedule.stop("one", "cancelled")[1]
    assert schedule.worker_died().state == "cancelled"
    schedule.resume("one")
    schedule.next()
    assert schedule.worker_died().state == "queued"


def test_what_an_earlier_engine_left_running_waits_again(store, schedule):
    store.add_version("one", SPEC)
    store.add_version("two", SPEC)
    store.set_state("two", 1, "paused")
    schedule.next()
    later = Schedule(store, 3)
    assert [version.job for version in later.take_over()] == ["one"]
    assert later.next().job == "one"
    assert store.version("two").state == "paused"


def test_a_running_job_is_stopped_at_once_whatever_its_worker_does(store, schedule):
    for job in ("one", "two"):
        store.add_version(job, SPEC)
    schedule.next()
    version, in_hand = schedule.stop("one", "cancelled")
    assert (version.state, in_hand) == ("cancelled", True)
    assert schedule.next() is None
    assert schedule.ended(JobReport("one", 1, "cancelled", "", "")).state == "cancelled"
    assert schedule.next().job == "two"


def test_a_job_resumed_before_its_worker_let_it_go_waits_again(store, schedule):
    store.add_version("one", SPEC)
    schedule.next()
    schedule.stop("one", "paused")
    assert schedule.resume("one").state == "queued"
    assert schedule.next() is None
    assert schedule.ended(JobReport("one", 1, "paused", "", "")).state == "queued"
    assert schedule.next().job == "one"


def test_a_job_that_finished_while_it_was_being_stopped_is_finished(store, schedule):
    store.add_version("one", SPEC)
    schedule.next()
    schedule.stop("one", "cancelled")
    assert schedule.ended(JobReport("one", 1, "finished", "", "")).state == "finished"


def test_a_job_an_engine_was_stuck_on_lets_the_others_go_first(store, schedule):
    for job in ("one", "two"):
        store.add_version(job, SPEC)
    assert schedule.next().job == "one"
    later = Schedule(store, 3)
    later.take_over()
    assert later.next().job == "two"
    later.ended(JobReport("two", 1, "finished", "", ""))
    assert later.next().job == "one"


def test_why_a_worker_was_ended_is_why_its_job_failed(store):
    store.add_version("one", SPEC)
    schedule = Schedule(store, worker_attempts=1)
    schedule.next()
    assert schedule.worker_died("The worker did nothing for 120 seconds and was ended.").state == "failed"
    assert "did nothing for 120 seconds" in store.version("one").error.message


def test_a_waiting_job_is_stopped_at_once_and_resumed_to_the_queue(store, schedule):
    store.add_version("one", SPEC)
    version, is_running = schedule.stop("one", "paused")
    assert (version.state, is_running) == ("paused", False)
    assert schedule.next() is None
    assert schedule.resume("one").state == "queued"


def test_an_ended_job_cannot_be_stopped_nor_a_finished_one_resumed(store, schedule):
    store.add_version("one", SPEC)
    store.set_state("one", 1, "finished")
    with pytest.raises(StateConflict, match="finished already"):
        schedule.stop("one", "cancelled")
    with pytest.raises(StateConflict, match="sparkvsr revise one"):
        schedule.resume("one")
    with pytest.raises(UnknownJob):
        schedule.resume("two")


def test_without_a_worker_nobody_waits_for_ever(store, schedule):
    store.add_version("one", SPEC)
    store.add_version("two", SPEC)
    store.set_state("two", 1, "finished")
    failed = schedule.fail_queued("The worker does not start; look at its log.")
    assert [(version.job, version.state, version.error.code) for version in failed] == [
        ("one", "failed", "worker_lost")
    ]


def test_a_report_joins_the_store_with_the_latest_news(store, schedule):
    store.add_version("one", SPEC)
    schedule.next()
    store.add_chunk("one", 1, FinishedChunk(FrameSpan(0, 4), "key", True, ()))
    schedule.advanced(
        JobReport(
            "one",
            1,
            "running",
            "",
            "",
            20,
            6,
            phase="rendering",
            chunks_total=3,
            frames_per_second=2.0,
            eta_seconds=7.0,
            keyframes=(5,),
        )
    )
    report = schedule.report(store.version("one"))
    assert (report.state, report.phase, report.frames_done, report.frames_total) == (
        "running",
        "rendering",
        6,
        20,
    )
    assert (report.chunks_done, report.chunks_total, report.frames_reused) == (1, 3, 4)
    assert (report.eta_seconds, report.keyframes) == (7.0, (5,))
    schedule.ended(JobReport("one", 1, "paused", "", ""))
    rested = schedule.report(store.version("one"))
    assert (rested.phase, rested.frames_done, rested.eta_seconds) == ("", 4, None)


def test_jobs_of_artists_go_before_batches_that_came_earlier(store, schedule):
    for job, spec in (("batch", BATCH), ("one", SPEC), ("two", SPEC)):
        store.add_version(job, spec)
    order = []
    while (version := schedule.next()) is not None:
        order.append(version.job)
        schedule.ended(JobReport(version.job, 1, "finished", "", ""))
    assert order == ["one", "two", "batch"]


def test_a_batch_that_is_rendered_lets_an_artists_job_go_first_and_goes_on_afterwards(store, schedule):
    store.add_version("batch", BATCH)
    schedule.next()
    assert schedule.overtaken() is None
    store.add_version("later", BATCH)
    assert schedule.overtaken() is None, "batches do not overtake each other"
    store.add_version("artist", SPEC)
    overtaken = schedule.overtaken()
    assert (overtaken.job, overtaken.state) == ("batch", "queued")
    assert schedule.report(overtaken).priority == "batch"
    assert schedule.overtaken() is None, "it is asked to let go once"
    assert schedule.next() is None, "until it has let go nothing is started"
    schedule.ended(JobReport("batch", 1, "paused", "", ""))
    assert store.version("batch").state == "queued"
    order = []
    while (version := schedule.next()) is not None:
        order.append(version.job)
        schedule.ended(JobReport(version.job, 1, "finished", "", ""))
    assert order == ["artist", "batch", "later"]


def test_a_batch_that_ends_while_it_is_overtaken_has_ended(store, schedule):
    store.add_version("batch", BATCH)
    schedule.next()
    store.add_version("artist", SPEC)
    schedule.overtaken()
    assert schedule.ended(JobReport("batch", 1, "finished", "", "")).state == "finished"


def test_a_batch_that_is_cancelled_while_it_is_overtaken_stays_cancelled(store, schedule):
    store.add_version("batch", BATCH)
    schedule.next()
    store.add_version("artist", SPEC)
    schedule.overtaken()
    assert schedule.stop("batch", "cancelled")[1]
    assert schedule.ended(JobReport("batch", 1, "paused", "", "")).state == "cancelled"


def test_an_artists_job_that_kills_workers_does_not_hold_up_batches_again_and_again(store, schedule):
    store.add_version("artist", SPEC)
    schedule.next()
    store.add_version("batch", BATCH)
    schedule.worker_died()
    assert schedule.next().job == "batch"
    assert schedule.overtaken() is None
