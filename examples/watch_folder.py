"""Upscale every movie that comes into a folder, one after the other, beside it as NAME_2x.mp4.

python examples/watch_folder.py incoming/
python examples/watch_folder.py incoming/ --once
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import sparkvsr

MOVIES = (".mp4", ".mov", ".mkv")
SETTINGS = sparkvsr.UpscaleSettings(scale=2)


def waiting(folder: Path) -> list[Path]:
    """Movies without a result, that nobody has written to for two seconds."""
    movies = (path for path in sorted(folder.iterdir()) if path.suffix.lower() in MOVIES)
    new = [path for path in movies if not path.stem.endswith("_2x") and not result_of(path).exists()]
    return [path for path in new if time.time() - path.stat().st_mtime > 2]


def result_of(path: Path) -> Path:
    return path.with_name(f"{path.stem}_2x.mp4")


def main(folder: str, *options: str) -> None:
    with sparkvsr.connect() as engine:
        while True:
            for path in waiting(Path(folder)):
                try:
                    engine.upscale(path, result_of(path), SETTINGS).wait()
                    print(path.name, "is done")
                except sparkvsr.SparkVSRError as error:
                    print(path.name, "failed:", error.message)
            if "--once" in options:
                return
            time.sleep(2)


if __name__ == "__main__":
    main(*sys.argv[1:])
