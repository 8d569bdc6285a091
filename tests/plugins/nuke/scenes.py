"""A comp for scenarios: a plate whose every frame shows its number, a SparkVSR node, a real engine behind it.

Green of frame n is (n - 1000) / 16, red grows to the right and blue upwards, in numbers that halves hold, so
that a picture shows which frame, which way up and with which channels it came through.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813

from tests.fakes.nuke import artist
from tests.fakes.nuke.application import current
from tests.fakes.nuke.evaluation import picture_of
from tests.fakes.nuke.pictures import RGBA, Picture

WIDTH, HEIGHT = 64, 48
PATIENCE_SECONDS = 240.0


def numbered(frame: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """[height, width, 4] float32, exact in half."""
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., 0] = np.arange(width)[None] / 64
    pixels[..., 1] = (frame - 1000) / 16
    pixels[..., 2] = np.arange(height)[::-1, None] / 64
    return pixels


def write_exr(path: Path, pixels: np.ndarray, names: Iterable[str] = "RGBA", **attributes: Any) -> Path:
    """An EXR of halves."""
    names = tuple(names)
    path.parent.mkdir(parents=True, exist_ok=True)
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], len(names), "half")
    spec.channelnames = names
    for name, value in attributes.items():
        spec.attribute(name, value)
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec), output.geterror()
    assert output.write_image(np.ascontiguousarray(pixels.astype(np.float32))), output.geterror()
    output.close()
    return path


def write_plate(pattern: Path, frames: Iterable[int], **attributes: Any) -> Path:
    """A plate of numbered frames; gives its pattern."""
    for frame in frames:
        write_exr(Path(str(pattern) % frame), numbered(frame), **attributes)
    return pattern


def number_shown(picture: Picture) -> int:
    """Which frame a picture shows."""
    height, width = picture.planes["rgba.green"].shape
    return round(float(picture.planes["rgba.green"][height // 2, width // 2]) * 16 + 1000)


@dataclass
class Scene:
    """One script with its node. folder: of the script and the plates."""

    nuke: Any
    folder: Path
    node: Any = None
    timeouts: list[str] = field(default_factory=list)

    def read(self, pattern: Path, first: int, last: int, **knobs: Any) -> Any:
        """A Read of a sequence as the artist drops it in."""
        node = self.nuke.nodes.Read()
        node["file"].fromUserText(f"{pattern.as_posix()} {first}-{last}")
        for name, value in knobs.items():
            node[name].setValue(value)
        return node

    def make_node(self, source: Any = None, keyframes: Any = None, **knobs: Any) -> Any:
        """The node as the menu makes it, at scale 1 with the identity model by default."""
        import sparkvsr_nuke

        artist.select(*([source] if source is not None else []))
        self.node = sparkvsr_nuke.create()
        if keyframes is not None:
            self.node.setInput(1, keyframes)
        for name, value in {"scale": 1.0, "model": "identity", **knobs}.items():
            self.node[name].setValue(value)
        return self.node

    def save(self, name: str = "comp_v001.nk") -> Path:
        """Save the script beside its plates."""
        path = self.folder / name
        self.nuke.scriptSaveAs(path.as_posix(), 1)
        return path

    def press(self, action: str) -> None:
        """Press a button of the node and have its request arrive."""
        from sparkvsr_nuke.following import jobs

        artist.click(self.node, f"sparkvsr_{action}")
        self.wait(lambda: not jobs.runtime().steps and not jobs.runtime().has_tasks)

    def wait(self, is_done: Callable[[], bool]) -> None:
        """Let the timer tick until something is so. Raises: AssertionError where it never is."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_done():
            self.tick()
            assert time.monotonic() < end, f"never came true; the artist saw {self.reports}"

    def tick(self) -> None:
        """What Qt's loop does between two events."""
        if current().gui:
            from sparkvsr_nuke.panel.qt import QtCore, QtWidgets

            application = QtWidgets.QApplication.instance()
            application.processEvents(QtCore.QEventLoop.AllEvents, 20)
            time.sleep(0.005)
        else:
            from sparkvsr_nuke.following import jobs

            jobs.poll()
            time.sleep(0.02)
        current().check_idle()

    def upscale(self, action: str = "upscale") -> Any:
        """Press Upscale and wait for the end of all jobs. Gives the node's latest version."""
        from sparkvsr_nuke.node import script_nodes

        before = script_nodes.state_of(self.node).latest
        self.press(action)
        version = script_nodes.state_of(self.node).latest
        assert version is not None, f"no job was sent: {self.reports}"
        assert version != before, f"no job was sent: {self.reports}"
        self.finish()
        return script_nodes.state_of(self.node).latest

    def finish(self) -> None:
        """Wait until no job of the node is open and its frames are shown."""
        from sparkvsr_nuke.following import jobs
        from sparkvsr_nuke.node import script_nodes

        def is_over() -> bool:
            state = script_nodes.state_of(self.node)
            return not any(job.is_open for version in state.versions for job in version.jobs) and not list(
                jobs.job_list().active()
            )

        self.wait(is_over)

    @property
    def state(self) -> Any:
        from sparkvsr_nuke.node import script_nodes

        return script_nodes.state_of(self.node)

    @property
    def reports(self) -> list[str]:
        """Every line the artist got, dialogs and the dock's log."""
        from sparkvsr_nuke.following import jobs

        return [text for _, text in current().messages] + list(jobs.runtime().log)

    def had_message(self, *words: str) -> bool:
        return any(all(word in line for word in words) for line in self.reports)

    def picture(self, frame: int, view: str = "main", node: Any = None) -> Picture:
        """What the node shows at a frame."""
        return picture_of(node or self.node, frame, view)

    def shows(self, frame: int, view: str = "main", node: Any = None) -> int:
        """Which source frame the node shows at a frame."""
        return number_shown(self.picture(frame, view, node))

    def result_files(self, view: str = "main") -> list[Path]:
        """The complete files of the latest version."""
        pattern = self.state.latest.pattern.replace("%V", view)
        folder = Path(pattern).parent
        return sorted(path for path in folder.glob("*.exr") if ".partial." not in path.name)


def rgba_of(picture: Picture) -> np.ndarray:
    """[height, width, 4] of the picture's format."""
    box = (0, 0, picture.format._width, picture.format._height)
    cut = picture.over(box)
    return np.stack([cut.plane(name) for name in RGBA], -1)


def half_steps(first: np.ndarray, second: np.ndarray) -> float:
    """The largest difference in units of half's rounding at the pixel's largest channel.

    Conversions between colour spaces mix the channels, and so does their rounding.
    """
    scale = np.maximum(np.abs(second).max(-1, keepdims=True), 2.0**-14)
    return float((np.abs(first - second) / (scale * 2.0**-11)).max())
