"""What a network of `lite` starts from: weights of its own kind, or SPAN's for the blind path.

SPAN's published weights (Apache-2.0, shipped as a keyframe model) see a source frame and put out a picture;
the blind path sees cells of the upsampled frame and puts out a residual. The trunk is taken over as it is;
stem and head are linear layers at either end of it, so the ones that come nearest to SPAN's own are found by
least squares on photographs, in closed form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.models.isr.bundled_models.bundled import BUNDLED
from sparkvsr_engine.models.isr.bundled_models.bundled_networks import load_bundled
from sparkvsr_engine.models.isr.bundled_models.networks import SPAN
from sparkvsr_engine.models.isr.locating import read_weights
from sparkvsr_engine.models.lite.loading import load_weights
from sparkvsr_engine.models.lite.networks.network import NEIGHBOURS, STEM_GAIN, BlindPath, LiteNetwork
from sparkvsr_engine.models.lite.pixels.planes import CELL_CHANNELS, HALF_CHANNELS, fold, planes_of
from sparkvsr_engine.training.degradation.chain import clean

PUBLISHED = BUNDLED["span-x4"]
SCALE = PUBLISHED.scale
_PICTURES = 60
_WIDTH, _HEIGHT = 512, 384
# Photographs are soft at their own size.
_REDUCTION = 0.6
# Cells at the border see padding.
_MARGIN = 3
_DAMPING = 1e-6


def start_from_weights(network: LiteNetwork, path: Path, part: str = "all") -> None:
    """Go on from weights that were exported; raises ModelMissing, InvalidSettings for other sizes.

    Args:
        network: the network.
        path: the file.
        part: "all" for the network for all footage, "clean" for the one for clean sources.
    """
    weights = load_weights(path)
    stored = weights.clean if part == "clean" else weights.network
    if stored is None:
        raise InvalidSettings(f"{path} holds no network for clean sources; start from a file that does.")
    if stored.config != network.config:
        raise InvalidSettings(
            f"{path} holds {stored.config.to_dict()}, the recipe asks for {network.config.to_dict()}; give"
            " [network] the sizes of the weights."
        )
    network.load_state_dict(stored.state_dict())


def _require_sizes(channels: int, blocks: int) -> None:
    if (channels, blocks) != (PUBLISHED.features, PUBLISHED.blocks):
        raise InvalidSettings(
            f"a blind path of {channels} channels and {blocks} blocks cannot start from SPAN, which has"
            f" {PUBLISHED.features} and {PUBLISHED.blocks}; change the recipe's network or its warm_start."
        )


def _copy_trunk(span: SPAN, blind: BlindPath) -> None:
    blind.blocks.load_state_dict(span.blocks.state_dict())
    blind.last.load_state_dict(span.conv_2.state_dict())
    blind.join.load_state_dict(span.conv_cat.state_dict())


def start_from_span(network: LiteNetwork, photographs: Sequence[Path]) -> None:
    """Fill `network.blind` in place; what SPAN does not know (neighbours, scale) starts without influence.

    Raises InvalidSettings for a network of other sizes than SPAN's, or without a photograph to solve on.
    """
    _require_sizes(network.config.channels, network.config.blind_blocks)
    span = _published_span()
    blind = network.blind
    _copy_trunk(span, blind)
    pictures = [picture for picture in map(_picture, photographs[:_PICTURES]) if picture is not None]
    if not pictures:
        raise InvalidSettings("a warm start needs photographs; name some in the footage's manifest.tsv.")
    with torch.no_grad():
        stem = _solve(
            pictures, lambda source, canvas, _: (fold(planes_of(canvas)) * STEM_GAIN, _shallow(span, source))
        )
        blind.stem.weight[:, CELL_CHANNELS:] = 0
        _fill(blind.stem, stem, CELL_CHANNELS)
        head = _solve(
            pictures,
            lambda _, canvas, truth: (_joined(blind, canvas), fold(planes_of(truth) - planes_of(canvas))),
        )
        _fill(blind.head, head, blind.head.in_channels)


def _published_span() -> SPAN:
    span = load_bundled(PUBLISHED, read_weights(PUBLISHED, home=None)).module
    assert isinstance(span, SPAN)
    return span


def _picture(path: Path) -> NDArray[np.uint8] | None:
    picture = cv2.imread(str(path))
    if picture is None:
        return None
    small = cv2.resize(picture[..., ::-1], None, fx=_REDUCTION, fy=_REDUCTION, interpolation=cv2.INTER_AREA)
    height, width = min(small.shape[0], _HEIGHT) // 8 * 8, min(small.shape[1], _WIDTH) // 8 * 8
    return np.ascontiguousarray(small[:height, :width], np.uint8)


def _solve(
    pictures: Sequence[NDArray[np.uint8]], pair: Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
) -> Tensor:
    """The 3x3 convolution [inputs * 9 + 1, outputs] that best maps one of a pair to the other."""
    squares, products = torch.zeros(()), torch.zeros(())
    for picture in pictures:
        height, width = picture.shape[:2]
        source = _unit(clean([picture], width // SCALE, height // SCALE)[0])
        canvas = cv2.resize(source, (width, height), interpolation=cv2.INTER_CUBIC)
        inputs, targets = pair(_tensor(source), _tensor(canvas), _tensor(_unit(picture)))
        rows = _inside(F.unfold(inputs, 3, padding=1).reshape(1, -1, *inputs.shape[-2:]))
        rows = torch.cat([rows, torch.ones(len(rows), 1, dtype=rows.dtype)], 1)
        squares, products = squares + rows.T @ rows, products + rows.T @ _inside(targets)
    damping = _DAMPING * squares.diagonal().mean() * torch.eye(len(squares), dtype=squares.dtype)
    return torch.linalg.solve(squares + damping, products).float()


def _inside(cells: Tensor) -> Tensor:
    """[1, C, h, w] to rows [cells, C] in double precision, without the border."""
    inner = cells[0, :, _MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    return inner.flatten(1).T.double()


def _fill(layer: torch.nn.Conv2d, solved: Tensor, inputs: int) -> None:
    assert layer.bias is not None
    layer.weight[:, :inputs] = solved[:-1].T.reshape(-1, inputs, 3, 3)
    layer.bias.copy_(solved[-1])


def _shallow(span: SPAN, source: Tensor) -> Tensor:
    return span.conv_1((source - span.mean.float().view(1, 3, 1, 1)) * 255)


def _joined(blind: BlindPath, canvas: Tensor) -> Tensor:
    """The blind path's features where nothing moves: its neighbours are all alike."""
    cells = fold(planes_of(canvas))
    half = torch.zeros(1, HALF_CHANNELS, *cells.shape[-2:])
    neighbours = half.repeat(1, len(NEIGHBOURS), 1, 1)
    return blind(cells, half, neighbours, torch.tensor([float(SCALE)]))[0]


def _unit(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    return picture.astype(np.float32) / np.float32(255)


def _tensor(picture: NDArray[Any]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None]
