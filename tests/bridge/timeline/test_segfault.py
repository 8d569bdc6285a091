"""OpenTimelineIO 0.18.1 crashes where a clip's own references are put back while one is held: we never do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import opentimelineio as otio

from tests.fakes.timelines import Shelf, clip_of, cut_of, tr

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
from pathlib import Path
import opentimelineio as otio
from sparkvsr_bridge.timeline import conforming, reading
from sparkvsr_bridge.timeline.records import ConformWishes
from sparkvsr_bridge.timeline.requests import Recipe
from tests.fakes.timelines import Shelf, render_nothing

held = []
honest = reading.read_timeline

def read_and_hold(*arguments):
    root = honest(*arguments)
    for clip in root.find_clips():
        held.append((clip, clip.media_reference, clip.media_references()))
    return root

conforming.read_timeline = read_and_hold
folder = Path(sys.argv[1])
shelf = Shelf(folder)
for name in ("a.mov", "b.mov"):
    shelf.movie(name)
ways = (ConformWishes(), ConformWishes(activate=True), ConformWishes(shape="resolve"))
for number, wishes in enumerate(ways):
    out = str(folder / f"out{number}.otio")
    report = conforming.conform(
        str(folder / "cut.otio"), out, wishes, Recipe(), shelf.describe, render_nothing
    )
    assert report.is_whole
    assert len(otio.adapters.read_from_file(out).tracks[0]) == 2
print("written")
"""


def test_references_that_somebody_holds_crash_nothing(tmp_path):
    shelf = Shelf(tmp_path)
    root = cut_of(*(clip_of(shelf.movie(name), tr(5, 10), tr(0, 100)) for name in ("a.mov", "b.mov")))
    otio.adapters.write_to_file(root, str(tmp_path / "cut.otio"))
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "written\n"), done.stderr
