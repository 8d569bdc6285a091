"""A bundle in sessions of openjd-sessions, in which Deadline Cloud's worker agent runs tasks: path mapping
rules of the farm, variables of the host, a task that is cancelled, and another session that goes on.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest

from tests.end_to_end.program import COMMAND, ROOT, Program
from tests.end_to_end.test_farm_bundle import pictures
from tests.fakes.jobs import write_keyframe, write_plate

model = pytest.importorskip("openjd.model")
sessions = pytest.importorskip("openjd.sessions")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the program is a script of a shell")
FRAMES = 24
PATIENCE_SECONDS = 240.0


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """What the template calls `sparkvsr`; a variable of the host names the folder of the code."""
    path = tmp_path / "sparkvsr"
    path.write_text(f'#!/bin/sh\nPYTHONPATH="$HOSTS_CODE" exec {" ".join(COMMAND)} "$@"\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def job(tmp_path: Path, home: Path, program: Path) -> Any:
    """The bundle's job as a farm makes it; its source and target lie elsewhere on the host that renders."""
    source = write_plate(tmp_path / "plate", FRAMES, 48, 32)
    painted = write_keyframe(tmp_path / "fixed.png", 5, width=48, height=32).path
    words = ["farm", "bundle", source, "-o", tmp_path / "out" / "%04d.exr", "--to", tmp_path / "bundle"]
    Program(home).json(*words, "--scale", 2, "--task-frames", 8, "--keyframe", f"5={painted}")
    Program(home).upscale(
        source, tmp_path / "single" / "%04d.exr", "--keyframe", f"5={painted}", "--in-process"
    )
    (tmp_path / "host").mkdir()
    for name in ("plate", "out"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name).rename(tmp_path / "host" / name)
    folder = tmp_path / "bundle"
    template = model.decode_job_template(template=json.loads((folder / "template.json").read_text("utf-8")))
    values = {**json.loads((folder / "parameters.json").read_text("utf-8")), "Sparkvsr": str(program)}
    settled = model.preprocess_job_parameters(
        job_template=template,
        job_parameter_values=values,
        job_template_dir=folder,
        current_working_dir=folder,
    )
    return model.create_job(job_template=template, job_parameter_values=settled), settled


def rules(tmp_path: Path) -> list[Any]:
    return [
        sessions.PathMappingRule(
            source_path_format=sessions.PathFormat.POSIX,
            source_path=PurePosixPath(tmp_path / name),
            destination_path=PurePosixPath(tmp_path / "host" / name),
        )
        for name in ("plate", "out")
    ]


def run_job(job: Any, tmp_path: Path, cancel_when: Callable[[], bool] = lambda: False) -> bool:
    """Every task of every step in one session, in the order of the steps; False where one was cancelled."""
    template, values = job
    root = ROOT, ROOT / "bridge"
    with sessions.Session(
        session_id="session-1",
        job_parameter_values=values,
        path_mapping_rules=rules(tmp_path),
        os_env_vars={"HOSTS_CODE": os.pathsep.join(map(str, root)), "OMP_NUM_THREADS": "1"},
    ) as session:
        for step in template.steps:
            for task in model.StepParameterSpaceIterator(space=step.parameterSpace):
                session.run_task(step_script=step.script, task_parameter_values=task)
                if not ended(session, cancel_when):
                    return False
                assert session.action_status.state == sessions.ActionState.SUCCESS, session.action_status
    return True


def ended(session: Any, cancel_when: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + PATIENCE_SECONDS
    is_cancelled = False
    state = sessions.SessionState
    while session.state not in (state.READY, state.READY_ENDING, state.ENDED):
        assert time.monotonic() < give_up
        if not is_cancelled and cancel_when():
            session.cancel_action(time_limit=timedelta(seconds=5))
            is_cancelled = True
        time.sleep(0.02)
    return not is_cancelled


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_cancelled_session_is_gone_on_with_and_equals_one_machine(tmp_path: Path, job: Any):
    records = tmp_path / "bundle" / "work" / "chunks"
    assert not run_job(job, tmp_path, lambda: any(records.glob("*.json")))
    target = tmp_path / "host" / "out"
    finished = [name for path in records.glob("*.json") for name in files_of(path)]
    times = {name: (target / name).stat().st_mtime_ns for name in finished}
    assert 0 < len(times) < FRAMES
    assert run_job(job, tmp_path)
    assert {name: (target / name).stat().st_mtime_ns for name in times} == times, "nothing is rendered twice"
    farmed, single = pictures(target), pictures(tmp_path / "single")
    assert len(farmed) == FRAMES
    assert all(np.array_equal(farmed[name], single[name]) for name in single)
    assert not (tmp_path / "out").exists(), "nothing is written where the job came from"


def files_of(record: Path) -> list[str]:
    """Names of a finished chunk's frames."""
    return [name for _, root, name, _ in json.loads(record.read_text("utf-8"))["files"] if root == "target"]
