"""EXR files written and read with the format's own library, which the engine does not use."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import OutputTarget
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import ColourWish, OutputRequest
from sparkvsr_engine.media.enlarging import nearest
from sparkvsr_engine.media.opening import open_sink, open_source, plan_output
from sparkvsr_engine.media.probe import probe


def texture(width=24, height=16, shift=0.0):
    """A smooth colour picture [H, W, 3], float64 0..1."""
    rows, columns = np.mgrid[0:height, 0:width].astype(float)
    waves = [np.sin(columns * 0.3 + rows * 0.2 + phase + shift) for phase in (0.0, 1.0, 2.0)]
    return 0.5 + 0.4 * np.stack(waves, -1)


def channels(picture, prefix="", names="RGB", sample="f2"):
    """Channels of a picture [H, W, C] by name."""
    return {
        prefix + name: np.ascontiguousarray(picture[..., index].astype(sample))
        for index, name in enumerate(names)
    }


@dataclass
class Part:
    """One part to be written."""

    channels: dict
    name: str = ""
    header: dict = field(default_factory=dict)


def window(x, y, width, height):
    """A box as EXR headers have it."""
    return (np.array([x, y], "i4"), np.array([x + width - 1, y + height - 1], "i4"))


def write_exr(path, *parts, **header):
    """Write an EXR of these parts (or of one mapping of channels)."""
    usual = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    listed = [part if isinstance(part, Part) else Part(part) for part in parts]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    if len(listed) == 1 and not listed[0].name:
        OpenEXR.File({**usual, **header, **listed[0].header}, listed[0].channels).write(str(path))
    else:
        parts = [OpenEXR.Part({**usual, **header, **p.header}, p.channels, p.name) for p in listed]
        OpenEXR.File(parts).write(str(path))
    return Path(path)


def write_exr_pair(folder, layers, **header):
    """Frames 1 and 2, alike; the pattern that names them."""
    for number in (1, 2):
        # The library puts objects of its own into the mapping it is given.
        write_exr(folder / f"a.{number:04d}.exr", dict(layers), **header)
    return folder / "a.%04d.exr"


def read_exr(path):
    """(name, header, channel name -> pixels) of each part."""
    return [
        (part.name() or "", part.header, {name: np.asarray(c.pixels) for name, c in part.channels.items()})
        for part in OpenEXR.File(str(path), separate_channels=True).parts
    ]


def carried(path, target, scale=2, size=None, colours=("", ""), layers="all") -> tuple[Any, tuple[str, ...]]:
    """`path` brought to `target` without a model, by the nearest pixel: (parts read back, warnings)."""
    info = probe(SourceMedia(str(path)))
    width, height = size or (info.width * scale, info.height * scale)
    expected = OutputTarget(str(target), layers=layers)
    work = Path(target).parent
    plan = plan_output(info, OutputRequest(expected, info.span, width, height, work, ColourWish(*colours)))
    sink, source = open_sink(plan), open_source(info)
    for number in info.span:
        model = plan.colour.to_model(source.read(number).pixels)
        with sink.open_run(FrameSpan(number, number + 1)) as run:
            enlarged = np.ascontiguousarray(nearest(model, width, height)[..., : plan.channels])
            run.write(plan.colour.from_model(enlarged, plan.sample))
    file = sink.files_of(FrameSpan(info.span.first, info.span.first + 1))[0]
    return (read_exr(file) if file.suffix == ".exr" else file), plan.warnings
