"""Upscale a movie, with its progress.

python examples/upscale_movie.py clip.mp4 clip_4x.mp4
"""

from __future__ import annotations

import sys

import sparkvsr
from sparkvsr_bridge.messages import JobProgress, JobWarning


def main(source: str, target: str) -> None:
    with sparkvsr.connect() as engine:
        job = engine.upscale(source, target)
        for event in job:
            if isinstance(event, JobWarning):
                print("warning:", event.message)
            elif isinstance(event, JobProgress):
                report = event.report
                print(f"{report.frames_done} of {report.frames_total} frames", report.phase)
        print(job.wait().target)


if __name__ == "__main__":
    main(*sys.argv[1:])
