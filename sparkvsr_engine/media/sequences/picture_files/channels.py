"""Which channels of a picture file are the picture: its colour and its alpha, and what lies beside them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.media.sequences.picture_files.layers import Layer, LayerKind, PartNames, layers_of

_COLOUR = ("r", "g", "b")
# How programs call the finished picture, the surest first; Blender's compositor has the last word there.
_MAIN_NAMES = (
    "",
    "rgba",
    "rgb",
    "composite.combined",
    "combined",
    "beauty",
    "c",
    "ci",
    "main",
    "master",
    "image",
)
_PLAIN, _NAMED = len(_MAIN_NAMES), len(_MAIN_NAMES) + 1


@dataclass(frozen=True)
class ChannelChoice:
    """Indices of the channels that make the frame, in RGB(A) order; a grey picture has its one thrice.

    part: of the file. layer: what people call it, empty for the main one.
    """

    indices: tuple[int, ...]
    has_alpha: bool
    is_grey: bool
    part: int = 0
    layer: str = ""

    @property
    def first(self) -> int:
        """The first channel to be read."""
        return min(self.indices)

    @property
    def stop(self) -> int:
        """The channel after the last one to be read."""
        return max(self.indices) + 1


@dataclass(frozen=True)
class PictureChoice:
    """What the picture is, and the layers beside it."""

    channels: ChannelChoice
    beside: tuple[Layer, ...]


def choose_channels(names: Sequence[str], path: str) -> ChannelChoice:
    """As `choose_picture`, for a file of one part."""
    return choose_picture((PartNames(tuple(names)),), (), (), path).channels


def choose_picture(
    parts: Sequence[PartNames], views: Sequence[str], cryptomattes: Collection[str], path: str
) -> PictureChoice:
    """R, G, B and A of the main layer in the first view, else of the only layer that has colour, else grey.

    Data is never taken for colour.

    Args:
        parts: names of the file's parts and channels.
        views: names of the views, the first is shown.
        cryptomattes: names of layers that hold Cryptomatte.
        path: the file's path.

    Raises:
        MediaUnreadable: with the layers there are, when that does not settle it.
    """
    layers = layers_of(parts, views, cryptomattes)
    ranked = [(_rank(layer, parts, views), layer) for layer in layers if _is_picture(layer, layers)]
    ranked = _colour_first(ranked)
    best = min((rank for rank, _ in ranked), default=None)
    chosen = [layer for rank, layer in ranked if rank == best]
    if len(chosen) != 1:
        raise MediaUnreadable(_refusal(path, layers, chosen), path=path)
    picture = chosen[0]
    alpha = _alpha_elsewhere(picture, layers)
    beside = tuple(layer for layer in layers if layer is not picture and layer is not alpha)
    return PictureChoice(_choice(picture, alpha), beside)


def _alpha_elsewhere(picture: Layer, layers: Sequence[Layer]) -> Layer | None:
    """A main layer of alpha alone belongs to a named picture without one: RenderMan writes `Ci.r` and `a`."""
    if not picture.name or picture.index_of("a") is not None:
        return None
    return next(
        (
            layer
            for layer in layers
            if not layer.name
            and (layer.part, layer.view) == (picture.part, picture.view)
            and [name for name, _ in layer.channels] == ["a"]
        ),
        None,
    )


def _is_picture(layer: Layer, layers: Sequence[Layer]) -> bool:
    if layer.kind is not LayerKind.COLOUR:
        return False
    names = {name for name, _ in layer.channels}
    if set(_COLOUR) <= names or "y" in names:
        return True
    # One channel of any name, with or without alpha, is a grey picture where the file holds nothing else.
    return len(layers) == 1 and len(names - {"a"}) <= 1


def _colour_first(ranked: list[tuple[tuple[int, int], Layer]]) -> list[tuple[tuple[int, int], Layer]]:
    """Those with R, G and B where there are any: a luminance beside them is a mask or another quantity."""
    coloured = [(rank, layer) for rank, layer in ranked if layer.index_of("r") is not None]
    main_grey = [(rank, layer) for rank, layer in ranked if rank[1] == 0]
    return main_grey or coloured or ranked


def _rank(layer: Layer, parts: Sequence[PartNames], views: Sequence[str]) -> tuple[int, int]:
    """The lower, the surer: the first view comes before the others, then names of finished pictures."""
    order = [view.lower() for view in (*views, *(part.view for part in parts), "left") if view]
    view = layer.view.lower()
    at = order.index(view) if view in order else len(order) if view else 0
    name = layer.name.lower()
    last = name.rpartition(".")[2]
    for candidate in (name, last):
        if candidate in _MAIN_NAMES:
            return at, _MAIN_NAMES.index(candidate)
    is_plain = all("." not in parts[layer.part].channels[index] for index in layer.indices)
    return at, _PLAIN if is_plain else _NAMED


def _choice(layer: Layer, alpha_elsewhere: Layer | None) -> ChannelChoice:
    names = dict(layer.channels) | dict(alpha_elsewhere.channels if alpha_elsewhere else ())
    alpha = (names["a"],) if "a" in names and len(names) > 1 else ()
    if all(name in names for name in _COLOUR):
        indices = tuple(names[name] for name in _COLOUR)
        return ChannelChoice((*indices, *alpha), bool(alpha), False, layer.part, layer.label)
    grey = names["y"] if "y" in names else next(at for at in layer.indices if (at,) != alpha)
    return ChannelChoice((grey,) * 3 + alpha, bool(alpha), True, layer.part, layer.label)


def _refusal(path: str, layers: Sequence[Layer], chosen: Sequence[Layer]) -> str:
    listed = ", ".join(dict.fromkeys(layer.label or "(main)" for layer in (chosen or layers)))
    if chosen:
        return (
            f"{path} has no R, G, B of its own but the layers {listed};"
            " export the one to be upscaled by itself."
        )
    kinds = ", ".join(
        dict.fromkeys(layer.kind.value for layer in layers if layer.kind is not LayerKind.COLOUR)
    )
    if not kinds:
        return (
            f"{path} has neither R, G, B nor a luminance Y but the layers {listed};"
            " export it with one of them."
        )
    return (
        f"{path} holds no picture but data ({kinds}) in the layers {listed}; export the picture with them,"
        " they are carried along then."
    )
