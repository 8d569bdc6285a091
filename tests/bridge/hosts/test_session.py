"""The session of a host: starts the engine, hands over news, and comes back after the engine was killed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.hosts.engine_place import EnginePlace
from sparkvsr_bridge.hosts.landing import Landed
from sparkvsr_bridge.hosts.session import Answer, EngineState, Session
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import JobSpec, OutputTarget
from tests.fakes.launching import ENGINE, Engines
from tests.fakes.programs import write_program


@pytest.fixture
def program(tmp_path: Path) -> str:
    """A program that starts the stand-in engine."""
    code = f"import runpy; runpy.run_path({str(ENGINE)!r}, run_name='__main__')"
    return str(write_program(tmp_path / "sparkvsr", code))


@pytest.fixture
def session(program: str, engines: Engines) -> Iterator[Session]:
    session = Session(EnginePlace(program=program, home=str(engines.home)))
    yield session
    session.close()


class News:
    """What a session's drain gave so far."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.all: list[Any] = []

    def wait_for(self, condition: Callable[[Any], bool]) -> Any:
        """The first piece of news that fulfils the condition."""
        give_up = time.monotonic() + 120
        seen = 0
        while True:
            self.all += self.session.drain()
            for item in self.all[seen:]:
                if condition(item):
                    return item
            seen = len(self.all)
            assert time.monotonic() < give_up, f"the news never came; there were {self.all}"
            time.sleep(0.02)

    def answer(self, token: str) -> Answer:
        return self.wait_for(lambda item: isinstance(item, Answer) and item.token == token)


def test_nothing_is_started_before_something_is_asked(session: Session, engines: Engines):
    assert session.state == EngineState("offline")
    assert session.drain() == []
    assert engines.started == []


def test_an_answer_comes_as_news_and_so_does_an_error(session: Session):
    news = News(session)
    session.do("hello", lambda client: client.hello())
    assert news.answer("hello").value.pid > 0
    session.do_beside("wrong", lambda client: client.request(m.WatchJobRequest("nothing"), m.JobReply))
    assert "no job 'nothing'" in str(news.answer("wrong").error)
    assert [item.kind for item in news.all if isinstance(item, EngineState)] == ["starting", "ready"]


def test_a_killed_engine_is_started_again_and_the_job_watched(
    session: Session, engines: Engines, tmp_path: Path
):
    news = News(session)
    (tmp_path / "out").mkdir()
    spec = JobSpec(SourceMedia("/plate.%04d.png"), OutputTarget(str(tmp_path / "out" / "%04d.png")))
    session.do("submit", lambda client: client.request(m.SubmitJobRequest(spec), m.JobReply).report)
    job = news.answer("submit").value.job
    session.follow(job)
    (tmp_path / "out" / "0007.png").touch()
    engines.kill()
    landed = news.wait_for(lambda item: isinstance(item, Landed))
    assert (landed.job, landed.frames) == (job, (7,))
    kinds = [item.kind for item in news.all if isinstance(item, EngineState)]
    assert kinds == ["starting", "ready", "lost", "starting", "ready"]
    assert len(engines.started) == 2
    session.do("cancel", lambda client: client.request(m.CancelJobRequest(job), m.JobReply))
    news.wait_for(lambda item: isinstance(item, m.JobChanged) and item.report.state == "cancelled")


def test_an_engine_that_is_gone_stays_gone_where_no_job_is_followed(session: Session, engines: Engines):
    news = News(session)
    session.do("hello", lambda client: client.hello())
    news.answer("hello")
    engines.kill()
    news.wait_for(lambda item: isinstance(item, EngineState) and item.kind == "offline")
    assert len(engines.started) == 1
