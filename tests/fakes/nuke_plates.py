"""Plates for the plugin's tests: EXR sequences whose frames differ. numpy and OpenImageIO alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Tuple

import numpy as np
import OpenImageIO

NAMES = ("R", "G", "B", "A")


def write_exr(path: Path, pixels: np.ndarray, names: Tuple[str, ...] = NAMES, **attributes: Any) -> None:
    """Write half floats [H, W, C]."""
    spec = OpenImageIO.ImageSpec(pixels.shape[1], pixels.shape[0], len(names), "half")
    spec.channelnames = names
    for name, value in attributes.items():
        spec.attribute(name.replace("__", "/"), value)
    path.parent.mkdir(parents=True, exist_ok=True)
    output = OpenImageIO.ImageOutput.create(str(path))
    assert output.open(str(path), spec), OpenImageIO.geterror()
    output.write_image(np.ascontiguousarray(pixels.astype(np.float32)))
    output.close()


def read_exr(path: Path) -> np.ndarray:
    """A file's pixels, float32 [H, W, C]."""
    opened = OpenImageIO.ImageInput.open(str(path))
    assert opened is not None, OpenImageIO.geterror()
    pixels = opened.read_image("float")
    opened.close()
    return np.asarray(pixels)


def plate_frame(number: int, width: int = 48, height: int = 32) -> np.ndarray:
    """A smooth picture that differs with its number, scene-linear, alpha 1."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., 0] = 0.2 + 0.15 * np.sin(columns / 5 + number)
    pixels[..., 1] = 0.3 + 0.1 * np.cos(rows / 4)
    pixels[..., 2] = (number % 100) / 100
    return pixels


def write_plate(folder: Path, first: int, last: int, name: str = "plate.%04d.exr", **attributes: Any) -> str:
    """Write the frames first..last; returns their pattern with forward slashes."""
    for number in range(first, last + 1):
        write_exr(folder / (name % number), plate_frame(number), **attributes)
    return f"{folder.as_posix()}/{name}"


def read_node(nuke: Any, pattern: str, first: int, last: int) -> Any:
    """A Read of a plate, set as an artist's is."""
    read = nuke.nodes.Read()
    read["file"].setValue(pattern)
    for knob, value in (("first", first), ("last", last), ("origfirst", first), ("origlast", last)):
        read[knob].setValue(value)
    read["colorspace"].setValue("linear")
    return read
