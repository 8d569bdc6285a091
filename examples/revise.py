"""Change a finished job: guidance first, which needs no network pass, then one keyframe.

python examples/revise.py JOB 1004=better.png
"""

from __future__ import annotations

import sys

import sparkvsr


def main(name: str, picture: str) -> None:
    frame, path = picture.split("=", 1)
    with sparkvsr.connect() as engine:
        job = engine.job(name)
        softer = job.revise(guidance=0.5)
        print("version", softer.version, "needs", softer.wait().passes_run, "network passes")
        better = softer.revise(keyframes={int(frame): path})
        report = better.wait()
        print("version", report.version, "rendered", report.frames_rendered, "reused", report.frames_reused)


if __name__ == "__main__":
    main(*sys.argv[1:])
