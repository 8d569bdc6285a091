"""What lies beside a picture in its file, on the result's grid: other layers, views, and overscan.

No network sees any of it. Ids keep their values, depth and vectors are not mixed across edges, normals keep
their length, motion vectors are scaled with the picture, colours are enlarged without overshoot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its documentation uses
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import FloatPixels, Pixels
from sparkvsr_engine.media import enlarging
from sparkvsr_engine.media.faults import PictureFault, picture_faults
from sparkvsr_engine.media.sequences.picture_files.layers import Layer, LayerKind
from sparkvsr_engine.media.sequences.picture_files.pictures import (
    OIIO_OF,
    Attribute,
    PictureHeader,
    Window,
    header_of,
    opened,
)

Recolour = Callable[[FloatPixels], FloatPixels]

_ACROSS, _DOWN = frozenset("xur"), frozenset("yvg")


@dataclass(eq=False)
class PartOut:
    """One part of a file to be written: channels [H, W] by their names, in order, each with its type.

    window: where they lie. attributes: of its header.
    """

    window: Window
    name: str = ""
    view: str = ""
    channels: dict[str, tuple[str, NDArray[Any]]] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True)
class Carriage:
    """How companions of a clip's frames are carried. width, height: of the result's pictures.

    names: of the picture's own channels in the result. recolour: brings RGB [H, W, 3] of a source to the
    result's colours, None where they are the same.
    """

    width: int
    height: int
    names: tuple[str, ...]
    recolour: Recolour | None = None

    def parts_of(self, path: Path, picture: Pixels) -> list[PartOut] | None:
        """A result's parts, that of the picture first; None where the picture is all there is.

        picture: [height, width, C]. Raises MediaUnreadable when the source's file is gone or damaged.
        """
        with picture_faults(path), opened(path) as image:
            header = header_of(path, image)
            if self._is_plain(header):
                return None
            return _Carrier(self, header, image).parts(picture)

    def _is_plain(self, header: PictureHeader) -> bool:
        window = header.window
        is_placed = window.has_overscan or window.full_x or window.full_y
        is_usual = self.names in (("R", "G", "B"), ("R", "G", "B", "A"), ("Y",), ("Y", "A"))
        return not (header.parts.beside or header.channel_samples or is_placed) and is_usual


class _Carrier:
    """One frame's companions."""

    def __init__(self, carriage: Carriage, header: PictureHeader, image: Any) -> None:
        self._carriage = carriage
        self._header = header
        self._image = image
        self._across = carriage.width / header.width
        self._down = carriage.height / header.height

    def parts(self, picture: Pixels) -> list[PartOut]:
        header = self._header
        main = header.channels.part
        order = [main, *(part for part in range(len(header.parts.names)) if part != main)]
        return [self._part(part, picture if part == main else None) for part in order]

    def _part(self, part: int, picture: Pixels | None) -> PartOut:
        source = self._header.parts.windows[part]
        target = self._target_window(source)
        names = self._header.parts.names[part]
        part_out = PartOut(target, names.name, names.view, attributes=self._header.parts.attributes[part])
        if picture is not None:
            part_out.window = _with_display(target)
            self._add_picture(part_out, target, picture)
        for layer in self._header.parts.beside:
            if layer.part == part:
                self._add_layer(part_out, target, layer)
        return part_out

    def _add_picture(self, part_out: PartOut, target: Window, picture: Pixels) -> None:
        """The rendered picture; around it, where the source has overscan, that enlarged."""
        choice = self._header.channels
        whole = picture
        if part_out.window.has_overscan:
            stored = self._values(choice.part, choice.indices[: picture.shape[2]])
            enlarged = enlarging.bounded_cubic(self._recoloured(stored), target.width, target.height)
            whole = _placed(enlarged, target, part_out.window).astype(picture.dtype)
            left, top = target.full_x - part_out.window.x, target.full_y - part_out.window.y
            whole[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
        kinds = self._header.channel_samples or (OIIO_OF[str(picture.dtype)],) * 4
        for index, name in enumerate(self._carriage.names):
            part_out.channels[name] = (kinds[index], whole[..., index])

    def _add_layer(self, part_out: PartOut, target: Window, layer: Layer) -> None:
        names = self._header.parts.names[layer.part]
        size = (target.width, target.height)
        samples = [names.samples[index] for index in layer.indices]
        if layer.kind is LayerKind.IDS or "uint" in samples:
            enlarged = [enlarging.nearest(self._stored(layer.part, index), *size) for index in layer.indices]
            values: Any = np.stack(enlarged, axis=2) if len(set(samples)) == 1 else enlarged
        else:
            values = self._enlarged(layer, self._values(layer.part, layer.indices), *size)
        for at, index in enumerate(layer.indices):
            plane = values[at] if isinstance(values, list) else values[..., at]
            placed = _placed(plane[..., None], target, part_out.window)[..., 0]
            part_out.channels[names.channels[index]] = (samples[at], placed)

    def _enlarged(self, layer: Layer, values: FloatPixels, width: int, height: int) -> FloatPixels:
        if layer.kind is LayerKind.COLOUR:
            has_colour = layer.index_of("r") is not None and layer.index_of("b") is not None
            return enlarging.bounded_cubic(
                self._recoloured_layer(layer, values) if has_colour else values, width, height
            )
        if layer.kind is LayerKind.NORMALS:
            return enlarging.normals(values, width, height)
        if layer.kind is LayerKind.MOTION:
            return enlarging.edge_kept(values, width, height, floor=1.0) * self._motion_factors(layer)
        floor = 0.0 if layer.kind is LayerKind.DEPTH else 0.05
        return enlarging.edge_kept(values, width, height, floor=floor)

    def _motion_factors(self, layer: Layer) -> FloatPixels:
        """Two pairs lie in x, y, z and w: to the frame before and to the next one."""
        names = [name for name, _ in layer.channels]
        across, down = (_ACROSS | {"z"}, _DOWN | {"w"}) if "w" in names else (_ACROSS, _DOWN)
        factors = [self._across if name in across else self._down if name in down else 1.0 for name in names]
        return np.asarray(factors, np.float32)

    def _recoloured_layer(self, layer: Layer, values: FloatPixels) -> FloatPixels:
        if self._carriage.recolour is None:
            return values
        names = [name for name, _ in layer.channels]
        order = [names.index(name) for name in "rgb"]
        converted = values.copy()
        converted[..., order] = self._carriage.recolour(np.ascontiguousarray(values[..., order]))
        return converted

    def _recoloured(self, values: FloatPixels) -> FloatPixels:
        recolour = self._carriage.recolour
        if recolour is None or values.shape[2] < 3:
            return values
        return np.concatenate([recolour(np.ascontiguousarray(values[..., :3])), values[..., 3:]], axis=2)

    def _values(self, part: int, indices: tuple[int, ...]) -> FloatPixels:
        """Channels as float32 [H, W, C]."""
        first = min(indices)
        kind = oiio.TypeDesc("float")
        stored = self._image.read_image(part, 0, first, max(indices) + 1, kind)
        return np.ascontiguousarray(self._require(stored)[..., [index - first for index in indices]])

    def _stored(self, part: int, index: int) -> NDArray[Any]:
        """One channel [H, W] in its own type."""
        kind = self._header.parts.names[part].samples[index]
        stored = self._image.read_image(part, 0, index, index + 1, oiio.TypeDesc(kind))
        return self._require(stored)[..., 0]

    def _require(self, stored: Any) -> NDArray[Any]:
        if stored is None or self._image.has_error:
            raise PictureFault(self._image.geterror() or "its other layers cannot be decoded")
        pixels = np.asarray(stored)
        return pixels[..., None] if pixels.ndim == 2 else pixels

    def _target_window(self, window: Window) -> Window:
        full_x, full_y = round(window.full_x * self._across), round(window.full_y * self._down)
        x = full_x + round((window.x - window.full_x) * self._across)
        y = full_y + round((window.y - window.full_y) * self._down)
        right = full_x + round((window.x + window.width - window.full_x) * self._across)
        bottom = full_y + round((window.y + window.height - window.full_y) * self._down)
        full_width, full_height = (
            round(window.full_width * self._across),
            round(window.full_height * self._down),
        )
        return Window(x, y, max(right - x, 1), max(bottom - y, 1), full_x, full_y, full_width, full_height)


def _with_display(window: Window) -> Window:
    """A window that holds its pixels and all that is shown."""
    x, y = min(window.x, window.full_x), min(window.y, window.full_y)
    right, bottom = (max(edges) for edges in zip(window.pixels[2:], window.display[2:], strict=True))
    return replace(window, x=x, y=y, width=right - x, height=bottom - y)


def _placed(values: NDArray[Any], window: Window, target: Window) -> NDArray[Any]:
    """Values of one window in another that holds it, 0 around."""
    if window.pixels == target.pixels:
        return values
    canvas = np.zeros((target.height, target.width, values.shape[2]), values.dtype)
    left, top = window.x - target.x, window.y - target.y
    canvas[top : top + window.height, left : left + window.width] = values
    return canvas
