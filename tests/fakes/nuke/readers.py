"""Read: which file a frame of the script is, and what is in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from tests.fakes.nuke.additions import ENDINGS
from tests.fakes.nuke.application import current
from tests.fakes.nuke.colours import default_space, to_linear
from tests.fakes.nuke.contract import held_to_the_table
from tests.fakes.nuke.curves import Component
from tests.fakes.nuke.formats import Format, make_format
from tests.fakes.nuke.movies import is_movie, read_movie
from tests.fakes.nuke.nodes import Node
from tests.fakes.nuke.pictures import Picture, RenderError, black
from tests.fakes.nuke.tcl import Place, tcl_interpreter
from tests.fakes.nuke.tcl_commands import number_of

CHANNELS = {"R": "red", "G": "green", "B": "blue", "A": "alpha", "Y": "luma", "X": "x"}


@held_to_the_table
class Read(Node):
    """A file or a sequence of files. DeepRead is one too, whose picture nobody flat can use."""

    def _default_colour(self) -> str:
        return default_space(self._knobs["file"]._state)

    def _react(self, knob: Any) -> None:
        """A new path resets colour, range and premultiplication."""
        if knob._name != "file" or current().reading:
            return
        for name in ("colorspace", "raw", "premultiplied", "first", "last", "origfirst", "origlast"):
            if name in self._knobs:
                second = self._knobs[name]
                if second._state != second._start:
                    second._change(second._start)

    def _learn_file(self, span: tuple[int, int] | None) -> None:
        """Learn range and format, as `fromUserText` does. Raises: RuntimeError with no file."""
        first, last = span or (1, 1)
        for name, value in (("first", first), ("last", last), ("origfirst", first), ("origlast", last)):
            if name in self._knobs:
                self._knobs[name]._change((Component(float(value)),))
        path = resolved(self, self._knobs["file"]._path_at(first, current().view))
        if not Path(path).is_file():
            raise RuntimeError(f"{path}: No such file or directory")
        shape = file_format(path)
        self._knobs["format"]._change(shape._text())


def resolved(node: Any, path: str) -> str:
    """A relative path lies in the project directory."""
    if Path(path).is_absolute() or not path:
        return path
    directory = current().root._knobs["project_directory"]._text_at(current().frame, current().view)
    return (Path(directory or ".") / path).as_posix()


def file_frame(node: Any, frame: float) -> float | None:
    """The number in the file's name for a frame of the script; None where it is black.

    `offset` is taken off the script's frame, so that a clip 1-100 with offset 1000 plays from 1001, as
    scripts that other programs write for Nuke assume.
    """
    mode, text = node._knobs["frame_mode"]._word(frame), node._knobs["frame"]._state.strip()
    first, last = (int(node._knobs[name]._number_at(0, frame, "")) for name in ("first", "last"))
    number = frame
    if text and mode == "expression":
        number = tcl_interpreter().number(text, Place(node, frame, current().view), number_of)
    elif text and mode == "start at":
        number = frame - float(text) + first
    elif text and mode == "offset":
        number = frame - float(text)
    number = round(number)
    if number < first:
        return _beyond(node._knobs["before"]._word(frame), number, first, last, first)
    if number > last:
        return _beyond(node._knobs["after"]._word(frame), number, first, last, last)
    return number


def _beyond(mode: str, number: float, first: int, last: int, edge: int) -> float | None:
    length = last - first + 1
    if mode == "black":
        return None
    if mode == "loop":
        return first + (number - first) % length
    if mode == "bounce" and length > 1:
        step = (number - first) % (2 * (length - 1))
        return first + (step if step < length else 2 * (length - 1) - step)
    return edge


def path_of(node: Any, frame: float, view: str) -> str | None:
    """The file a frame is read of, or None where it is black. Proxies and local copies are used."""
    number = file_frame(node, frame)
    if number is None:
        return None
    name = "proxy" if current().root.proxy() and node._knobs["proxy"]._state else "file"
    path = resolved(node, node._knobs[name]._path_at(number, view))
    policy = node._knobs["localizationPolicy"]._word(frame)
    copy = current().localised.get(path)
    return copy if copy is not None and policy != "off" else path


def read_picture(node: Any, frame: float, view: str) -> Picture:
    """The picture of a Read. What was seen once, a missing file too, stays until `reload`."""
    if node._class == "DeepRead":
        raise RenderError(node, "deep pixels, where flat ones are needed")
    if not node._knobs["file"]._state:
        raise RenderError(node, "no file name")
    path = path_of(node, frame, view)
    if path is None:
        return black(_shape(node))
    version = node._knobs["version"]._number(0)
    words = [node._knobs[name]._text_at(frame, view) for name in ("colorspace", "raw", "on_error")]
    key = (id(node), path, frame if is_movie(path) else None, version, *words)
    cache = current().read_cache
    if key not in cache:
        cache[key] = _read_or_error(node, path, frame, view)
    result = cache[key]
    if isinstance(result, RenderError):
        raise result
    return _at_proxy_size(node, result)


def _at_proxy_size(node: Any, picture: Picture) -> Picture:
    """In proxy mode a Read without a proxy file gives its full one, made smaller."""
    root = current().root
    if not root.proxy() or node._knobs["proxy"]._state:
        return picture
    from tests.fakes.nuke.resampling import scaled_by

    return scaled_by(picture, root._knobs["proxy_scale"]._number(0))


def _read_or_error(node: Any, path: str, frame: float, view: str) -> Picture | RenderError:
    if not Path(path).is_file():
        return _missing(node, path, frame, view)
    current().opened_files.append(path)
    try:
        return read_file(node, path, frame)
    except RenderError as error:
        return error


def _missing(node: Any, path: str, frame: float, view: str) -> Picture | RenderError:
    action = node._knobs["on_error"]._word(frame)
    if action == "black":
        return black(_shape(node))
    if action == "checkerboard":
        picture = black(_shape(node))
        for plane in picture.planes.values():
            plane[::2, ::2] = 1.0
        return picture
    if action == "nearest frame":
        first, last = (int(node._knobs[name]._number(0)) for name in ("first", "last"))
        for number in sorted(range(first, last + 1), key=lambda item: abs(item - frame)):
            near = resolved(node, node._knobs["file"]._path_at(number, view))
            if Path(near).is_file():
                return read_file(node, near, frame)
    return RenderError(node, f"{path}: No such file or directory")


def _shape(node: Any) -> Format:
    return node._knobs["format"].value()


def file_format(path: str) -> Format:
    import OpenImageIO as oiio  # noqa: N813

    opened = oiio.ImageInput.open(path)
    if opened is None:
        raise RuntimeError(f"{path}: {oiio.geterror()}")
    spec = opened.spec()
    opened.close()
    aspect = spec.get_float_attribute("PixelAspectRatio", 1.0)
    return make_format(spec.full_width, spec.full_height, aspect)


def read_file(node: Any, path: str, frame: float) -> Picture:
    """Every layer of every part of a file, in the working space."""
    if is_movie(path):
        return read_movie(node, path, frame)
    import OpenImageIO as oiio  # noqa: N813

    opened = oiio.ImageInput.open(path)
    if opened is None:
        raise RenderError(node, f"{path}: {oiio.geterror()}")
    planes: dict[str, np.ndarray] = {}
    part = 0
    first_spec = opened.spec()
    if first_spec.deep:
        raise RenderError(node, f"{path} holds deep pixels, where flat ones are needed")
    while opened.seek_subimage(part, 0):
        spec = opened.spec()
        pixels = opened.read_image(part, 0, 0, spec.nchannels, "float")
        if pixels is None:
            raise RenderError(node, f"{path}: {opened.geterror()}")
        if part:
            pixels = in_window_of(first_spec, spec, pixels)
        name = str(spec.get_string_attribute("name", "")) if part else ""
        for index, channel in enumerate(spec.channelnames):
            planes.setdefault(channel_name(channel, name), np.ascontiguousarray(pixels[..., index]))
        part += 1
    opened.close()
    shape = make_format(
        first_spec.full_width, first_spec.full_height, first_spec.get_float_attribute("PixelAspectRatio", 1.0)
    )
    top = first_spec.full_y + first_spec.full_height - first_spec.y
    left = first_spec.x - first_spec.full_x
    box = (left, top - first_spec.height, left + first_spec.width, top)
    picture = Picture(shape, box, planes, metadata_of(first_spec, path, frame))
    return to_linear(node, picture, path)


def in_window_of(first: Any, spec: Any, pixels: np.ndarray) -> np.ndarray:
    """A part's pixels in the first part's data window, black where the part has none."""
    if (spec.x, spec.y, spec.width, spec.height) == (first.x, first.y, first.width, first.height):
        return pixels
    placed = np.zeros((first.height, first.width, pixels.shape[2]), pixels.dtype)
    left, top = max(spec.x, first.x), max(spec.y, first.y)
    right = min(spec.x + spec.width, first.x + first.width)
    bottom = min(spec.y + spec.height, first.y + first.height)
    if left < right and top < bottom:
        inside = pixels[top - spec.y : bottom - spec.y, left - spec.x : right - spec.x]
        placed[top - first.y : bottom - first.y, left - first.x : right - first.x] = inside
    return placed


def channel_name(name: str, part: str) -> str:
    """`R` is `rgba.red`; `diffuse.R` is `diffuse.red`."""
    layer, _, last = name.rpartition(".")
    layer = layer or (part if part and part.lower() not in ("rgba", "rgb") else "rgba")
    if layer == "rgba" and last not in CHANNELS:
        return {"Z": "depth.Z"}.get(last, f"other.{last}")
    return f"{layer}.{CHANNELS.get(last, last)}"


def metadata_of(spec: Any, path: str, frame: float) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "input/filename": path,
        "input/width": spec.full_width,
        "input/height": spec.full_height,
        "input/frame": frame,
        "input/filereader": ENDINGS.get(Path(path).suffix[1:].lower(), ""),
    }
    names = {"FramesPerSecond": "input/frame_rate", "smpte:TimeCode": "input/timecode"}
    for attribute in spec.extra_attribs:
        value = attribute.value
        if attribute.name == "smpte:TimeCode":
            value = timecode_text(attribute.value)
        elif attribute.name == "FramesPerSecond":
            value = _rate(attribute.value)
        metadata[names.get(attribute.name, f"exr/{attribute.name}")] = value
    return metadata


def _rate(value: Any) -> float:
    return float(value[0]) / float(value[1]) if isinstance(value, (tuple, list)) else float(value)


def timecode_text(value: Any) -> str:
    """`hh:mm:ss:ff` of SMPTE's packed number (SMPTE ST 12-1)."""
    if isinstance(value, str):
        return value
    packed = int(value[0] if isinstance(value, (tuple, list)) else value)
    pairs = [(packed >> shift) & mask for shift, mask in ((24, 0x3F), (16, 0x7F), (8, 0x7F), (0, 0x3F))]
    return ":".join(f"{(pair >> 4) * 10 + (pair & 15):02d}" for pair in pairs)


def class_for(path: str) -> str:
    """`Read` or `DeepRead`, by what is in the file."""
    import OpenImageIO as oiio  # noqa: N813

    concrete = re.sub(r"%0?\d*d|#+", "*", path)
    files = sorted(Path(concrete).parent.glob(Path(concrete).name))
    if not files:
        return "Read"
    opened = oiio.ImageInput.open(str(files[0]))
    is_deep = opened is not None and opened.spec().deep
    return "DeepRead" if is_deep else "Read"
