"""Plugins on a Windows machine, by their own modules: what they send by Windows' names renders on a Linux
engine, and every name they get back is one of their own.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugins.blender import bridge_link as blender_link
from plugins.blender.sequencer.result_files import result_target
from sparkvsr_bridge.hosts.engine_place import EnginePlace
from sparkvsr_bridge.hosts.job_list import JobEntry, JobList
from sparkvsr_bridge.hosts.tasks.host_session import HostSession
from sparkvsr_bridge.messages import ENDED_STATES, JobReply, ReviseJobRequest, SubmitJobRequest
from tests.end_to_end.clips import plate
from tests.fakes.remote_engines import RemoteEngine

ROOT = Path(__file__).resolve().parents[2]
for folder in ("nuke", "davinci"):
    sys.path.append(str(ROOT / "plugins" / folder))

from sparkvsr_nuke.preferences import Preferences, engine_place  # noqa: E402
from sparkvsr_nuke.requests.shot_requests import job_spec  # noqa: E402
from sparkvsr_resolve.runs.engine import Engine  # noqa: E402
from sparkvsr_resolve.runs.memory import ResultRecord  # noqa: E402

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the engine's own paths are POSIX'"),
]

PATIENCE_SECONDS = 120.0
OPTIONS = {"scale": 2.0, "model": "identity", "policy": {"name": "none"}}


@dataclasses.dataclass(frozen=True)
class Studio:
    """An engine whose folders a Windows machine has as S: and T:, and the client's file."""

    engine: RemoteEngine
    file: str

    def requires_own_names(self, *texts: str) -> None:
        """No text names a folder as the engine has it."""
        assert all(str(self.engine.base) not in text for text in texts), texts

    def files_in(self, name: str) -> list[str]:
        return sorted(path.name for path in (self.engine.results / name).iterdir())


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    base = Path(tempfile.mkdtemp(prefix="svsr-"))
    rows = f"['{base / 'shots'}', 'S:\\'], ['{base / 'results'}', 'T:\\out']"
    engine = RemoteEngine(base, path_maps=f"path_maps = [{rows}]")
    plate(engine.shots, 4, start=1, name="plate.%04d.png")
    file = base / "anna.json"
    file.write_text(json.dumps(engine.connection("submit").to_dict()))
    engine.start()
    try:
        yield Studio(engine, str(file))
    finally:
        engine.end()
        shutil.rmtree(base, ignore_errors=True)


class Panel:
    """A host's session and its list of jobs, looked at as its timer does."""

    def __init__(self, place: EnginePlace) -> None:
        self.jobs = JobList()
        self._session = HostSession(lambda: place, self._fail, [])

    def send(self, request: Any, record: Any) -> JobEntry:
        """The entry of a request once the engine took it; what goes wrong is raised."""
        answers: list[tuple[Any, Exception | None]] = []
        self._session.run_task(
            lambda client: client.request(request, JobReply).report,
            lambda report, error: answers.append((report, error)),
        )
        self._look_until(lambda: bool(answers))
        report, error = answers[0]
        if error is not None:
            raise error
        self._session.get().follow(report.job)
        return self.jobs.accept(report, record)

    def finished(self, entry: JobEntry) -> JobEntry:
        self._look_until(lambda: entry.report.state in ENDED_STATES)
        assert entry.report.state == "finished", entry.report.error
        return entry

    def close(self) -> None:
        self._session.close()

    def _look_until(self, condition: Any) -> None:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < give_up
            self._session.poll(self.jobs.take_in)
            time.sleep(0.02)

    def _fail(self, error: Exception, _token: str) -> None:
        raise error


def record_of(request: Any, target: str) -> Any:
    """Where a result belongs in a timeline that begins at frame 10."""
    return blender_link.TimelineRecord(
        scene="Scene",
        origin="origin",
        strip="plate",
        request=request,
        first_content=0,
        placement=blender_link.placement_of(blender_link.StripTiming(10, 4, 10, 14)),
        extension=Path(target).suffix,
        colour="sRGB",
        width=64,
        height=48,
        label="plate 2x",
        mute_source=True,
    )


def test_blender_shows_the_frames_under_its_own_names(studio: Studio):
    place = blender_link.EnginePlace(connection_file=studio.file, may_go_online=True, name="blender 4.2")
    target = result_target(Path("T:\\out"), "plate 2x", "20260101", ".png").replace("/", "\\")
    request = blender_link.ShotRequest("S:\\plate.%04d.png", 1, 4, OPTIONS)
    panel = Panel(place)
    try:
        entry = panel.send(SubmitJobRequest(request.job_spec(target)), record_of(request, target))
        panel.finished(entry)
    finally:
        panel.close()
    assert target == "T:\\out\\plate_2x-20260101\\%06d.png"
    assert (entry.report.source, entry.report.target) == ("S:\\plate.%04d.png", target)
    assert sorted(entry.landed) == [1, 2, 3, 4]
    assert studio.files_in("plate_2x-20260101") == [f"{number:06d}.png" for number in range(1, 5)]
    studio.requires_own_names(repr(entry.report))


def test_nuke_gets_and_revises_its_versions_under_its_own_names(studio: Studio):
    """Nuke writes every path with slashes, also on Windows."""
    place = engine_place(Preferences(connection_file=studio.file), "nuke 15.1")
    target, later = "T:/out/comp/v001/s_v001.%04d.png", "T:/out/comp/v002/s_v002.%04d.png"
    request = blender_link.ShotRequest("S:/plate.%04d.png", 1, 4, OPTIONS)
    changed = dataclasses.replace(request, options={**OPTIONS, "guidance": 0.5})
    panel = Panel(place)
    try:
        entry = panel.finished(
            panel.send(SubmitJobRequest(job_spec(request, target)), record_of(request, target))
        )
        revision = blender_link.revision_between(request, changed)
        revision = dataclasses.replace(revision, output=job_spec(changed, later).output)
        asked = ReviseJobRequest(entry.report.job, revision)
        second = panel.finished(panel.send(asked, record_of(changed, later)))
    finally:
        panel.close()
    assert [(each.report.source, each.report.target) for each in (entry, second)] == [
        ("S:/plate.%04d.png", target),
        ("S:/plate.%04d.png", later),
    ]
    assert studio.files_in("comp/v002") == [f"s_v002.{number:04d}.png" for number in range(1, 5)]
    studio.requires_own_names(repr(entry.report), repr(second.report))


def test_resolve_describes_renders_and_revises_under_its_own_names(studio: Studio):
    engine = Engine(EnginePlace(connection_file=studio.file, may_go_online=True, name="resolve"))
    source, target, later = "S:\\plate.%04d.png", "T:\\out\\cut\\a.mov", "T:\\out\\cut\\b.mov"
    request = blender_link.ShotRequest(source, 1, 4, OPTIONS)
    try:
        facts = engine.describe(source)
        missing = engine.describe("S:\\absent.mov")
        report = engine.follow(engine.submit(request, lambda: target, None), lambda _: None)
        record = ResultRecord(
            "item", source, request.to_json(), report.job, report.version, report.target, 0, 4
        )
        changed = dataclasses.replace(request, options={**OPTIONS, "guidance": 0.5})
        second = engine.follow(engine.submit(changed, lambda: later, record), lambda _: None)
    finally:
        engine.close()
    assert (facts.frames, facts.width, facts.problem) == (4, 64, "")
    assert "S:\\absent.mov" in missing.problem
    assert (report.source, report.target, second.target, second.version) == (source, target, later, 2)
    assert studio.files_in("cut") == ["a.mov", "b.mov"]
    studio.requires_own_names(repr(report), repr(second), missing.problem)
