"""Runs inside a Blender without windows: installs the extension's archive, then plays one scenario.

`python inside.py PLAN.json FILE.FUNCTION`, or `blender --background --python inside.py -- ...`; the plan
names the archive, an engine program and folders. Timers do not tick without windows, so the extension's
`poll` is called here. A failure is a traceback and status 1.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path

import bpy
import numpy as np

EXTENSION = "bl_ext.user_default.sparkvsr"
PATIENCE_SECONDS = float(os.environ.get("SPARKVSR_PATIENCE", "150"))


class Stage:
    """A Blender with the extension installed and a scene to work in."""

    def __init__(self, plan):
        self.plan = plan
        self.folder = Path(plan["folder"])
        done = bpy.ops.extensions.package_install_files(
            filepath=plan["archive"], repo="user_default", enable_on_install=True
        )
        assert done == {"FINISHED"}, done
        assert EXTENSION in sys.modules, "the extension is not enabled"
        self.set_preferences()
        self.open_empty()

    def module(self, name):
        return importlib.import_module(f"{EXTENSION}.{name}")

    @property
    def preferences(self):
        return bpy.context.preferences.addons[EXTENSION].preferences

    def set_preferences(self):
        self.preferences.program = self.plan["engine"]
        self.preferences.engine_home = self.plan["home"]
        bpy.context.preferences.filepaths.use_relative_paths = False

    def open_empty(self, is_saved=True):
        bpy.ops.wm.read_homefile(use_empty=True)
        self.set_preferences()
        self.scene.sequence_editor_create()
        render = self.scene.render
        render.resolution_x, render.resolution_y, render.resolution_percentage = 96, 64, 100
        render.fps, render.fps_base = 24, 1.0
        self.scene.view_settings.view_transform = "Standard"
        if is_saved:
            self.save()

    def save(self, name="edit.blend"):
        bpy.ops.wm.save_as_mainfile(filepath=str(self.folder / name))

    @property
    def scene(self):
        return bpy.context.scene

    @property
    def editor(self):
        return self.scene.sequence_editor

    @property
    def strips(self):
        return self.module("host").strips_in(self.editor)

    def movie(self, start=10, channel=1, path=None):
        strip = self.strips.new_movie("shot", path or self.plan["movie"], channel, start)
        return self.activate(strip)

    def sequence(self, start=10, channel=1, numbers=range(1001, 1013), path=None):
        path = Path(path or self.plan["sequence"])
        first, *remainder = (path.name % number for number in numbers)
        strip = self.strips.new_image(
            name="plate",
            filepath=str(path.parent / first),
            channel=channel,
            frame_start=start,
            fit_method="ORIGINAL",
        )
        for name in remainder:
            strip.elements.append(name)
        return self.activate(strip)

    def named(self, name):
        """A strip by its name: undo makes references dead."""
        return next(strip for strip in self.strips if strip.name == name)

    def activate(self, strip):
        self.editor.active_strip = strip
        strip.sparkvsr.policy = "none"
        return strip

    def run(self, name, **arguments):
        """Call an operator; its outcome, and the line it left where it refused."""
        return getattr(bpy.ops.sparkvsr, name)(**arguments)

    @property
    def notice(self):
        result = self.module("runtime").get().notice
        return result.text if result else ""

    @property
    def job_list(self):
        return self.module("runtime").job_list()

    def poll_until(self, condition, what):
        """Do what the timer would until the condition holds."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < give_up, (
                f"{what} never came; notice: {self.notice!r}, jobs: {self.job_list.entries}"
            )
            self.module("polling").poll()
            time.sleep(0.02)

    def results(self, source):
        return self.module("sequencer.placing").versions_of(source)

    def finished(self, source, count=1):
        result = [strip for strip in self.results(source) if strip.sparkvsr.state == "finished"]
        return len(result) == count

    def upscale(self, source):
        """Upscale the strip with the real engine; its result strip."""
        assert self.run("upscale") == {"FINISHED"}, self.notice
        self.poll_until(lambda: self.finished(source) or self.failure(), "the result")
        assert not self.failure(), self.failure()
        return self.results(source)[0]

    def failure(self):
        """Why a job failed, if one did."""
        failed = (entry.report.error for entry in self.job_list.entries.values() if entry.report.error)
        return next((error.message for error in failed), "")

    def describe_engine(self):
        """The engine's own report, asked through the extension's session."""
        messages = self.module("bridge_link").messages
        message = []
        self.module("runtime").run_task(
            lambda client: client.request(messages.DescribeEngineRequest(), messages.EngineReply),
            lambda value, error: message.append(value or error),
        )
        self.poll_until(lambda: message, "the engine's answer")
        return message[0]

    def file_at(self, strip, frame):
        """The picture that an image strip shows at a timeline frame."""
        return Path(bpy.path.abspath(strip.directory)) / strip.strip_elem_from_frame(frame).filename

    def timing(self, strip):
        return self.module("host").timing_of(strip)

    def names(self, strip):
        return [element.filename for element in strip.elements]

    def render(self, frame, name):
        """One frame of the sequencer as PNG."""
        self.scene.frame_set(frame)
        image = self.scene.render.image_settings
        if hasattr(image, "media_type"):
            image.media_type = "IMAGE"
        image.file_format, image.color_mode, image.color_depth = "PNG", "RGB", "8"
        self.scene.render.filepath = str(self.folder / name)
        bpy.ops.render.render(write_still=True)
        return self.folder / name


def pixels_of(path):
    """(width, height, all values) of a picture as it is stored."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    values = list(image.pixels)
    size = tuple(image.size)
    bpy.data.images.remove(image)
    return (*size, values)


def frame_in(path, pattern, numbers):
    """Which of the numbered pictures an upscaled one is of: the one it differs least from at their size."""
    result = {number: _shades(pattern % number) for number in numbers}
    rows, columns = next(iter(result.values())).shape
    upscaled = _shades(path)
    factor = upscaled.shape[0] // rows
    small = upscaled.reshape(rows, factor, columns, factor).mean((1, 3))
    return min(result, key=lambda number: np.abs(result[number] - small).mean())


def _shades(path):
    """Green of a picture, [H, W], as it is displayed."""
    width, height, values = pixels_of(path)
    green = np.array(values, np.float32).reshape(height, width, -1)[..., 1]
    return np.clip(green, 0, 1) ** (1 / 2.2) if str(path).endswith(".exr") else green


def largest_difference(first, second):
    a, b = pixels_of(first), pixels_of(second)
    assert a[:2] == b[:2], (a[:2], b[:2])
    return max(abs(x - y) for x, y in zip(a[2], b[2], strict=True))


def main():
    inputs = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    plan = json.loads(Path(inputs[0]).read_text("utf-8"))
    file, _, name = inputs[1].partition(".")
    sys.path[:0] = [str(Path(__file__).parent / "scenarios")]
    scenario = getattr(importlib.import_module(file), name)
    status = 1
    try:
        stage = Stage(plan)
        scenario(stage)
        stage.module("registering").unregister()
        status = 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    # Blender as a module may hang or crash while it clears up after timers and panels.
    os._exit(status)


if __name__ == "__main__":
    # Scenarios import this file by its name: one module, not two.
    sys.modules["inside"] = sys.modules["__main__"]
    main()
