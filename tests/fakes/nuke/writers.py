"""Write: files of a branch's pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.fakes.nuke.additions import ENDINGS
from tests.fakes.nuke.application import current
from tests.fakes.nuke.colours import default_space, from_linear
from tests.fakes.nuke.contract import held_to_the_table
from tests.fakes.nuke.evaluation import picture_of
from tests.fakes.nuke.nodes import Node
from tests.fakes.nuke.pictures import Picture, RenderError, chosen, full_box, union
from tests.fakes.nuke.readers import resolved
from tests.fakes.nuke.refusals import StandInGap

LETTERS = {"red": "R", "green": "G", "blue": "B", "alpha": "A"}
COMPRESSION = {
    "none": "none",
    "Zip (1 scanline)": "zips",
    "Zip (16 scanlines)": "zip",
    "PIZ Wavelet (32 scanlines)": "piz",
    "RLE": "rle",
    "B44": "b44",
    "B44A": "b44a",
    "DWAA": "dwaa",
    "DWAB": "dwab",
}
CHANNEL_ORDER = ("rgba.red", "rgba.green", "rgba.blue", "rgba.alpha")


@held_to_the_table
class Write(Node):
    """Writes what comes in to files when it is executed."""

    def _default_colour(self) -> str:
        return default_space(self._knobs["file"]._state)

    def _write(self, frame: float, view: str) -> str:
        """The file written for a frame and view. Raises: RenderError."""
        source = self._input(0)
        if source is None:
            raise RenderError(self, "has no input")
        picture = picture_of(source, frame, view)
        path = self._target(frame, view)
        kind = self._file_type(path)
        picture = from_linear(self, picture, path)
        if kind == "exr":
            _write_exr(self, picture, path)
        elif kind == "png":
            _write_png(self, picture, path)
        elif kind != "null":
            raise StandInGap(f"files of the type {kind} are not written")
        return path

    def _target(self, frame: float, view: str) -> str:
        name = "proxy" if current().root.proxy() and self._knobs["proxy"]._state else "file"
        path = resolved(self, self._knobs[name]._path_at(frame, view))
        if not path:
            raise RenderError(self, "no output file name specified")
        folder = Path(path).parent
        if not folder.is_dir():
            if not self._knobs["create_directories"]._number(0):
                raise RenderError(self, f"{path}: the directory does not exist")
            folder.mkdir(parents=True)
        return path

    def _file_type(self, path: str) -> str:
        named = self._knobs["file_type"]._word(0).strip()
        kind = named or ENDINGS.get(Path(path).suffix[1:].lower(), "")
        if not kind:
            raise RenderError(self, f"{path}: no file type")
        return kind


def _spec(picture: Picture, box: tuple[int, ...], count: int, kind: str) -> Any:
    import OpenImageIO as oiio  # noqa: N813

    spec = oiio.ImageSpec(box[2] - box[0], box[3] - box[1], count, kind)
    spec.x, spec.y = box[0], picture.format._height - box[3]
    spec.full_x, spec.full_y = 0, 0
    spec.full_width, spec.full_height = picture.format._width, picture.format._height
    spec.attribute("PixelAspectRatio", float(picture.format._aspect))
    return spec


def _write_exr(node: Any, picture: Picture, path: str) -> None:
    """Channels of the mask, the pixels of the format and what lies beyond it."""
    names = [name for name in chosen(node._knobs["channels"]._state, picture) if name in picture.planes]
    names.sort(key=lambda name: CHANNEL_ORDER.index(name) if name in CHANNEL_ORDER else 4)
    if not names:
        raise RenderError(node, "nothing to write: the branch has none of the channels")
    box = picture.box if node._knobs["autocrop"]._number(0) else union(picture.box, full_box(picture.format))
    picture = picture.over(box)
    kind = "half" if node._knobs["datatype"]._number(0) == 0 else "float"
    spec = _spec(picture, box, len(names), kind)
    spec.channelnames = tuple(exr_name(name) for name in names)
    spec.attribute("compression", COMPRESSION[node._knobs["compression"]._word(0)])
    _add_metadata(spec, picture, node._knobs["metadata"]._word(0))
    _write_file(node, path, spec, np.stack([picture.plane(name) for name in names], -1))


def _add_metadata(spec: Any, picture: Picture, which: str) -> None:
    import OpenImageIO as oiio  # noqa: N813

    if which == "no metadata":
        return
    code, rate = picture.metadata.get("input/timecode"), picture.metadata.get("input/frame_rate")
    if code:
        spec.attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), pack_timecode(str(code)))
    if rate:
        spec.attribute("FramesPerSecond", oiio.TypeDesc("rational"), [round(float(rate) * 1000), 1000])
    if which == "default metadata":
        return
    for key, value in picture.metadata.items():
        if key.startswith("exr/") and isinstance(value, (str, int, float)):
            spec.attribute(key[4:], value)


def pack_timecode(text: str) -> list[int]:
    """SMPTE's packed number of `hh:mm:ss:ff`, and no user bits."""
    packed = 0
    for part in text.split(":"):
        packed = (packed << 8) | (int(part) // 10 << 4 | int(part) % 10)
    return [packed, 0]


def exr_name(name: str) -> str:
    layer, last = name.split(".", 1)
    letter = LETTERS.get(last, last)
    return letter if layer == "rgba" else f"{layer}.{letter}"


def _write_png(node: Any, picture: Picture, path: str) -> None:
    names = [name for name in CHANNEL_ORDER if name in chosen(node._knobs["channels"]._state, picture)]
    picture = picture.over(full_box(picture.format))
    pixels = np.stack([picture.plane(name) for name in names], -1)
    spec = _spec(picture, full_box(picture.format), len(names), "uint8")
    _write_file(node, path, spec, np.clip(pixels, 0, 1))


def _write_file(node: Any, path: str, spec: Any, pixels: np.ndarray) -> None:
    import OpenImageIO as oiio  # noqa: N813

    output = oiio.ImageOutput.create(path)
    if output is None or not output.open(path, spec):
        raise RenderError(node, f"{path}: {oiio.geterror() if output is None else output.geterror()}")
    if not output.write_image(np.ascontiguousarray(pixels.astype(np.float32))):
        raise RenderError(node, f"{path}: {output.geterror()}")
    output.close()
