"""How far the edges of a drawn picture can be trusted to lie where its source shows them.

Without anti-aliasing a slanted edge becomes stairs, and where its line runs is known to a source pixel. The
weights for drawn pictures draw the mean of what it may have been, and are still surer of it than they may be.
Squares of two or three pixels that move are worse: they look like pixel art, and may lie anywhere within a
pixel. How much of what the network adds is used is decided by blocks of 2x2 source pixels,

    stairs:   three pixels alike, one not          letters, mattes 0.29 to 0.73 of all blocks with an edge,
                                                   pixel art 0.04 to 0.17
    crossed:  two alike on either diagonal         checkerboards of n pixels: 1 / (2n - 1)
    several:  three colours and more               letters, mattes up to 0.04, pixel art 0.04 to 0.26

Dots of several colours lie where they are. Squares that do not move do as well, unless they are of uneven
size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture

# Two pixels differ, of a full display range.
_DIFFERENT = 0.03
# Of what the network adds: least used at stairs, and of checkerboards that move.
_OF_STAIRS, _OF_CROSSED = 0.6, 0.1
# Shares of blocks from which an effect sets in, and where it is whole.
_STAIRS = (0.08, 0.2)
_CROSSED = (0.02, 0.06)
_SEVERAL = (0.02, 0.05)
# Between checkerboards of one pixel and of two: squares of both sizes stand for others.
_UNEVEN = (0.4, 0.9)


@dataclass(frozen=True)
class BlockShares:
    """Of a frame's blocks of 2x2 pixels with an edge: shares of those with stairs, crossed ones, and of three
    colours and more, 0..1 each; all 0 for a frame without edges.
    """

    stairs: float
    crossed: float
    several: float


def block_shares(picture: Picture) -> BlockShares:
    """Counted of a picture float32 [h, w, 3], display values."""
    across, down = _differ(picture[:, :-1], picture[:, 1:]), _differ(picture[:-1], picture[1:])
    falling = _differ(picture[:-1, :-1], picture[1:, 1:])
    rising = _differ(picture[:-1, 1:], picture[1:, :-1])
    pairs = (across[:-1], across[1:], down[:, :-1], down[:, 1:], falling, rising)
    different = np.sum(pairs, axis=0, dtype=np.uint8)
    edges = max(1, np.count_nonzero(different))
    # Of four pixels in two colours three pairs differ where one is alone, four where they are two and two.
    stairs = np.count_nonzero(different == 3)
    crossed = np.count_nonzero((different == 4) & ~falling & ~rising)
    return BlockShares(stairs / edges, crossed / edges, np.count_nonzero(different > 4) / edges)


def used_share(shares: BlockShares, is_moving: bool) -> float:
    """How much of a blind residual is used on a drawn frame, 0.1 to 1.

    Args:
        shares: the frame's.
        is_moving: whether its neighbours show something else.
    """
    of_stairs = (1 - _OF_STAIRS) * _onset(shares.stairs, _STAIRS)
    is_certain = not is_moving and not _UNEVEN[0] < shares.crossed < _UNEVEN[1]
    of_crossed = 0.0 if is_certain else (1 - _OF_CROSSED) * _onset(shares.crossed, _CROSSED)
    return 1 - max(of_stairs, of_crossed) * (1 - _onset(shares.several, _SEVERAL))


def _differ(first: Picture, second: Picture) -> NDArray[np.bool_]:
    return np.asarray((np.abs(first - second) > _DIFFERENT).any(2))


def _onset(share: float, ends: tuple[float, float]) -> float:
    none, whole = ends
    return min(1.0, max(0.0, (share - none) / (whole - none)))
