"""Stores what a version leaves on a disk, for the test that the next version opens it and goes on.

    python scripts/upgrade_archive.py tests/data/upgrade/0.1.0.zip
    python scripts/upgrade_archive.py OUT.zip --code CHECKOUT      of another checkout's code

Renders two tiny jobs in a folder of their own, one to its end and one that is paused half-way, stops the
engine and packs the folder: sources, results, job store and cache, with the time stamps the store compares.
For Linux and macOS.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# Sources are known by their paths too, so that the test unpacks to the same place.
FOLDER = Path("/tmp/sparkvsr-upgrade")
WIDTH, HEIGHT = 32, 24
FRAMES, LONG_FRAMES = 4, 48
# More than the first chunk, so that some of the result is in the store.
PAUSED_AFTER = 10
PATIENCE_SECONDS = 300.0
# What does not belong to a job: sockets, locks, logs, shared frames.
LEFT_OUT = ("run", "logs")


def make_sources(folder: Path) -> None:
    """Numbered pictures of a square that moves over a gradient, and one keyframe twice their size."""
    import cv2
    import numpy as np

    for name, frames in (("short", FRAMES), ("long", LONG_FRAMES)):
        (folder / name).mkdir(parents=True)
        for number in range(frames):
            picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
            picture[..., 1] = np.linspace(20, 200, WIDTH).astype(np.uint8)
            picture[6:14, 4 + number % 16 : 12 + number % 16] = 230
            cv2.imwrite(str(folder / name / f"{number:04d}.png"), picture)
    keyframe = cv2.imread(str(folder / "short" / "0002.png"))
    cv2.imwrite(str(folder / "key.png"), cv2.resize(keyframe, None, fx=2, fy=2))


def render(folder: Path, code: Path) -> dict[str, str]:
    """Play both jobs with the code of a checkout; returns their names."""
    environment = {
        **os.environ,
        "SPARKVSR_HOME": str(folder / "home"),
        "PYTHONPATH": os.pathsep.join([str(code), str(code / "bridge")]),
    }

    def start(*arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "sparkvsr_engine", *map(str, arguments), "--json"]
        return subprocess.Popen(command, cwd=code, env=environment, stdout=subprocess.PIPE, text=True)

    def last_event(*arguments: object) -> dict[str, Any]:
        out = start(*arguments).communicate(timeout=PATIENCE_SECONDS)[0]
        return json.loads(out.splitlines()[-1])

    try:
        finished = last_event(
            "upscale", folder / "short" / "%04d.png", "-o", folder / "done" / "%04d.png", "--scale", 2,
            "--keyframe", f"2={folder / 'key.png'}",
        )  # fmt: skip
        target = folder / "half"
        following = start("upscale", folder / "long" / "%04d.png", "-o", target / "%04d.png", "--scale", 2)
        assert following.stdout is not None
        job = json.loads(following.stdout.readline())["job"]
        give_up = time.monotonic() + PATIENCE_SECONDS
        while len(list(target.glob("*.png"))) < PAUSED_AFTER:
            if time.monotonic() > give_up or following.poll() is not None:
                raise RuntimeError("the long job wrote nothing to pause at")
            time.sleep(0.02)
        last_event("pause", job)
        following.communicate(timeout=PATIENCE_SECONDS)
    finally:
        last_event("stop")
    return {"finished": finished["job"], "paused": job}


def pack(folder: Path, jobs: dict[str, str], archive: Path) -> None:
    """All files with their time stamps, in nanoseconds, and the folder they believe they are in."""
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[:2] not in [("home", name) for name in LEFT_OUT]
    )
    record = {
        "folder": str(folder),
        "jobs": jobs,
        "modified_ns": {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in files},
    }
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        packed.writestr("record.json", json.dumps(record, indent=1))
        for path in files:
            packed.write(path, f"files/{path.relative_to(folder).as_posix()}")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("archive", type=Path)
    parser.add_argument("--code", type=Path, default=ROOT, help="the checkout to run; default: this one")
    options = parser.parse_args()
    FOLDER.mkdir()
    try:
        make_sources(FOLDER)
        pack(FOLDER, render(FOLDER, options.code.resolve()), options.archive)
    finally:
        shutil.rmtree(FOLDER)
    print(f"{options.archive}  {options.archive.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
