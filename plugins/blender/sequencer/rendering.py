"""Has a second Blender render one strip to pictures, for strips whose file cannot be read as it is.

The artist's Blender goes on meanwhile, and nothing in its scene is touched: the second one works on a copy
of the file. No Blender here; `render_strip` is what the second one runs.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable, List

from ..bridge_link import errors

SCRIPT = Path(__file__).with_name("render_strip.py")
PROGRESS_MARK = "SPARKVSR-FRAME"
PICTURE_NAME = "%06d.exr"


@dataclasses.dataclass(frozen=True)
class StripRender:
    """What is rendered.

    program: Blender's own path; empty where Blender runs as a module of this Python.
    blend: a copy of the file, removed afterwards. folder: where the pictures go, numbered from 0.
    first, last: timeline frames, inclusive. width, height: in pixels.
    """

    program: str
    blend: str
    scene: str
    strip: str
    folder: str
    first: int
    last: int
    width: int
    height: int

    @property
    def pattern(self) -> str:
        """The pictures as a numbered pattern."""
        return str(Path(self.folder) / PICTURE_NAME)

    def command(self) -> List[str]:
        """What starts the second Blender."""
        plan = json.dumps(dataclasses.asdict(self))
        if self.program:
            script = ["--python-exit-code", "3", "--python", str(SCRIPT)]
            return [self.program, "--background", self.blend, *script, "--", plan]
        return [sys.executable, str(SCRIPT), "--", plan]


def render(plan: StripRender, on_frame: Callable[[int, int], None], is_stopped: Callable[[], bool]) -> None:
    """Render all frames; `on_frame(done, total)` after each.

    Raises JobFailed with the second Blender's last words, JobCancelled when stopped.
    """
    Path(plan.folder).mkdir(parents=True, exist_ok=True)
    total, done = plan.last - plan.first + 1, 0
    lines: List[str] = []
    child = subprocess.Popen(
        plan.command(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    try:
        for line in child.stdout or ():
            if is_stopped():
                raise errors.JobCancelled("Rendering the strip was cancelled.")
            if line.startswith(PROGRESS_MARK):
                done += 1
                on_frame(done, total)
            else:
                lines = [*lines[-20:], line.strip()]
        status = child.wait()
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
        Path(plan.blend).unlink(missing_ok=True)
        if done < total:
            shutil.rmtree(plan.folder, ignore_errors=True)
    if status or done < total:
        words = next((line for line in reversed(lines) if line), "its log is empty")
        raise errors.JobFailed(f"Rendering the strip stopped after {done} of {total} frames: {words}")
