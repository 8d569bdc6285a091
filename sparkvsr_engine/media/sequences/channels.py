"""Which channels of a picture are its colour and its alpha."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.errors import MediaUnreadable

_COLOUR = ("r", "g", "b")
_LONG_NAMES = {"red": "r", "green": "g", "blue": "b", "alpha": "a", "luminance": "y"}


@dataclass(frozen=True)
class ChannelChoice:
    """Indices of the channels that make the frame, in RGB(A) order; a grey picture has its one thrice."""

    indices: tuple[int, ...]
    has_alpha: bool
    is_grey: bool

    @property
    def first(self) -> int:
        """The first channel to be read."""
        return min(self.indices)

    @property
    def stop(self) -> int:
        """The channel after the last one to be read."""
        return max(self.indices) + 1


def choose_channels(names: Sequence[str], path: str) -> ChannelChoice:
    """R, G, B and A of the main layer, else of the only layer that has colour, else Y as grey.

    Raises MediaUnreadable, with the layers there are, when that does not settle it.
    """
    layers = _layers(names)
    main = _choice(layers.get("", {}))
    if main:
        return main
    coloured = {layer: choice for layer, found in layers.items() if (choice := _choice(found))}
    if len(coloured) == 1:
        return next(iter(coloured.values()))
    if len(names) <= 2:
        return ChannelChoice((0, 0, 0, *range(1, len(names))), has_alpha=len(names) == 2, is_grey=True)
    listed = ", ".join(layer or "(main)" for layer in layers)
    raise MediaUnreadable(
        f"{path} has no R, G, B of its own but the layers {listed}; export the one to be upscaled by itself.",
        path=path,
    )


def _layers(names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Layer name -> short channel name -> index; `beauty.R` is channel r of the layer `beauty`."""
    layers: dict[str, dict[str, int]] = {}
    for index, name in enumerate(names):
        layer, _, channel = name.rpartition(".")
        short = _LONG_NAMES.get(channel.lower(), channel.lower())
        layers.setdefault(layer, {}).setdefault(short, index)
    return layers


def _choice(found: dict[str, int]) -> ChannelChoice | None:
    alpha = (found["a"],) if "a" in found else ()
    if all(name in found for name in _COLOUR):
        return ChannelChoice((*(found[name] for name in _COLOUR), *alpha), bool(alpha), is_grey=False)
    if "y" in found:
        return ChannelChoice((found["y"],) * 3 + alpha, bool(alpha), is_grey=True)
    return None
