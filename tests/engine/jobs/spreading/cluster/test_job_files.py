"""A job on a host that has no folder of the engine's: what goes there, and what comes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sparkvsr_bridge.errors import InternalError
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.spreading.cluster.apart import ApartRenderer
from sparkvsr_engine.jobs.spreading.cluster.job_files import (
    Folders,
    Marks,
    SentFile,
    packed_files,
    put_in_place,
    received_report,
)
from sparkvsr_engine.jobs.spreading.orders import PartOrder, PartReport
from tests.fakes.jobs import Workshop, pictures_in, write_keyframe, write_plate

FRAMES = 24


@pytest.fixture
def workshop(home):
    result = Workshop(home)
    yield result
    result.close()


def order_of(workshop: Workshop, job: str) -> PartOrder:
    """The order of all frames, as a runner gives it once keyframes are made."""
    version = workshop.store.version(job)
    assert version.plan is not None
    plan = JobPlan.from_dict(version.plan)
    frames = tuple(sorted(workshop.store.keep_frames(job, 1, ())))
    return PartOrder(str(workshop.home), job, 1, version.spec, plan, frames, plan.span, "cpu")


@pytest.fixture
def rendered(workshop, tmp_path):
    """A job that was rendered here, its frames."""
    source = write_plate(tmp_path / "plate", FRAMES)
    painted = write_keyframe(tmp_path / "fixed.png", 8)
    job = workshop.render(workshop.spec(source, tmp_path / "out" / "%04d.png", {8: painted, 16: None})).job
    return job, {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*.png")}


def render_apart(order: PartOrder, folders: Folders, monkeypatch, tmp_path: Path) -> list:
    """What a host of its own sends back; no file of the engine's but the source's is there meanwhile."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "host"))
    monkeypatch.setenv("SPARKVSR_HOME", str(tmp_path / "hosts-home"))
    job_files = packed_files(order)
    hidden = folders.home.with_name("hidden")
    folders.home.rename(hidden)
    items: list = []
    try:
        ApartRenderer("cpu", 1, 1).render(order, job_files, items.append)
        assert not folders.home.exists()
    finally:
        hidden.rename(folders.home)
    return items


@pytest.mark.slow
def test_frames_come_back_as_bytes_and_are_those_of_this_host(workshop, rendered, tmp_path, monkeypatch):
    job, expected = rendered
    order = order_of(workshop, job)
    target = replace(order.spec.output, path=str(tmp_path / "x" / "%04d.png"))
    order = replace(order, spec=replace(order.spec, output=target))
    folders = Folders.of(order)
    items = render_apart(order, folders, monkeypatch, tmp_path)
    files = [item for item in items if isinstance(item, SentFile)]
    reports = [item for item in items if not isinstance(item, SentFile)]
    assert reports[-1].passes is not None
    assert not folders.target.exists(), "the host itself wrote nothing there"
    for file in files:
        put_in_place(file, folders)
    assert {path.name: path.read_bytes() for path in folders.target.iterdir()} == expected
    chunks = [received_report(report, folders).chunk for report in reports if report.chunk]
    assert sorted(frame for chunk in chunks for frame in chunk.span) == list(range(FRAMES))
    assert all(file.is_intact() for chunk in chunks for file in chunk.files)
    assert {chunk.key for chunk in chunks} == {chunk.key for chunk in workshop.store.chunks(job, 1)}
    assert any(file.name.startswith("home/cache/confidence/") for file in files)
    assert not list((tmp_path / "host" / "sparkvsr-apart" / "1" / "target").rglob("*")), (
        "what is sent is not kept"
    )


@pytest.mark.slow
def test_frames_of_the_artists_own_are_neither_rendered_nor_sent(workshop, rendered, tmp_path, monkeypatch):
    job, _ = rendered
    order = order_of(workshop, job)
    target = replace(order.spec.output, path=str(tmp_path / "x" / "%04d.png"))
    order = replace(order, spec=replace(order.spec, output=target), kept=(3,))
    folders = Folders.of(order)
    folders.target.mkdir()
    (folders.target / "0003.png").write_bytes(b"the artist's")
    items = render_apart(order, folders, monkeypatch, tmp_path)
    assert "target/0003.png" not in [item.name for item in items if isinstance(item, SentFile)]
    for item in items:
        if isinstance(item, SentFile):
            put_in_place(item, folders)
    assert (folders.target / "0003.png").read_bytes() == b"the artist's"
    assert len(pictures_in(tmp_path / "out")) == FRAMES
    chunks = [item.chunk for item in items if not isinstance(item, SentFile) and item.chunk]
    report = PartReport(chunk=next(chunk for chunk in chunks if 3 in chunk.span))
    received = received_report(report, folders).chunk
    assert received.key == "", "it is nobody's work"
    assert all(file.is_intact() for file in received.files)


def test_what_a_shot_learnt_goes_along_once_for_all_parts(workshop, rendered):
    job, _ = rendered
    names = set(packed_files(order_of(workshop, job)))
    assert len([name for name in names if name.startswith("cache/references/")]) == 4
    assert any(name.startswith(f"jobs/{job}/keyframes/") for name in names)
    part = replace(order_of(workshop, job), frames=FrameSpan(0, 4))
    assert set(packed_files(part)) == names


@pytest.mark.parametrize(
    "name", ["target/../x", "home", "elsewhere/x", "/etc/passwd", "target/a/../../x", ""]
)
def test_a_file_that_comes_back_lies_where_a_part_writes_and_nowhere_else(tmp_path, name):
    folders = Folders(tmp_path / "home", tmp_path / "target")
    with pytest.raises((InternalError, ValueError)):
        put_in_place(SentFile(name, b"x"), folders)
    assert list(tmp_path.iterdir()) == []


def test_marks_are_gone_when_everybody_was_asked(tmp_path):
    folders = Folders(tmp_path / "home", tmp_path / "target")
    marks = Marks(folders)
    names = marks.show()
    assert marks.show() == names
    assert all(Path(name).is_file() for name in names)
    marks.hide()
    assert list(folders.target.iterdir()) == list(folders.home.iterdir()) == []
