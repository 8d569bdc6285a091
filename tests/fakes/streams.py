"""Small streams of numbered movies, packed as a command packs them."""

from __future__ import annotations

from pathlib import Path

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.config import load_config
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.streams.packing import pack
from sparkvsr_engine.streams.requests import PackRequest, parse_placement
from tests.fakes.media import write_movie

SIZE = {"width": 192, "height": 128}


class Listener(Control):
    """Keeps warnings; stops after `stop_after` reduced frames."""

    def __init__(self, stop_after=None):
        self.warnings, self.reduced, self._stop_after = [], 0, stop_after

    def warn(self, message, frame=None):
        self.warnings.append(message)

    def progress(self, phase, done=0, total=0):
        if phase == "reducing":
            self.reduced += 1
            if self._stop_after is not None and self.reduced >= self._stop_after:
                raise KeyboardInterrupt


def numbered_source(folder, name="source.mp4", **changes):
    """A movie whose frames carry their numbers at full size."""
    return write_movie(Path(folder) / name, **{**SIZE, "frames": 12, **changes})


def pack_movie(source, target, keyframes="0,6", control=None, **changes):
    """Pack it by 2; returns what was packed."""
    config = load_config()
    config.make_folders()
    values = {"factor": 2.0, "quality": 70, "keyframes": parse_placement(keyframes), **changes}
    return pack(config, PackRequest(SourceMedia(str(source)), Path(target), **values), control or Listener())


def packed_movie(folder, name="small.mkv", keyframes="0,6", source=None, **changes):
    """The path of a packed movie; of a numbered source where none is given."""
    target = Path(folder) / name
    pack_movie(source or numbered_source(folder), target, keyframes, **changes)
    return target
