"""What the layers of a picture file hold, by the field's names for them: colour, or data of some kind."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

LONG_NAMES = {"red": "r", "green": "g", "blue": "b", "alpha": "a", "luminance": "y"}
SIDES = ("left", "right")
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


class LayerKind(Enum):
    """How a layer's values may be enlarged."""

    COLOUR = "colour"
    IDS = "ids"
    DEPTH = "depth"
    NORMALS = "normals"
    MOTION = "motion"
    DATA = "data"


_WORDS_OF_KINDS = {
    LayerKind.IDS: """crypto cryptomatte cryptoobject cryptomaterial cryptoasset id ids index indexob indexma
        objectid materialid instanceid primid elementid objectindex materialindex oid mid""",
    LayerKind.MOTION: """motion motionvector motionvectors vector vectors mv mvec forward backward flow
        opticalflow disparity speed""",
    LayerKind.NORMALS: """n ng nn nworld ncamera normal normals norm worldnormal cameranormal bumpnormals""",
    LayerKind.DEPTH: """depth z zdepth zbuffer zback zfront mist deep dist distance""",
    LayerKind.DATA: """p pos position positions pworld pref pcamera worldposition pointposition uv uvs st
        texcoord velocity tangent bitangent dpdu dpdv rest xyz coord coords""",
}
# In lower case; of several kinds that fit a layer's own name, the first one decides.
_KINDS = tuple((kind, frozenset(words.split())) for kind, words in _WORDS_OF_KINDS.items())


@dataclass(frozen=True)
class Layer:
    """Channels of one part that belong together.

    name: as people call it, its view left out; view: empty for the default one. channels: short name in
    lower case -> index in its part.
    """

    part: int
    name: str
    view: str
    channels: tuple[tuple[str, int], ...]
    kind: LayerKind
    label: str

    @property
    def indices(self) -> tuple[int, ...]:
        """Its channels in the part."""
        return tuple(index for _, index in self.channels)

    def index_of(self, short: str) -> int | None:
        """The channel of that short name, None when it has none."""
        return dict(self.channels).get(short)


@dataclass(frozen=True)
class PartNames:
    """One part of a file: its name and view, empty where it has none, and its channels' names and types."""

    channels: tuple[str, ...]
    samples: tuple[str, ...] = ()
    name: str = ""
    view: str = ""


def layers_of(
    parts: Sequence[PartNames], views: Sequence[str], cryptomattes: Collection[str] = ()
) -> list[Layer]:
    """The layers of a file in its order.

    Args:
        parts: names of the file's parts and channels.
        views: its own list of them.
        cryptomattes: layers it names.
    """
    every = {view.lower() for view in (*views, *(part.view for part in parts), *SIDES) if view}
    layers: list[Layer] = []
    for number, part in enumerate(parts):
        for (layer, view), channels in _grouped(part, every, len(parts) > 1).items():
            label = ".".join(word for word in (layer, view or part.view) if word)
            kind = kind_of(layer, channels, part, cryptomattes)
            layers += [
                Layer(number, layer, view or part.view, tuple(group.items()), kind_in(kind, group), label)
                for group in _split(channels, kind)
            ]
    return layers


def kind_of(
    layer: str, channels: dict[str, int], part: PartNames, cryptomattes: Collection[str]
) -> LayerKind:
    """What a layer holds.

    Args:
        layer: its name.
        channels: short name -> index.
        part: the part of the file that holds it.
        cryptomattes: names of layers that hold Cryptomatte.
    """
    last_name = layer.rpartition(".")[2]
    samples = {part.samples[index] for index in channels.values()} if part.samples else set[str]()
    are_ids = samples and samples <= {"uint", "int"} and not {"r", "g", "b"} <= set(channels)
    if are_ids or last_name.rstrip("0123456789") in cryptomattes:
        return LayerKind.IDS
    if last_name.lower().startswith("crypto"):
        return LayerKind.IDS
    words = {last_name.lower(), *(word.lower() for word in _WORDS.findall(last_name))}
    for kind, names in _KINDS:
        if words & names:
            return kind
    if set(channels) <= {"u", "v", "w"} or {"x", "y"} <= set(channels) <= {"x", "y", "z", "w"}:
        return LayerKind.DATA
    return LayerKind.COLOUR


def kind_in(kind: LayerKind, channels: dict[str, int]) -> LayerKind:
    """The kind of some channels of a colour layer: a Z or an id may lie beside R, G and B."""
    if kind is not LayerKind.COLOUR or {"r", "g", "b"} <= set(channels):
        return kind
    if set(channels) <= {"u", "v", "w"} or {"x", "y", "z"} <= set(channels):
        return LayerKind.DATA
    words = {word.lower() for name in channels for word in (name, *_WORDS.findall(name))}
    return next((special for special, names in _KINDS if words & names), kind)


def _grouped(
    part: PartNames, views: Collection[str], is_one_of_many: bool
) -> dict[tuple[str, str], dict[str, int]]:
    """(layer, view) -> short channel name -> index; `beauty.R` is channel r of the layer `beauty`."""
    groups: dict[tuple[str, str], dict[str, int]] = {}
    for index, name in enumerate(part.channels):
        layer, dot, channel = name.rpartition(".")
        if not dot and is_one_of_many:
            layer = part.name
        short = LONG_NAMES.get(channel.lower(), channel.lower())
        groups.setdefault(_without_view(layer, views), {}).setdefault(short, index)
    return groups


def _without_view(layer: str, views: Collection[str]) -> tuple[str, str]:
    words = re.split(r"([._])", layer)
    for place in range(0, len(words), 2):
        if words[place].lower() in views:
            remaining = (
                words[:place] + words[place + 2 :] if place + 2 < len(words) else words[: max(place - 1, 0)]
            )
            return "".join(remaining), words[place].lower()
    return layer, ""


def _split(channels: dict[str, int], kind: LayerKind) -> list[dict[str, int]]:
    """A colour layer's own channels, and each other one in it by itself; a data layer whole."""
    picture = {name: at for name, at in channels.items() if name in ("r", "g", "b", "a")}
    if "y" in channels and "x" not in channels:
        picture["y"] = channels["y"]
    if kind is not LayerKind.COLOUR or not picture:
        return [channels]
    remaining = {name: at for name, at in channels.items() if name not in picture}
    together = [
        {name: remaining.pop(name) for name in "".join(names)}
        for names in ("xyz", "uv")
        if {*names} <= {*remaining}
    ]
    return [picture, *together, *({name: at} for name, at in remaining.items())]
