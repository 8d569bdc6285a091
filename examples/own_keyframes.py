"""Upscale a numbered sequence under pictures of your own.

python examples/own_keyframes.py plate.%04d.png out/%04d.png 1004=fixed.png 1020=painted.png
"""

from __future__ import annotations

import sys

import sparkvsr


def main(source: str, target: str, *pictures: str) -> None:
    keyframes = {int(frame): picture for frame, picture in (pair.split("=", 1) for pair in pictures)}
    settings = sparkvsr.UpscaleSettings(scale=2, policy=sparkvsr.KeyframePolicy("manual"))
    with sparkvsr.connect() as engine:
        job = engine.upscale(source, target, settings, keyframes=keyframes)
        report = job.wait()
        print(report.frames_done, "frames in", report.target)
        for frame, trust in job.confidence().items():
            print(f"frame {frame}: keyframes are trusted by {trust:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
