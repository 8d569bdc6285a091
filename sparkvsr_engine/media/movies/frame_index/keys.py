"""Rows of key packets, gathered while a file is read and ordered when it is known what they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.media.movies.frame_index.index import NO_FRAME, NO_TIME, KeyPackets


@dataclass(frozen=True)
class KeyRow:
    """One packet of `KeyPackets`."""

    ordinal: int
    time: int
    place: int
    size: int


def key_row(ordinal: int, packet: Any) -> KeyRow:
    """What is remembered of a key packet."""
    time = packet.pts if packet.pts is not None else packet.dts
    return KeyRow(
        ordinal, NO_TIME if time is None else time, -1 if packet.pos is None else packet.pos, packet.size
    )


def keys_of(rows: Sequence[KeyRow], numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], KeyPackets]:
    """(keyframes, their packets) in the order they are shown; numbers: as in `MovieIndex`."""
    ordered = sorted(
        (int(numbers[row.ordinal]), *astuple(row)) for row in rows if numbers[row.ordinal] != NO_FRAME
    )
    columns = np.array(ordered, np.int64).reshape(-1, 5).T
    return columns[0], KeyPackets(columns[1], columns[2], columns[3], columns[4])
