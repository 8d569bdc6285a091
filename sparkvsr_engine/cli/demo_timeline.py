"""The demonstration for editors: the packaged clip cut into three, keyframes marked, and conformed."""

from __future__ import annotations

import shutil
from pathlib import Path

import opentimelineio as otio

from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_bridge.timeline.records import ConformWishes
from sparkvsr_bridge.timeline.requests import Recipe
from sparkvsr_engine.cli.conforming import Files, run
from sparkvsr_engine.cli.console import Console

FRAMES = 72
RATE = 25.0
SHOT_FRAMES = 12
# Not in the order of the film, so that it is a cut.
STARTS = (30, 4, 56)
HANDLES = 2
SCALE = 4.0


def run_timeline_demo(folder: Path, console: Console) -> int:
    """Leave `cut.otio` and `cut_4x.otio` in `folder`."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    clip = folder / "bunny.mp4"
    shutil.copyfile(Path(__file__).with_name("demo_clip") / "bunny.mp4", clip)
    cut, output = folder / "cut.otio", folder / "cut_4x.otio"
    otio.adapters.write_to_file(three_clips(clip.name), str(cut))
    wishes = ConformWishes(handles=HANDLES)
    report = run(Files(str(cut), str(output)), wishes, Recipe(UpscaleSettings(scale=SCALE)), console)
    console.note(
        f"cut     {cut}\nresult  {output}\nEvery clip has one more reference, 'sparkvsr', four times as"
        " large. Now yours: sparkvsr conform CUT -o OUT.otio --dry-run"
    )
    return 0 if report.is_whole else 1


def three_clips(name: str) -> otio.schema.Timeline:
    """Three clips of a movie, the middle frame of each marked as a keyframe."""
    timeline = otio.schema.Timeline("demonstration")
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    for number, start in enumerate(STARTS, 1):
        reference = otio.schema.ExternalReference(name, _range(0, FRAMES))
        marker = otio.schema.Marker("KEY", _range(start + SHOT_FRAMES // 2, 1))
        clip = otio.schema.Clip(f"shot {number}", reference, _range(start, SHOT_FRAMES), markers=[marker])
        track.append(clip)
    timeline.tracks.append(track)
    return timeline


def _range(start: int, duration: int) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(start, RATE), otio.opentime.RationalTime(duration, RATE)
    )
