"""Plays an artist in a real Blender window: clicks Upscale, takes pictures, measures stalls.

    python scripts/blender_hosts/window_run.py --blender blender --archive dist/...zip \
        --engine /path/sparkvsr --movie shot.mp4 --folder EMPTY --output OUT

Needs Xvfb, xdotool and ImageMagick (`import`, `convert`). `--blender` may be a wrapper, such as one that
enters a chroot; it is called like Blender itself. Leaves before.png, during.png, after.png and measured.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 60.0
INSIDE = Path(__file__).with_name("inside_window.py")


class Screen:
    """A display of its own without a monitor."""

    def __init__(self, number: int, size: tuple[int, int]) -> None:
        self.name, self.size = f":{number}", size
        command = [
            "Xvfb",
            self.name,
            "-screen",
            "0",
            f"{size[0]}x{size[1]}x24",
            "+extension",
            "GLX",
            "-nolisten",
            "tcp",
        ]
        self._server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        time.sleep(2)

    @property
    def environment(self) -> dict[str, str]:
        """For programs that draw on it."""
        return {**os.environ, "DISPLAY": self.name, "LIBGL_ALWAYS_SOFTWARE": "1"}

    def picture(self, path: Path) -> None:
        """A screenshot as PNG."""
        subprocess.run(["import", "-window", "root", str(path)], env=self.environment, check=True)

    def click(self, x: int, y: int) -> None:
        """Move there as a hand does, and press the left button."""
        self._do(("mousemove", x - 40, y + 3), ("mousemove", x, y), ("click", 1))

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press the left button at `start`, let it go at `end`."""
        middle = (start[0] + end[0]) // 2, (start[1] + end[1]) // 2
        self._do(
            ("mousemove", *start),
            ("mousedown", 1),
            ("mousemove", *middle),
            ("mousemove", *end),
            ("mouseup", 1),
        )

    def close_splash(self) -> None:
        """Escape, with the pointer on it."""
        self._do(("mousemove", self.size[0] // 2, self.size[1] // 2), ("key", "Escape"))

    def _do(self, *steps: tuple[str | int, ...]) -> None:
        for step in steps:
            subprocess.run(["xdotool", *map(str, step)], env=self.environment, check=True)
            time.sleep(0.2)

    def park(self) -> None:
        """Take the pointer out of the way."""
        self._do(("mousemove", 10, self.size[1] - 5))

    def close(self) -> None:
        """End it."""
        self._server.terminate()
        self._server.wait()


def largest_button(picture: Path, size: tuple[int, int]) -> tuple[int, int]:
    """Centre of the tallest magenta run in a screenshot: the big button."""
    width, height = size
    done = subprocess.run(
        ["convert", str(picture), "-resize", f"{width}x{height}!", "-depth", "8", "rgb:-"],
        capture_output=True,
        check=True,
    )
    pixels = done.stdout

    def is_magenta(x: int, y: int) -> bool:
        at = 3 * (y * width + x)
        red, green, blue = pixels[at : at + 3]
        return red > 200 and green < 60 and blue > 200

    best = (0, 0, 0)
    for x in range(0, width, 4):
        run = 0
        for y in range(height):
            run = run + 1 if is_magenta(x, y) else 0
            if run > best[0]:
                best = (run, x, y - run // 2)
    if best[0] < 15:
        raise SystemExit(f"no button is seen in {picture}")
    row = [x for x in range(width) if is_magenta(x, best[2] - best[0] // 3)]
    near = [x for x in row if abs(x - best[1]) < 400]
    return (min(near) + max(near)) // 2, best[2]


def wait_for(folder: Path, name: str, blender: subprocess.Popen[bytes]) -> dict[str, Any]:
    """What the inside reports with a step."""
    path = folder / f"step-{name}.json"
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not path.exists():
        if blender.poll() is not None or time.monotonic() > give_up:
            raise SystemExit(f"Blender never came to '{name}'; look at {folder / 'blender.log'}")
        time.sleep(0.05)
    return dict(json.loads(path.read_text("utf-8")))


def play(screen: Screen, blender: subprocess.Popen[bytes], folder: Path, output: Path) -> dict[str, Any]:
    """The whole run; what was measured."""
    border = wait_for(folder, "stands", blender)["border"]
    time.sleep(1)
    screen.close_splash()
    # The border between preview and timeline, so that the sidebar is high enough for all panels.
    screen.drag((400, border), (400, border - round(0.2 * screen.size[1])))
    (folder / "go-stands").touch()
    wait_for(folder, "buttons", blender)
    time.sleep(1.5)
    screen.picture(folder / "buttons.png")
    place = largest_button(folder / "buttons.png", screen.size)
    (folder / "go-buttons").touch()
    wait_for(folder, "before", blender)
    time.sleep(1.5)
    screen.picture(output / "before.png")
    (folder / "go-idle").touch()
    wait_for(folder, "measuring-idle", blender)
    time.sleep(4)
    (folder / "go-click").touch()
    wait_for(folder, "click", blender)
    screen.click(*place)
    screen.park()
    wait_for(folder, "during", blender)
    time.sleep(1)
    screen.picture(output / "during.png")
    (folder / "go-pictured").touch()
    wait_for(folder, "after", blender)
    time.sleep(1.5)
    screen.picture(output / "after.png")
    measured = wait_for(folder, "end", blender)
    (folder / "go-end").touch()
    return measured


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Play an artist in a real Blender window.")
    parser.add_argument("--blender", required=True, help="command that starts Blender")
    parser.add_argument("--archive", type=Path, required=True, help="the extension's archive")
    parser.add_argument("--engine", required=True, help="the engine's program, as Blender sees it")
    parser.add_argument("--movie", required=True, help="the movie to upscale, as Blender sees it")
    parser.add_argument("--size", default="480x270", help="its size in pixels")
    parser.add_argument("--frames", type=int, default=48, help="how many frames it has")
    parser.add_argument(
        "--folder", type=Path, required=True, help="working folder that Blender sees under the same path"
    )
    parser.add_argument("--output", type=Path, required=True, help="where the pictures go")
    parser.add_argument("--display", type=int, default=97)
    parser.add_argument("--screen", default="1600x900", help="its size in pixels")
    parser.add_argument(
        "--prefetch",
        action="store_true",
        help="let Blender prefetch frames, which redraws without end in software",
    )
    options = parser.parse_args()
    folder: Path = options.folder
    folder.mkdir(parents=True)
    options.output.mkdir(parents=True, exist_ok=True)
    plan = {
        "folder": str(folder),
        "engine": options.engine,
        "home": str(folder / "home"),
        "movie": options.movie,
        "size": [int(side) for side in options.size.split("x")],
        "frames": options.frames,
        "prefetch": options.prefetch,
    }
    (folder / "plan.json").write_text(json.dumps(plan), "utf-8")
    command = shlex.split(options.blender)
    install = ["--command", "extension", "install-file", "-r", "user_default", "-e", str(options.archive)]
    subprocess.run([*command, *install], check=True)
    size = tuple(int(side) for side in options.screen.split("x"))
    screen = Screen(options.display, (size[0], size[1]))
    script = ["--python", str(INSIDE), "--", str(folder / "plan.json")]
    window = ["--app-template", "Video_Editing", "--window-geometry", "0", "0", str(size[0]), str(size[1])]
    with (folder / "blender.log").open("wb") as log:
        blender = subprocess.Popen(
            [*command, *window, *script], env=screen.environment, stdout=log, stderr=log
        )
    try:
        measured = play(screen, blender, folder, options.output)
        (options.output / "measured.json").write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
        print(json.dumps(measured, indent=1))
        blender.wait(60)
    finally:
        if blender.poll() is None:
            blender.kill()
        screen.close()
        home = {**os.environ, "SPARKVSR_HOME": plan["home"]}
        subprocess.run([options.engine, "stop"], env=home, stdout=subprocess.DEVNULL, check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
