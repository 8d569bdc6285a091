"""A program that renders a job and two revisions, killed with SIGKILL at every nth step and started again.

A step is whatever changes a file or the store for good: a rename, a link, a recorded chunk. After each kill
every picture of the versions before the one in hand must be what it was. Prints how often it was killed.
`python killed_revision.py STRIDE HOME PLATE ARTIST TARGET WEIGHTS`, a stride of 0 kills nobody.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch

from sparkvsr_bridge.media import ImageRef
from sparkvsr_bridge.settings import Keyframe, Revision
from sparkvsr_engine.jobs.storage.store import JobStore
from tests.fakes.jobs import Workshop
from tests.fakes.lite import use_weights
from tests.fakes.systems import KILL

JOB = "fixed"


def die_at(step: int) -> None:
    """Count renames, links and chunk records; the one numbered `step` is the last thing this process does."""
    remaining_steps = [step]

    def counted(real):
        def call(*arguments, **named):
            remaining_steps[0] -= 1
            if remaining_steps[0] == 0:
                os.kill(os.getpid(), KILL)
            return real(*arguments, **named)

        return call

    os.replace = counted(os.replace)
    os.link = counted(os.link)
    for name in ("add_chunk", "keep_frames", "set_plan", "add_version", "set_state"):
        setattr(JobStore, name, counted(getattr(JobStore, name)))


def carry_on(home: str, plate: str, artist: str, target: str) -> None:
    """Do whatever is not done yet."""
    workshop = Workshop(Path(home))
    pictures = {int(path.stem): ImageRef(path=str(path)) for path in Path(artist).glob("[0-9]*.png")}
    second = ImageRef(path=str(Path(artist) / "other.png"))
    revisions = [Revision(set_keyframes=(Keyframe(12, second),)), Revision(guidance=0.5)]
    states = {result.version: result.state for result in workshop.store.versions(JOB)}
    if 1 not in states:
        workshop.submit(workshop.spec(plate, Path(target), pictures), JOB)
    if states.get(1) != "finished":
        workshop.run(JOB, 1)
    for version, revision in enumerate(revisions, 2):
        if version not in states:
            workshop.revise(JOB, revision)
        if states.get(version) != "finished":
            workshop.run(JOB, version)
    workshop.close()


def survive(stride: int, words: list[str]) -> int:
    """Start it again and again until it ends by itself; returns how often it was killed."""
    kills, remaining = 0, {}
    while True:
        child = os.fork()
        if child == 0:
            if stride:
                die_at(stride)
            carry_on(*words)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        for path, was in remaining.items():
            assert (path.read_bytes(), path.stat().st_mtime_ns) == was, f"{path} is not what it was"
        if not os.WIFSIGNALED(status):
            assert status == 0, f"it failed with {status}"
            return kills
        kills += 1
        remaining = finished_versions(Path(words[3]).parent)


def finished_versions(first: Path) -> dict[Path, tuple[bytes, int]]:
    """The files of every version but the last one begun."""
    folders = [first, *(first.with_name(f"{first.name}_v{version:03d}") for version in (2, 3))]
    begun = [folder for folder in folders if folder.is_dir()]
    files = [path for folder in begun[:-1] for path in folder.glob("*.png")]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def main(stride: str, *words: str) -> None:
    """Run the series."""
    use_weights(Path(words[-1]))
    torch.set_num_threads(1)
    sys.stdout.write(f"{survive(int(stride), list(words[:-1]))}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
