"""One stage of files through the engine, or through OpenImageIO's Python API in a bare loop, timed.

    python benchmarks/file_stages.py STAGE SOURCE TARGET
    STAGE: read, colour, write, whole, job, oiio-read, oiio-colour, oiio-write

Prints the seconds the stage took, imports and planning left out. `file_throughput` runs it once for every
measure, with PYTHONPATH at the checkout to be measured, so that at the top nothing of it is imported.
read: frames as the file has them. colour: into model space and back. write: from memory to a finished target.
whole: the three as a job does them, reading ahead and writing behind. job: with the `identity` restorer.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its documentation uses

# Frames held in memory to be written or converted again and again.
_FRAMES_IN_MEMORY = 4
# Frames converted, however few there are: the first one takes longest.
_CONVERTED = 24
_PREFETCH = ("sparkvsr_engine.media.buffering.prefetch", "sparkvsr_engine.media.prefetch")
_SCENE_LINEAR, _LOG = "Linear Rec.709 (sRGB)", "ACEScct"


CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
"""What a second is: of the clock on the wall, or of work by all threads."""


def name_the_bridge() -> None:
    """Let older checkouts, whose bridge is the package `bridge`, be measured by the same imports."""
    if importlib.util.find_spec("sparkvsr_bridge") is None:
        for name in ("", ".media", ".settings"):
            sys.modules[f"sparkvsr_bridge{name}"] = importlib.import_module(f"bridge{name}")


class EngineStages:
    """The engine's own reading, colour and writing of one source."""

    def __init__(self, source: str, target: str, now: Callable[[], float]) -> None:
        from sparkvsr_bridge.media import SourceMedia
        from sparkvsr_bridge.settings import OutputTarget
        from sparkvsr_engine.media.base import OutputRequest
        from sparkvsr_engine.media.opening import open_sink, open_source, plan_output
        from sparkvsr_engine.media.probe import probe

        self._target, self.now = target, now
        self._info = probe(SourceMedia(source))
        work = Path(target).parent / "work"
        size = (self._info.width, self._info.height)
        request = OutputRequest(OutputTarget(target), self._info.span, *size, work)
        self._plan = plan_output(self._info, request)
        self._sink = open_sink(self._plan)
        self._open = open_source
        self._opened: Any = None

    def frame(self, stage: str, index: int) -> float:
        """Seconds to read or convert the frame at this place; what comes before it is ready."""
        if self._opened is None:
            self._opened = self._open(self._info)
        start = self.now()
        pixels = self._opened.read(list(self._info.span)[index]).pixels
        if stage == "colour":
            start = self.now()
            self._converted(pixels)
        return self.now() - start

    def read(self) -> float:
        """Seconds."""
        source = self._open(self._info)
        start = self.now()
        for number in self._info.span:
            source.read(number)
        seconds = self.now() - start
        source.close()
        return seconds

    def colour(self) -> float:
        """Seconds."""
        frames = self._frames()
        self._converted(frames[0])
        start = self.now()
        for number in range(_CONVERTED):
            self._converted(frames[number % len(frames)])
        return (self.now() - start) * len(self._info.span) / _CONVERTED

    def write(self) -> float:
        """Seconds."""
        frames = [self._converted(pixels) for pixels in self._frames()]
        start = self.now()
        with self._sink.open_run(self._info.span) as run:
            for number in range(len(self._info.span)):
                run.write(frames[number % len(frames)])
        self._sink.finish([self._info.span])
        return self.now() - start

    def whole(self) -> float:
        """Seconds."""
        # Where a checkout has it, this one or an earlier one.
        place = next(name for name in _PREFETCH if importlib.util.find_spec(name.rpartition(".")[0]))
        prefetched = importlib.import_module(place).PrefetchedSource

        start = self.now()
        with prefetched(self._open(self._info)) as source, self._sink.open_run(self._info.span) as run:
            for number in self._info.span:
                run.write(self._converted(source.read(number).pixels))
        self._sink.finish([self._info.span])
        return self.now() - start

    def job(self) -> float:
        """Seconds of a job with the identity restorer: looked at, analysed, planned, rendered, joined."""
        from sparkvsr_bridge.media import SourceMedia
        from sparkvsr_bridge.settings import JobSpec, KeyframePolicy, OutputTarget, UpscaleSettings
        from sparkvsr_engine.cli.console import Console
        from sparkvsr_engine.cli.in_process import run_in_process

        settings = UpscaleSettings(scale=1.0, model="identity", policy=KeyframePolicy("none"), device="cpu")
        spec = JobSpec(SourceMedia(self._info.path), OutputTarget(self._target), settings)
        with tempfile.TemporaryDirectory() as home:
            os.environ["SPARKVSR_HOME"] = home
            start = self.now()
            run_in_process(spec, Console(as_json=False), show=lambda _: None)
            return self.now() - start

    def _frames(self) -> list[Any]:
        source = self._open(self._info)
        frames = [source.read(number).pixels for number in list(self._info.span)[:_FRAMES_IN_MEMORY]]
        source.close()
        return frames

    def _converted(self, pixels: Any) -> Any:
        plan = self._plan
        model = plan.colour.to_model(pixels)
        return plan.colour.from_model(model[..., : plan.channels], plan.sample)


class PictureStages:
    """The same of numbered pictures by OpenImageIO alone."""

    def __init__(self, source: str, target: str, now: Callable[[], float]) -> None:
        self.now = now
        self._sources = sorted(map(str, Path(source).parent.glob("*" + Path(source).suffix)))
        self._target = target
        self._samples = {name: oiio.ImageBuf(name) for name in self._sources[:_FRAMES_IN_MEMORY]}

    def read(self) -> float:
        """Seconds."""
        start = self.now()
        for name in self._sources:
            file: Any = oiio.ImageInput.open(name)
            file.read_image(file.spec().format)
            file.close()
        return self.now() - start

    def colour(self) -> float:
        """Seconds to floats and back, and of EXR to ACEScct and back as well."""
        images = list(self._samples.values())
        is_linear = self._sources[0].endswith(".exr")
        kind = images[0].spec().format
        spec = images[0].spec()
        seconds = 0.0
        for number in range(len(self._sources)):
            pixels = images[number % len(images)].get_pixels(kind)
            start = self.now()
            image = oiio.ImageBuf(oiio.ImageSpec(spec.width, spec.height, spec.nchannels, kind))
            image.set_pixels(image.roi, pixels)
            image = oiio.ImageBufAlgo.copy(image, oiio.FLOAT)
            if is_linear:
                image = oiio.ImageBufAlgo.colorconvert(image, _SCENE_LINEAR, _LOG)
                image = oiio.ImageBufAlgo.colorconvert(image, _LOG, _SCENE_LINEAR)
            image.get_pixels(kind)
            seconds += self.now() - start
        return seconds

    def write(self) -> float:
        """Seconds, with the compression the engine writes."""
        images = [(buf.spec(), buf.get_pixels(buf.spec().format)) for buf in self._samples.values()]
        start = self.now()
        for number in range(len(self._sources)):
            image_spec, pixels = images[number % len(images)]
            spec = oiio.ImageSpec(
                image_spec.width, image_spec.height, image_spec.nchannels, image_spec.format
            )
            for word in ("compression", "oiio:BitsPerSample"):
                if image_spec.getattribute(word) is not None:
                    spec.attribute(word, image_spec.getattribute(word))
            spec.attribute("png:compressionLevel", 1)
            spec.attribute("png:filter", 16)
            if spec.getattribute("compression") == "zip":
                spec.attribute("compression", "zip:1")
            name = self._target % number
            file: Any = oiio.ImageOutput.create(name)
            if not (
                file.open(name, spec) and file.write_image(np.ascontiguousarray(pixels)) and file.close()
            ):
                raise OSError(file.geterror())
        return self.now() - start


def main() -> None:
    """Measure and print."""
    name_the_bridge()
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("stage")
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    options = parser.parse_args()
    library, _, stage = options.stage.rpartition("-")
    maker = PictureStages if library == "oiio" else EngineStages
    Path(options.target).parent.mkdir(parents=True, exist_ok=True)
    print(getattr(maker(options.source, options.target, CLOCKS[options.clock]), stage)())


if __name__ == "__main__":
    main()
