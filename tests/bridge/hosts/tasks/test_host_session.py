"""Results of tasks reach who waits for them, in the order of the session's news."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.errors import UnknownJob
from sparkvsr_bridge.hosts.engine_place import EnginePlace
from sparkvsr_bridge.hosts.job_list import JobList
from sparkvsr_bridge.hosts.landing import Landed
from sparkvsr_bridge.hosts.session import Answer, EngineState
from sparkvsr_bridge.hosts.tasks.answers import PendingAnswers
from sparkvsr_bridge.hosts.tasks.host_session import HostSession
from sparkvsr_bridge.hosts.tasks.watching import WatchedJob, forget_ended, take_in_watched

REPORT = m.JobReport("a", 1, "finished", "clip.mp4", "out.mp4")


class Host:
    """A host's preferences, and what its main thread was given. No program of an engine is at its place."""

    def __init__(self, folder: Path) -> None:
        self.place = EnginePlace(program=str(folder / "none"), home=str(folder))
        self.errors: list[tuple[str, str]] = []
        self.news: list[Any] = []
        self.uses = 0
        self.session = HostSession(
            lambda: self.place,
            lambda error, token: self.errors.append((type(error).__name__, token)),
            [self.use],
        )

    def use(self) -> None:
        self.uses += 1

    def poll_until(self, is_done: Any) -> None:
        give_up = time.monotonic() + 60
        while not is_done():
            assert time.monotonic() < give_up
            self.session.poll(self.news.append)
            time.sleep(0.01)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path)
    yield host
    host.session.close()


def test_a_task_gets_its_error_and_all_other_news_go_past_it(host: Host):
    results: list[tuple[Any, Any]] = []
    host.session.run_task(lambda client: client, lambda value, error: results.append((value, error)))
    assert host.session.has_tasks
    host.poll_until(lambda: results)
    ((value, error),) = results
    assert value is None
    assert "none" in str(error)
    assert not host.session.has_tasks
    assert any(isinstance(news, EngineState) for news in host.news)
    assert host.errors == []


def test_the_error_of_a_task_nobody_waits_for_is_named(host: Host):
    host.session.get().do("playhead a", lambda client: client)
    host.poll_until(lambda: host.errors)
    assert host.errors == [("EngineNotFound", "playhead a")]


def test_news_behind_a_failing_function_are_delivered_by_the_next_poll(host: Host):
    session = host.session.get()
    session.post("first")
    session.post("second")

    def fail(news: Any) -> None:
        raise ValueError(news)

    with pytest.raises(ValueError, match="first"):
        host.session.poll(fail)
    assert host.session.poll(host.news.append)
    assert host.news == ["second"]


def test_another_engine_in_the_preferences_makes_a_new_session_with_the_same_jobs(host: Host):
    first = host.session.get()
    assert host.session.get() is first
    first.follow("a")
    host.place = replace(host.place, home=host.place.home + "/other")
    second = host.session.get()
    assert second is not first
    assert second.followed == {"a"}
    assert host.uses == 3


def test_a_result_is_delivered_once():
    answers = PendingAnswers()
    results: list[Any] = []
    token = answers.add(lambda value, _: results.append(value))
    assert answers.deliver(Answer(token, 5))
    assert not answers.deliver(Answer(token, 6))
    assert results == [5]


def test_a_job_that_the_engine_lacks_is_lost_the_others_are_brought_up_to_date(host: Host):
    session, job_list = host.session.get(), JobList()
    for job in ("a", "b"):
        session.follow(job)
    problem = UnknownJob("There is no job b.")
    watched = [WatchedJob("a", REPORT, Landed("a", 1, (1, 2))), WatchedJob("b", error=problem)]
    assert take_in_watched(watched, job_list, session) == [problem]
    assert session.followed == {"a"}
    assert job_list.entries["a", 1].landed == {1, 2}


def test_an_ended_job_is_forgotten_and_its_trust_is_asked_for_once(host: Host):
    session, job_list = host.session.get(), JobList()
    session.follow("a")
    changed = m.JobChanged(REPORT)
    job_list.take_in(changed)
    entry = forget_ended(changed, job_list, session)
    assert entry is job_list.entries["a", 1]
    assert session.followed == set()
    entry.trust = {1: 0.5}
    assert forget_ended(changed, job_list, session) is None
