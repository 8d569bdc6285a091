"""A child program that renders a job and two revisions of it, and kills itself with SIGKILL at its nth step.

A step is whatever changes a file or the store for good: a rename, a link, a recorded chunk. Run again without
a number it goes on where it was interrupted. `python killed_revision.py HOME PLATE ARTIST TARGET WEIGHTS [N]`
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from bridge.media import ImageRef
from bridge.settings import Keyframe, Revision
from sparkvsr_engine.jobs.store import JobStore
from tests.fakes.jobs import Workshop
from tests.fakes.lite import use_weights

JOB = "fixed"


def die_at(step: int) -> None:
    """Count renames, links and chunk records; the one numbered `step` is the last thing this process does."""
    left = [step]

    def counted(real):
        def call(*given, **named):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **named)

        return call

    Path.replace = counted(Path.replace)
    os.link = counted(os.link)
    for name in ("add_chunk", "begin_chunk", "set_plan", "add_version"):
        setattr(JobStore, name, counted(getattr(JobStore, name)))


def main(home: str, plate: str, artist: str, target: str, weights: str, step: str = "0") -> None:
    """Carry on with whatever is not done yet."""
    use_weights(Path(weights))
    if int(step):
        die_at(int(step))
    workshop = Workshop(Path(home))
    pictures = {int(path.stem): ImageRef(path=str(path)) for path in Path(artist).glob("[0-9]*.png")}
    other = ImageRef(path=str(Path(artist) / "other.png"))
    revisions = [Revision(set_keyframes=(Keyframe(12, other),)), Revision(guidance=0.5)]
    there = {found.version: found.state for found in workshop.store.versions(JOB)}
    if 1 not in there:
        workshop.submit(workshop.spec(plate, Path(target), pictures), JOB)
    if there.get(1) != "finished":
        workshop.run(JOB, 1)
    for version, revision in enumerate(revisions, 2):
        if version not in there:
            workshop.revise(JOB, revision)
        elif workshop.store.version(JOB, version).plan is None:
            # The daemon stores version and plan in one go; this script's two calls may be torn apart.
            raise SystemExit(3)
        if there.get(version) != "finished":
            workshop.run(JOB, version)
    workshop.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
