"""What an earlier version left on the disk is opened, listed, gone on with and changed by this one.

The archives are made by `scripts/upgrade_archive.py`, one a release.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sparkvsr_bridge.system.locks import FileLock
from tests.end_to_end.clips import pictures
from tests.end_to_end.program import Program
from tests.fakes.systems import IS_WINDOWS

ARCHIVES = sorted((Path(__file__).parents[1] / "data" / "upgrade").glob("*.zip"))

PATIENCE_SECONDS = 240.0

pytestmark = pytest.mark.skipif(IS_WINDOWS, reason="the archives hold paths of Linux and macOS")


@dataclass(frozen=True)
class OldDisk:
    """An unpacked archive, and the engine of today over it."""

    folder: Path
    finished: str
    paused: str
    program: Program

    def state(self, job: str) -> dict:
        """What `status` reports of a job."""
        return self.program.json("status", job).last


@pytest.fixture(params=ARCHIVES, ids=lambda path: path.stem)
def disk(request: pytest.FixtureRequest) -> Iterator[OldDisk]:
    """The archive where that version ran: sources are known by their paths too."""
    with zipfile.ZipFile(request.param) as packed:
        record = json.loads(packed.read("record.json"))
        folder = Path(record["folder"])
        lock = FileLock(folder.with_suffix(".lock"))
        assert lock.take(PATIENCE_SECONDS), f"another run of this test holds {lock}"
        shutil.rmtree(folder, ignore_errors=True)
        for name, modified_ns in record["modified_ns"].items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(packed.read(f"files/{name}"))
            os.utime(path, ns=(modified_ns, modified_ns))
    program = Program(folder / "home")
    yield OldDisk(folder, record["jobs"]["finished"], record["jobs"]["paused"], program)
    program.end_engine()
    shutil.rmtree(folder)
    lock.release()


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every picture of a folder, with its time stamp."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.iterdir())}


def test_there_is_an_archive_to_try():
    assert ARCHIVES


def test_the_jobs_of_an_earlier_version_are_there_and_its_results_left_alone(disk: OldDisk):
    before = contents(disk.folder / "done")
    jobs = {event["job"]: event for event in disk.program.json("jobs").named("job")}
    assert jobs[disk.finished]["state"] == "finished"
    assert jobs[disk.paused]["state"] == "paused"
    disk.program.json("cache")
    disk.program.json("stop")
    assert contents(disk.folder / "done") == before


@pytest.mark.slow
def test_a_job_an_earlier_version_paused_goes_on_to_its_end(disk: OldDisk):
    before = contents(disk.folder / "half")
    done = disk.program.json("resume", disk.paused)
    assert done.last["state"] == "finished"
    # One shot is not half of one network and half of another.
    assert any("rendered anew" in warning for warning in done.last["warnings"])
    after = contents(disk.folder / "half")
    assert not [name for name, (_, modified) in before.items() if after[name][1] == modified]
    frames = len(list((disk.folder / "long").iterdir()))
    assert [path.name for path in sorted((disk.folder / "half").iterdir())] == [
        f"{number:04d}.png" for number in range(frames)
    ]
    shapes = {frame.shape for frame in pictures(disk.folder / "half" / "%04d.png", range(frames))}
    assert len(shapes) == 1


@pytest.mark.slow
def test_a_job_of_an_earlier_version_takes_a_new_version(disk: OldDisk):
    before = contents(disk.folder / "done")
    done = disk.program.json(
        "revise", disk.finished, "--guidance", 0.5, "-o", disk.folder / "two" / "%04d.png"
    )
    assert (done.last["state"], done.last["version"]) == ("finished", 2)
    assert len(list((disk.folder / "two").iterdir())) == len(before)
    assert contents(disk.folder / "done") == before
