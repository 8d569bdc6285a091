"""Previews, cancelled and resumed jobs, failures, an engine that is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tkinter")

from tests.fakes.nuke.application import current
from tests.fakes.nuke_plates import plate_frame, read_exr
from tests.plugins.nuke.jobs.node_jobs import (
    all_ended,
    click,
    entries,
    in_the_interface,
    pump,
    update_results,
)


@in_the_interface
def test_a_preview_is_shown_and_is_no_edit(nuke: Any, shot: Any, tmp_path: Path):
    nuke.frame(1002)
    nuke.scriptSave()
    steps = len(current().undo.done)
    click(shot, "preview")
    pump(lambda: shot["view"].value() == "preview", "no preview came")
    picture = Path(shot.node("preview_picture")["file"].value())
    assert np.abs(read_exr(picture)[..., :3] - plate_frame(1002)[..., :3]).max() < 1e-3
    assert len(current().undo.done) == steps
    assert not nuke.root().modified()


@in_the_interface
def test_an_engine_that_is_not_there_is_a_sentence(shot: Any, home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPARKVSR_HOME", str(home))
    monkeypatch.setenv("SPARKVSR_ENGINE", "/nowhere/sparkvsr")
    click(shot, "upscale")
    pump(lambda: bool(current().messages), "no message came")
    assert "/nowhere/sparkvsr" in current().messages[-1][1]
    assert shot["result_version"].value() == 0


@in_the_interface
def test_cancel_reaches_a_request_that_is_still_on_its_way(shot: Any, tmp_path: Path):
    from sparkvsr_nuke.following import jobs

    click(shot, "upscale")
    click(shot, "cancel")
    pump(lambda: not jobs.runtime().steps, "the request did not end")
    assert shot["result_version"].value() == 0
    assert entries() == []
    assert current().messages == []
    assert list(jobs.runtime().log) == ["The request was cancelled before it was sent."]


@in_the_interface
def test_cancel_stops_a_running_job_and_resume_goes_on(shot: Any):
    shot["model"].setValue("lite")
    shot["scale"].setValue(2.0)
    shot["keyframe_frames"].setValue("1003")
    click(shot, "upscale")
    pump(lambda: bool(entries()), "the job was not accepted")
    click(shot, "cancel")
    pump(all_ended, "the job did not end")
    assert [entry.report.state for entry in entries()] == ["cancelled"]
    update_results()
    assert shot["sparkvsr_status"].value() == "v001  cancelled"
    click(shot, "resume")
    pump(lambda: entries()[0].report.state == "finished", "the job did not go on")
    pump(lambda: bool(entries()[0].trust), "the trust in keyframes was not asked for")
    update_results()
    assert shot["sparkvsr_status"].value() == "v001"


@in_the_interface
def test_a_failure_while_the_timer_ticks_opens_its_box_outside_of_it(
    shot: Any, monkeypatch: pytest.MonkeyPatch
):
    import nuke
    from sparkvsr_nuke.following import jobs

    ticking: list[bool] = []
    monkeypatch.setattr(nuke, "message", lambda _: ticking.append(jobs.runtime().is_ticking))
    shot["model"].setValue("no such model")
    click(shot, "upscale")
    pump(lambda: bool(ticking), "no message came")
    assert ticking == [False]
