"""Steps of a bundle in this process: equal to one machine's job, resumable, on hosts with other paths."""

import json
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
import pytest

from sparkvsr_bridge.errors import (
    InvalidSettings,
    JobFailed,
    KeyframeRejected,
    SourceChanged,
    StateConflict,
    TargetExists,
)
from sparkvsr_bridge.messages import FramesFinished
from sparkvsr_bridge.settings import OutputTarget
from sparkvsr_bridge.system.locks import FileLock
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.farm import steps
from sparkvsr_engine.farm.bundling import write_bundle
from sparkvsr_engine.farm.steps import HostPaths, join, prepare, render
from sparkvsr_engine.in_process import render_in_process
from sparkvsr_engine.media.images import read_image
from tests.fakes.jobs import Workshop, write_keyframe, write_plate

FRAMES = 20
TASKS = (FrameSpan(0, 8), FrameSpan(8, 16), FrameSpan(16, 24))


@dataclass
class Show:
    """A shot with a painted keyframe, and the folder of its bundle."""

    folder: Path
    source: str
    spec: object

    @property
    def paths(self) -> HostPaths:
        return HostPaths(self.folder / "bundle")

    def bundle(self, **changes) -> HostPaths:
        write_bundle(replace(self.spec, **changes), self.paths.bundle, 8)
        return self.paths

    def aimed_at(self, name: str):
        return replace(self.spec, output=OutputTarget(str(self.folder / name)))


@pytest.fixture
def show(tmp_path, home):
    workshop = Workshop(home)
    source = write_plate(tmp_path / "plate", FRAMES, 48, 32)
    painted = write_keyframe(tmp_path / "fixed.png", 5, width=48, height=32)
    spec = workshop.spec(source, tmp_path / "out" / "%04d.exr", {5: painted, 14: None})
    workshop.close()
    return Show(tmp_path, source, spec)


def ignore(event) -> None:
    pass


def pictures(folder: Path) -> dict[str, np.ndarray]:
    return {path.name: read_image(path).pixels for path in sorted(folder.glob("*.exr"))}


def decoded(movie: Path) -> np.ndarray:
    with av.open(str(movie)) as container:
        return np.stack([frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)])


def rendered_frames(paths: HostPaths, frames: FrameSpan) -> list[int]:
    """The frames a task makes or finds."""
    events: list = []
    render(paths, frames, events.append)
    return [frame for event in events if isinstance(event, FramesFinished) for frame in event.frames]


@pytest.mark.slow
def test_the_result_is_that_of_one_machine_to_the_bit_in_whatever_order_tasks_run(show):
    paths = show.bundle()
    prepared = prepare(paths, ignore)
    assert [keyframe.frame for keyframe in prepared.plan.keyframes] == [5, 14]
    frames = [rendered_frames(paths, task) for task in reversed(TASKS)]
    assert sorted(frame for task in frames for frame in task) == list(range(FRAMES))
    join(paths, ignore)
    render_in_process(show.aimed_at("single/%04d.exr"))
    first, second = pictures(show.folder / "out"), pictures(show.folder / "single")
    assert len(first) == FRAMES
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)


@pytest.mark.slow
def test_a_movie_is_joined_of_segments_that_several_hosts_wrote(show):
    paths = show.bundle(output=OutputTarget(str(show.folder / "out.mkv"), codec="ffv1"))
    prepare(paths, ignore)
    for task in TASKS:
        render(paths, task, ignore)
    assert not (show.folder / "out.mkv").exists()
    join(paths, ignore)
    single = replace(show.spec, output=OutputTarget(str(show.folder / "single.mkv"), codec="ffv1"))
    render_in_process(single)
    first, second = decoded(show.folder / "out.mkv"), decoded(show.folder / "single.mkv")
    assert len(first) == FRAMES
    assert np.array_equal(first, second)


def test_a_task_that_was_killed_goes_on_behind_its_last_chunk(show, monkeypatch):
    paths = show.bundle()
    prepare(paths, ignore)

    def fail_at_the_second(event) -> None:
        if isinstance(event, FramesFinished):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render(paths, FrameSpan(0, 24), fail_at_the_second)
    times = {path: path.stat().st_mtime_ns for path in (show.folder / "out").glob("*.exr")}
    assert 0 < len(times) < FRAMES
    assert sorted(rendered_frames(paths, FrameSpan(0, 24))) == list(range(FRAMES))
    assert all(path.stat().st_mtime_ns == time for path, time in times.items())


def test_hosts_may_see_everything_under_other_paths_and_at_other_times(show, tmp_path_factory):
    prepare(show.bundle(), ignore)
    render(show.paths, TASKS[0], ignore)
    elsewhere = tmp_path_factory.mktemp("other")
    for name in ("bundle", "plate", "out"):
        shutil.copytree(show.folder / name, elsewhere / name)
        shutil.move(show.folder / name, show.folder / f"gone-{name}")
    for path in elsewhere.rglob("*.*"):
        os.utime(path, (1, 1))
    (show.folder / "fixed.png").unlink()
    moved = HostPaths(elsewhere / "bundle", str(elsewhere / "plate"), str(elsewhere / "out"))
    first = {path: path.stat().st_mtime_ns for path in (elsewhere / "out").glob("*.exr")}
    assert prepare(moved, ignore).kept == ()
    for task in TASKS:
        render(moved, task, ignore)
    assert join(moved, ignore).output.path == str(elsewhere / "out" / "%04d.exr")
    assert all(path.stat().st_mtime_ns == time for path, time in first.items())
    assert len(pictures(elsewhere / "out")) == FRAMES
    assert not (show.folder / "out").exists()


def test_frames_that_are_missing_are_named_and_nothing_is_joined(show):
    paths = show.bundle()
    prepare(paths, ignore)
    frames = rendered_frames(paths, TASKS[0])
    missing = sorted(set(range(FRAMES)) - set(frames))
    with pytest.raises(JobFailed, match=rf"^{len(missing)} frames are not rendered \({missing[0]}-19\)"):
        join(paths, ignore)


@pytest.mark.slow
def test_a_frame_that_was_cut_short_is_rendered_again(show):
    paths = show.bundle()
    prepare(paths, ignore)
    for task in TASKS:
        render(paths, task, ignore)
    torn = show.folder / "out" / "0003.exr"
    whole = read_image(torn).pixels
    torn.write_bytes(torn.read_bytes()[:100])
    with pytest.raises(JobFailed, match="frames are not rendered"):
        join(paths, ignore)
    render(paths, TASKS[0], ignore)
    assert np.array_equal(read_image(torn).pixels, whole)
    join(paths, ignore)


def test_frames_that_were_there_before_are_kept(show):
    (show.folder / "out").mkdir()
    artists_frame = show.folder / "out" / "0004.exr"
    artists_frame.write_bytes(b"the artist's own")
    paths = show.bundle()
    assert prepare(paths, ignore).kept == (4,)
    for task in TASKS:
        render(paths, task, ignore)
    join(paths, ignore)
    assert artists_frame.read_bytes() == b"the artist's own"
    assert len(list((show.folder / "out").glob("*.exr"))) == FRAMES


def test_a_source_that_is_not_the_one_that_was_prepared_is_refused(show):
    paths = show.bundle()
    prepare(paths, ignore)
    (show.folder / "plate" / "0003.png").write_bytes((show.folder / "fixed.png").read_bytes())
    with pytest.raises(SourceChanged, match="is not the source this bundle was prepared with"):
        render(paths, TASKS[0], ignore)
    with pytest.raises(SourceChanged):
        prepare(paths, ignore)


def test_a_host_with_another_release_or_model_is_refused(show, monkeypatch):
    paths = show.bundle()
    with pytest.raises(InvalidSettings, match="is not prepared"):
        render(paths, TASKS[0], ignore)
    prepare(paths, ignore)
    plan = json.loads((paths.bundle / "work" / "plan.json").read_text())
    plan["plan"]["model"] = "another"
    (paths.bundle / "work" / "plan.json").write_text(json.dumps(plan))
    with pytest.raises(InvalidSettings, match="another version of the model lite"):
        render(paths, TASKS[0], ignore)
    request = json.loads((paths.bundle / "request.json").read_text())
    request["version"] = "9.9"
    (paths.bundle / "request.json").write_text(json.dumps(request))
    with pytest.raises(InvalidSettings, match=r"was made by sparkvsr 9\.9"):
        join(paths, ignore)


def test_a_task_that_runs_already_is_refused(show):
    paths = show.bundle()
    prepare(paths, ignore)
    lock = FileLock(paths.bundle / "work" / "locks" / "render-8.lock")
    assert lock.take()
    with pytest.raises(StateConflict, match="Another process renders frames 8-15"):
        render(paths, TASKS[1], ignore)
    render(paths, TASKS[0], ignore)
    lock.release()


def test_what_a_job_would_be_refused_for_makes_no_bundle(show):
    (show.folder / "full").mkdir()
    (show.folder / "full" / "notes.txt").write_text("mine")
    with pytest.raises(TargetExists, match="choose an empty folder"):
        write_bundle(show.spec, show.folder / "full")
    with pytest.raises(InvalidSettings, match="renders nothing"):
        write_bundle(show.spec, show.folder / "bundle", 0)
    (show.folder / "fixed.png").unlink()
    with pytest.raises(KeyframeRejected):
        write_bundle(show.spec, show.folder / "bundle")
    assert not (show.folder / "bundle" / "template.json").exists()


def test_no_prediction_is_left_in_the_bundle_and_no_cache_of_it_is_trimmed(show, monkeypatch):
    monkeypatch.setattr(steps.RestorerPool, "close", lambda self: None)
    paths = show.bundle()
    prepare(paths, ignore)
    before = {path.relative_to(paths.bundle) for path in (paths.bundle / "work" / "cache").rglob("*.*")}
    assert any("references" in path.parts for path in before)
    render(paths, TASKS[0], ignore)
    after = {path.relative_to(paths.bundle) for path in (paths.bundle / "work" / "cache").rglob("*.*")}
    assert before <= after
    assert not any("predictions" in path.parts for path in after)
