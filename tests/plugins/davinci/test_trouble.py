"""Resolve closed midway, hanging or gone, the engine killed: one sentence each, nothing rendered is lost."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.programs import KILL
from tests.plugins.davinci.scenes import OPTIONS, Scene


def when_upscaled(scene: Scene, do: Any) -> None:
    """Do something as soon as the first job has begun, once."""
    note = scene.note
    done: list[bool] = []

    def listen(news: Any) -> None:
        note(news)
        if getattr(news, "report", None) is not None and not done:
            done.append(True)
            do()

    scene.note = listen  # type: ignore[method-assign]


def test_a_project_closed_midway_keeps_the_result_and_the_next_run_places_it(scene: Scene):
    item = scene.clip(scene.movie(), source=10, duration=8)
    plan = scene.plan()
    project = scene.app.project
    when_upscaled(scene, lambda: setattr(scene.app, "project", None))
    end = scene.carry_out(plan).clips[0]
    assert "no open project" in end.error
    assert Path(end.path).is_file()
    assert not item.takes
    scene.app.project = project
    again = scene.run()
    assert again.is_whole, again
    assert again.clips[0].path == end.path
    assert scene.numbers(item) == list(range(10, 18))


@pytest.mark.slow
def test_a_dialog_while_placing_is_reported_and_nothing_is_placed_twice(scene: Scene):
    item = scene.clip(scene.movie(), source=10, duration=8)
    plan = scene.plan()
    scene.host._patience = 0.02
    when_upscaled(scene, scene.app.show_dialog)
    end = scene.carry_out(plan).clips[0]
    assert "shows a dialog" in end.error
    assert Path(end.path).is_file()
    scene.app.close_dialog()
    scene.host._patience = 1.0
    again = scene.run()
    assert again.is_whole, again
    assert len(item.takes) == 2


def test_a_resolve_that_ended_keeps_the_result(scene: Scene):
    scene.clip(scene.movie(), source=10, duration=8)
    plan = scene.plan()
    when_upscaled(scene, scene.app.quit)
    end = scene.carry_out(plan).clips[0]
    assert "ended" in end.error or "No DaVinci Resolve answers" in end.error
    assert Path(end.path).is_file()


@pytest.mark.slow
def test_a_killed_engine_is_started_again_and_the_job_goes_on(scene: Scene):
    from sparkvsr_resolve.bridge_link import messages

    item = scene.clip(scene.movie(), source=10, duration=8)
    pid = scene.engine.client().request(messages.DescribeEngineRequest(), messages.EngineReply).pid
    when_upscaled(scene, lambda: os.kill(pid, KILL))
    report = scene.run()
    assert report.is_whole, report
    assert scene.numbers(item) == list(range(10, 18))
    assert scene.engine.client().request(messages.DescribeEngineRequest(), messages.EngineReply).pid != pid


def test_one_clip_that_fails_stops_no_other(scene: Scene):
    good = scene.movie()
    bad = scene.movie("bad.mov")
    scene.clip(bad, at=0, source=2, duration=4, name="bad")
    item = scene.clip(good, at=10, source=10, duration=4, name="good")
    plan = scene.plan()
    (scene.folder / "bad.mov").write_bytes(b"no movie")
    report = scene.carry_out(plan)
    assert [bool(end.error) for end in report.clips] == [True, False]
    assert scene.numbers(item) == [10, 11, 12, 13]


@pytest.mark.slow
def test_after_a_cancelled_run_changes_count_from_its_version(scene: Scene):
    """The engine revises a job's latest version, which is the cancelled one."""
    from sparkvsr_resolve.bridge_link import errors

    item = scene.clip(scene.movie(), source=10, duration=8)
    scene.run()
    scene.cancelled = True
    with pytest.raises(errors.JobCancelled):
        scene.run(options={**OPTIONS, "guidance": 0.25})
    scene.cancelled = False
    earlier = scene.plan().clips[0].earlier
    assert earlier.version == 2
    assert '"guidance": 0.25' in earlier.request
    report = scene.run()
    assert report.is_whole, report
    assert report.clips[0].version == 3
    assert scene.numbers(item) == list(range(10, 18))


def test_a_cancelled_run_cancels_its_job(scene: Scene):
    from sparkvsr_resolve.bridge_link import errors

    scene.clip(scene.movie(frames=60), source=0, duration=60)
    scene.cancelled = True
    with pytest.raises(errors.JobCancelled):
        scene.run()
