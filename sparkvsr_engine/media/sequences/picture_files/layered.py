"""EXR files of several layers and parts: each channel in its own type, each part in its own window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its documentation uses

from sparkvsr_engine.media.faults import PictureFault
from sparkvsr_engine.media.images import finished_file, set_attributes
from sparkvsr_engine.media.sequences.picture_files.carrying import PartOut
from sparkvsr_engine.media.sequences.picture_files.formats import write_options

# OpenImageIO brings integers of mixed parts through float32: exact to here, beyond they need their own part.
_LARGEST_MIXED = 1 << 23
_TOP = float(np.iinfo(np.uint32).max)


def write_layered(path: Path, parts: Sequence[PartOut]) -> None:
    """Write an EXR of these parts under a temporary name and rename it.

    Raises OutputUnwritable, DiskFull.
    """
    separate = [piece for part in parts for piece in _with_ids_apart(part)]
    size = sum(values.nbytes for part in separate for _, values in part.channels.values())
    with finished_file(path, size) as partial:
        _write(partial, separate, write_options(path, 0, 0))


def _with_ids_apart(part: PartOut) -> list[PartOut]:
    large = {
        name: channel
        for name, channel in part.channels.items()
        if channel[0] == "uint" and int(channel[1].max(initial=0)) > _LARGEST_MIXED
    }
    if not large or len(large) == len(part.channels):
        return [part]
    small = {name: channel for name, channel in part.channels.items() if name not in large}
    ids = replace(part, name=f"{part.name or 'picture'}.ids", channels=large)
    return [replace(part, name=part.name or "picture", channels=small), ids]


def _write(path: Path, parts: Sequence[PartOut], options: Mapping[str, Any]) -> None:
    specs: list[Any] = [_spec(part, options, len(parts) > 1) for part in parts]
    output = oiio.ImageOutput.create(str(path))
    if output is None:
        raise PictureFault(oiio.geterror() or "no writer for this format")
    first = specs[0] if len(parts) == 1 else tuple(specs)
    good = output.open(str(path), first)
    for index, (part, spec) in enumerate(zip(parts, specs, strict=True)):
        if good and index:
            good = output.open(str(path), spec, "AppendSubimage")
        good = good and output.write_image(_stacked(part))
    closed = output.close()
    if not (good and closed):
        raise PictureFault(output.geterror() or "writing failed")


def _spec(part: PartOut, options: Mapping[str, Any], is_one_of_many: bool) -> Any:
    window = part.window
    kinds = [kind for kind, _ in part.channels.values()]
    spec = oiio.ImageSpec(window.width, window.height, len(kinds), kinds[0])
    spec.x, spec.y = window.x, window.y
    spec.full_x, spec.full_y = window.full_x, window.full_y
    spec.full_width, spec.full_height = window.full_width, window.full_height
    spec.channelnames = tuple(part.channels)
    if len(set(kinds)) > 1:
        spec.channelformats = [oiio.TypeDesc(kind) for kind in kinds]
    set_attributes(spec, part.attributes)
    for name, value in options.items():
        spec.attribute(name, value)
    if is_one_of_many:
        spec.attribute("oiio:subimagename", part.name)
        if part.view:
            spec.attribute("view", part.view)
    return spec


def _stacked(part: PartOut) -> Any:
    """All channels in one array of a type that holds each of their values as OpenImageIO passes them on."""
    channels = list(part.channels.values())
    if all(kind == "uint" for kind, _ in channels):
        # On Windows numpy's uint32 is C's `unsigned long`, which OpenImageIO takes for 64 bits.
        return np.stack([values.astype(np.uintc) for _, values in channels], axis=2)
    if all(values.dtype == np.float16 for _, values in channels):
        return np.stack([values for _, values in channels], axis=2)
    floats = [
        (values / _TOP if kind == "uint" else values).astype(np.float32, copy=False)
        for kind, values in channels
    ]
    return np.stack(floats, axis=2)
