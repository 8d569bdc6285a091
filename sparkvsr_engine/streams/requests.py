"""What is to be packed and how; plain records and their parsing, no file is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import KEYFRAME_POLICIES, UpscaleSettings

BASE_CODECS = {"h264": "libx264", "h265": "libx265", "av1": "libsvtav1"}
"""The codecs of the reduced movie by the names users give them, with their encoders."""

DEFAULT_QUALITY = 50
LONGEST_DISTANCE = 10_000
DEFAULT_DISTANCE = 48
"""Frames between two keyframes in a pipe, where none is named."""

_UNITS = {"": 1, "k": 1000, "m": 1_000_000}


@dataclass(frozen=True)
class KeyframePlacement:
    """Where keyframes are put: at `frames`, one `every` so many, or by `policy` and `budget` (0: its own)."""

    policy: str = ""
    budget: int = 0
    every: int = 0
    frames: tuple[int, ...] = ()

    @property
    def is_automatic(self) -> bool:
        """Whether number and places are for the packer to choose."""
        return self.policy == "adaptive" and not self.budget


@dataclass(frozen=True)
class PackRequest:
    """A source to be packed.

    target: the file to be made. factor: sides of the source over those of the reduced movie, above 1.
    codec: a name of `BASE_CODECS`, empty for the usual one. rate: bits per second of both tracks of pictures
    together, 0 where `quality` (1..100) counts. model: the restorer that trials use.
    """

    source: SourceMedia
    target: Path
    factor: float = 4.0
    codec: str = ""
    keyframes: KeyframePlacement = field(default_factory=lambda: KeyframePlacement("adaptive"))
    rate: int = 0
    quality: int = DEFAULT_QUALITY
    overwrite: bool = False
    model: str = UpscaleSettings().model

    def __post_init__(self) -> None:
        if not 1 < self.factor <= 8:
            raise InvalidSettings(f"the factor is {self.factor:g}; give a number above 1, at most 8.")
        if self.codec and self.codec not in BASE_CODECS:
            raise InvalidSettings(
                f"there is no codec {self.codec} here; use one of {', '.join(BASE_CODECS)}."
            )
        if self.rate and self.rate < 1000:
            raise InvalidSettings(f"a rate of {self.rate} bits per second holds no picture; give 1k or more.")
        if not 1 <= self.quality <= 100:
            raise InvalidSettings(f"the quality is {self.quality}; give a number from 1 to 100.")


def parse_rate(text: str) -> int:
    """Bits per second of `400k`, `1.5M` or `400000`.

    Raises:
        InvalidSettings: for any other text.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([kKmM]?)", text.strip())
    if match is None:
        raise InvalidSettings(f"'{text}' is no rate; give bits per second, such as 400k or 1.5M.")
    return round(float(match[1]) * _UNITS[match[2].lower()])


def parse_placement(text: str) -> KeyframePlacement:
    """Where keyframes go, of `auto`, `0,48,96`, `every:48`, or a policy with its budget such as `uniform:5`.

    Raises:
        InvalidSettings: for any other text.
    """
    words = text.strip().lower()
    if re.fullmatch(r"\d+(,\d+)*", words):
        return KeyframePlacement("manual", frames=tuple(sorted({int(word) for word in words.split(",")})))
    name, _, number = words.replace(" ", ":").partition(":")
    count = int(number) if number.isdecimal() else 0
    if number and not count:
        raise InvalidSettings(f"'{text}' needs a whole number above 0 behind the colon.")
    if name == "every" and 0 < count <= LONGEST_DISTANCE:
        return KeyframePlacement("manual", every=count)
    name = "adaptive" if name == "auto" else name
    if name in KEYFRAME_POLICIES and name != "manual":
        return KeyframePlacement(name, count)
    raise InvalidSettings(
        f"'{text}' does not name where keyframes go; use auto, every:N, a list such as 0,48,96, or a policy"
        " such as uniform:5."
    )
