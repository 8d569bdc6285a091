"""Works in the window as a person does, with real clicks and keys, and keeps a picture of every step.

    python scripts/window_pictures.py docs/images/window     # all of it, dark, as docs/window.md shows it
    python scripts/window_pictures.py FOLDER --colours light --scale 2 --steps open

Needs Linux with Xvfb and xdotool (apt-get install xvfb xdotool libxcb-cursor0), PySide6 and Pillow. The
engine has a home folder of its own, which is thrown away. Exit status 1: a step did not do what it should.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageGrab

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "sparkvsr_engine" / "cli" / "demo_clip"
SIZE = (1360, 820)
PATIENCE_SECONDS = 400.0
FLOWERS = 0.27, 0.19, 0.33, 0.28
"""Of the demonstration clip's frame 4: what is painted elsewhere, as parts of width and height."""


class Hands:
    """Keys and clicks on the window, and what is on the screen and in its state file."""

    def __init__(self, display: str, home: Path, scale: int) -> None:
        self.display = display
        self.home = home
        self.scale = scale
        self.window = ""

    def do(self, *arguments: str) -> str:
        """Run xdotool."""
        environment = {**os.environ, "DISPLAY": self.display}
        return subprocess.run(
            ["xdotool", *arguments], env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    def find(self) -> None:
        """Wait for the window and give it its place."""
        self.wait(self._search, "the window appears")
        self.window = self._search().splitlines()[-1]
        width, height = (str(side * self.scale) for side in SIZE)
        self.do("windowmove", self.window, "0", "0", "windowsize", "--sync", self.window, width, height)
        self.do("windowfocus", "--sync", self.window)

    def key(self, *names: str) -> None:
        """Press keys."""
        for name in names:
            self.do("key", "--window", self.window, name)
            time.sleep(0.15)

    def click(self, x: int, y: int) -> None:
        """Press and release the left button at a place of the window."""
        self.do("mousemove", *self._place(x, y), "click", "1")

    def drag(self, start: tuple[int, int], end: tuple[int, int], steps: int = 12) -> None:
        """Move from one place to another with the left button held."""
        self.do("mousemove", *self._place(*start), "mousedown", "1")
        for step in range(1, steps + 1):
            x = start[0] + (end[0] - start[0]) * step // steps
            y = start[1] + (end[1] - start[1]) * step // steps
            self.do("mousemove", *self._place(x, y))
            time.sleep(0.1)
        self.do("mouseup", "1")

    def state(self) -> dict[str, Any]:
        """The document of the demonstration clip as the window keeps it."""
        with contextlib.suppress(OSError, ValueError):
            values = json.loads((self.home / "window" / "state.json").read_text("utf-8"))
            return values.get("documents", {}).get(values.get("last"), {})
        return {}

    def picture(self) -> Image.Image:
        """What is on the screen."""
        box = (0, 0, SIZE[0] * self.scale, SIZE[1] * self.scale)
        return ImageGrab.grab(box, xdisplay=self.display)

    def wait(self, is_so: Callable[[], Any], what: str) -> None:
        """Wait until something is so; ends the script where it does not come."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            if time.monotonic() > give_up:
                raise SystemExit(f"After {PATIENCE_SECONDS:g} s it is not so that {what}.")
            time.sleep(0.25)

    def wait_for_rest(self, seconds: float = 1.5) -> None:
        """Wait until nothing on the screen changes for a while."""
        before, since = self.picture(), time.monotonic()
        give_up = since + PATIENCE_SECONDS
        while time.monotonic() - since < seconds and time.monotonic() < give_up:
            time.sleep(0.25)
            now = self.picture()
            if now.tobytes() != before.tobytes():
                before, since = now, time.monotonic()

    def _search(self) -> str:
        with contextlib.suppress(subprocess.CalledProcessError):
            return self.do("search", "--onlyvisible", "--name", "^SparkVSR")
        return ""

    def _place(self, x: int, y: int) -> tuple[str, str]:
        return str(x * self.scale), str(y * self.scale)


def open_clip(hands: Hands) -> None:
    """The demonstration clip was named on the command line."""
    hands.wait(lambda: hands.state().get("last") == 71, "the clip is open")
    hands.wait_for_rest()


def set_range(hands: Hands) -> None:
    """A range of eight frames, and twice the size, so that a render takes a moment."""
    hands.key("Home", *["Right"] * 7, "o", "Home")
    hands.wait(lambda: hands.state()["last"] == 7, "the range ends at 7")


def add_keyframe(hands: Hands) -> None:
    """K at frame 4."""
    hands.key(*["Right"] * 4, "k")
    hands.wait(lambda: [mark["frame"] for mark in hands.state()["keyframes"]] == [4], "there is a keyframe")
    hands.wait_for_rest()


def paint(hands: Hands) -> None:
    """E opens the keyframe; a stroke is painted on the file, as an editor would, and saved."""
    hands.key("e")
    hands.wait(lambda: hands.state()["keyframes"][0]["image"], "the picture to paint on is there")
    path = Path(hands.state()["keyframes"][0]["image"])
    stamp = hands.state()["keyframes"][0]["stamp"]
    with Image.open(path) as picture:
        painted = picture.convert("RGB")
    width, height = painted.size
    left, top, right, bottom = FLOWERS
    flowers = painted.crop(
        (round(left * width), round(top * height), round(right * width), round(bottom * height))
    )
    # A soft brush: the edges of the stroke fade into the grass.
    brush = Image.new("L", flowers.size)
    edge_x, edge_y = flowers.width // 6, flowers.height // 6
    ImageDraw.Draw(brush).ellipse((edge_x, edge_y, flowers.width - edge_x, flowers.height - edge_y), fill=255)
    brush = brush.filter(ImageFilter.GaussianBlur(flowers.width / 12))
    for x, y in ((0.62, 0.62), (0.74, 0.7), (0.54, 0.74)):
        painted.paste(flowers, (round(x * width), round(y * height)), brush)
    painted.save(path)
    hands.wait(lambda: hands.state()["keyframes"][0]["stamp"] != stamp, "the saved picture is picked up")
    hands.wait_for_rest()


def preview(hands: Hands) -> None:
    """P previews the frame in view."""
    before = hands.picture()
    hands.key("p")
    hands.wait(lambda: changed(before, hands.picture()), "the preview is shown")
    hands.wait_for_rest(12.0)


def guide(hands: Hands) -> None:
    """The guidance slider is dragged from 1 to about 0.3."""
    hands.drag((1190, 667), (1078, 667))
    hands.wait(lambda: hands.state()["settings"]["guidance"] < 0.5, "guidance was moved")
    hands.wait_for_rest(6.0)


def render(hands: Hands) -> None:
    """The Render button."""
    hands.click(1080, 730)
    hands.wait(lambda: state_of(hands, 1) == "finished", "the first version is finished")
    hands.wait_for_rest()


def revise(hands: Hands) -> None:
    """Guidance to about 1.5, and Ctrl+R."""
    hands.drag((1078, 667), (1260, 667))
    hands.key("ctrl+r")
    hands.wait(lambda: state_of(hands, 2) == "finished", "the second version is finished")
    hands.key("3")
    hands.wait_for_rest()


def wipe(hands: Hands) -> None:
    """W, B is the source, and the line dragged to the left."""
    hands.key("w")
    hands.click(434, 44)
    time.sleep(0.5)
    hands.key("Home", "Return")
    hands.wait_for_rest()
    hands.drag((510, 380), (400, 380))
    hands.wait_for_rest()


def heat_map(hands: Hands) -> None:
    """W off, the first frame, 4."""
    hands.key("w", "Home", "4")
    hands.wait_for_rest(3.0)


STEPS: dict[str, Callable[[Hands], None]] = {
    "open": open_clip,
    "range": set_range,
    "keyframe": add_keyframe,
    "painted": paint,
    "preview": preview,
    "guidance": guide,
    "render": render,
    "revised": revise,
    "wipe": wipe,
    "trust": heat_map,
}


def state_of(hands: Hands, version: int) -> str:
    """The state of a version; empty where there is none."""
    versions = [each for each in hands.state().get("versions", []) if each["number"] == version]
    return versions[0]["state"] if versions else ""


def changed(before: Image.Image, now: Image.Image) -> bool:
    """Whether the middle of the viewer shows something else."""
    box = (200, 200, 800, 600)
    return before.crop(box).tobytes() != now.crop(box).tobytes()


@contextlib.contextmanager
def screen(scale: int) -> Generator[str]:
    """A screen that nobody sees; gives its name."""
    width, height = SIZE[0] * scale, SIZE[1] * scale
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def window(display: str, folder: Path, colours: str, scale: int) -> Generator[Hands]:
    """The window on the demonstration clip, and the hands that work in it."""
    home = folder / "home"
    (home / "window").mkdir(parents=True)
    clip = Path(shutil.copy(DEMO / "bunny.mp4", folder / "bunny.mp4"))
    # Nothing opens before the window, and what is painted is carried.
    documents = {
        str(clip): {
            "first": 0,
            "last": 71,
            "settings": {"look": "propagate"},
            "keyframes": [],
            "versions": [],
            "cuts": [],
        }
    }
    state = {"theme": colours, "editor": shutil.which("true"), "documents": documents}
    (home / "window" / "state.json").write_text(json.dumps(state))
    environment = {
        **os.environ,
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "QT_SCALE_FACTOR": str(scale),
        "SPARKVSR_HOME": str(home),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "bridge")]),
    }
    program = subprocess.Popen(
        [sys.executable, "-m", "sparkvsr_engine", "window", str(clip)], env=environment, cwd=folder
    )
    try:
        hands = Hands(display, home, scale)
        hands.find()
        yield hands
        hands.key("ctrl+q")
        program.wait(30)
    finally:
        if program.poll() is None:
            program.kill()
        subprocess.run(
            [sys.executable, "-m", "sparkvsr_engine", "stop"], env=environment, cwd=folder, check=False,
            capture_output=True,
        )  # fmt: skip


def main() -> None:
    """Do the steps and save their pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--colours", default="dark", choices=("dark", "light"))
    parser.add_argument("--scale", type=int, default=1, choices=(1, 2))
    parser.add_argument("--steps", default="trust", choices=STEPS, help="the last one to do")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    suffix = f"-{options.colours}-{options.scale}x" if (options.colours, options.scale) != ("dark", 1) else ""
    with (
        tempfile.TemporaryDirectory(prefix="window-") as folder,
        screen(options.scale) as display,
        window(display, Path(folder), options.colours, options.scale) as hands,
    ):
        for number, (name, step) in enumerate(STEPS.items(), 1):
            step(hands)
            path = options.folder / f"{number:02d}-{name}{suffix}.jpg"
            hands.picture().convert("RGB").save(path, quality=88, optimize=True)
            print(path, flush=True)
            if name == options.steps:
                break


if __name__ == "__main__":
    main()
