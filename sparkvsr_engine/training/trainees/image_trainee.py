"""Training the compact image model that makes keyframes by default: it learns a large model's answers.

What the large model answers is a function of the source, so a small network can follow it where the truth,
which the source does not have, would only leave it blurred.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.models.isr.bundled_models.bundled import BUNDLED
from sparkvsr_engine.models.isr.bundled_models.bundled_networks import load_bundled
from sparkvsr_engine.models.isr.bundled_models.networks import SRVGGNetCompact
from sparkvsr_engine.models.isr.locating import find_weights, read_weights
from sparkvsr_engine.training.scenes.bank import SceneRecipe
from sparkvsr_engine.training.scenes.mixed_scenes import GraphicsRecipe
from sparkvsr_engine.training.scenes.teacher_outputs import Answer, AnswerBank, AnswerRecipe
from sparkvsr_engine.training.schedule import Recipe, StageSchedule
from sparkvsr_engine.training.trainees.perceptual import open_perceptual
from sparkvsr_engine.training.trainees.trainee import Batch, stacked


@dataclass(frozen=True)
class ImageStage(StageSchedule):
    """crop: side of a crop, source pixels.

    Weights beside the mean difference: perceptual (LPIPS), slopes (how the difference changes from pixel to
    pixel: a grid of the network's cells shows there); 0 leaves one out.
    """

    crop: int = 48
    perceptual: float = 0.0
    slopes: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ImageRecipe(Recipe):
    """scene: what the bank's scenes are drawn from. scenes: how many of them are used. answers: whose answers
    are learnt. graphics: generated scenes among the footage, None for none. degraded_share: of the
    samples. start_from: the bundled model it starts from, of the same kind and of half its blocks or all of
    them. features, blocks: of the network.
    """

    stages: tuple[ImageStage, ...]
    scene: SceneRecipe
    scenes: int
    answers: AnswerRecipe
    start_from: str
    graphics: GraphicsRecipe | None = None
    features: int = 64
    blocks: int = 32
    degraded_share: float = 0.65


class AnswerSamples(torch.utils.data.Dataset[dict[str, Tensor]]):
    """Crops of sources and answers by number, turned and mirrored.

    sources: scenes' numbers, the clean ones and the degraded ones.
    """

    def __init__(
        self,
        bank: AnswerBank,
        sources: tuple[list[int], list[int]],
        recipe: ImageRecipe,
        crop: int,
        count: int,
        first: int,
    ) -> None:
        self._bank = bank
        self._sources = sources
        self._recipe = recipe
        self._crop = crop
        self._count = count
        self._first = first

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """source: float32 [3, c, c]; picture: float32 [3, c * scale, c * scale], 0..1."""
        rng = np.random.default_rng([self._recipe.seed, self._first + index])
        indices = self._sources[rng.random() < self._recipe.degraded_share]
        answer = self._bank.scene(indices[int(rng.integers(len(indices)))])
        assert answer is not None
        source, picture = self._cut(answer, rng)
        turns, mirrored = int(rng.integers(4)), bool(rng.random() < 0.5)
        return {"source": _tensor(source, turns, mirrored), "picture": _tensor(picture, turns, mirrored)}

    def _cut(self, answer: Answer, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        height, width = answer.source.shape[:2]
        scale, crop = answer.picture.shape[1] // width, self._crop
        y, x = (int(rng.integers(side - crop + 1)) for side in (height, width))
        far_y, far_x = y + crop, x + crop
        picture = answer.picture[y * scale : far_y * scale, x * scale : far_x * scale]
        return answer.source[y:far_y, x:far_x], picture


def _tensor(picture: NDArray[np.uint8], turns: int, mirrored: bool) -> Tensor:
    turned = np.rot90(picture[:, ::-1] if mirrored else picture, turns)
    return torch.from_numpy(np.ascontiguousarray(turned.transpose(2, 0, 1))).float() / 255


class ImageTrainee:
    """See `trainee.Trainee`. metric_weights: folder of the perceptual loss's; home: the engine's."""

    identity = ""
    collate = staticmethod(stacked)

    def __init__(
        self, recipe: ImageRecipe, bank: AnswerBank, metric_weights: Path | None, home: Path | None
    ) -> None:
        self._recipe = recipe
        self._bank = bank
        self._metric_weights = metric_weights
        self._home = home

    def build(self, place: torch.device) -> SRVGGNetCompact:
        """See `Trainee`; answers that are not there yet are made first."""
        is_used = any(stage.perceptual for stage in self._recipe.stages)
        self._perceptual = open_perceptual(self._recipe.name, is_used, self._metric_weights, place)
        self._sources = self._sources_by_kind()
        recipe = self._recipe
        network = SRVGGNetCompact(recipe.features, recipe.blocks, recipe.answers.scale)
        self._network = network.to(place)
        return self._network

    def start(self) -> None:
        """See `Trainee`."""
        model = BUNDLED[self._recipe.start_from]
        pretrained = load_bundled(model, read_weights(model, self._home)).module
        assert isinstance(pretrained, SRVGGNetCompact)
        fill_from(self._network, pretrained)

    def groups(self, stage: int) -> list[dict[str, Any]]:
        """See `Trainee`."""
        del stage
        return [{"params": list(self._network.parameters()), "share": 1.0}]

    def samples(self, stage: int, count: int, first: int) -> AnswerSamples:
        """See `Trainee`."""
        crop = self._recipe.stages[stage].crop
        return AnswerSamples(self._bank, self._sources, self._recipe, crop, count, first)

    def part(self, stage: int) -> int:
        """See `Trainee`: a whole step."""
        return self._recipe.stages[stage].scenes

    def losses(self, batch: Batch, stage: int) -> dict[str, Tensor]:
        """See `Trainee`."""
        result = self._network(batch["source"].contiguous(memory_format=torch.channels_last))
        weights = self._recipe.stages[stage]
        apart = result - batch["picture"]
        losses = {"difference": apart.abs().mean()}
        if weights.slopes:
            across, down = apart.diff(dim=-1).abs().mean(), apart.diff(dim=-2).abs().mean()
            losses["slopes"] = weights.slopes * (across + down)
        if weights.perceptual and self._perceptual is not None:
            each = torch.ones(len(result), device=result.device)
            losses["perceptual"] = weights.perceptual * self._perceptual(result, batch["picture"], each)
        return losses

    @property
    def card(self) -> dict[str, str]:
        """See `Trainee`."""
        start, answers = BUNDLED[self._recipe.start_from], BUNDLED[self._recipe.answers.model]
        return {
            "licence": start.licence,
            "copyright": self._copyright(),
            "source": f"{start.name}, trained on the answers of {answers.name}",
            "start": f"{start.name} {start.sha256}",
            "answers": f"{answers.name} {answers.sha256}",
        }

    @property
    def export_name(self) -> str:
        """See `Trainee`."""
        return f"{self._recipe.name}.safetensors"

    def export(self, weights: Mapping[str, Tensor], path: Path, card: dict[str, str]) -> None:
        """See `Trainee`: in half precision."""
        halves = {name: value.detach().cpu().half().contiguous() for name, value in weights.items()}
        safetensors.torch.save_file(halves, path, card)

    def _copyright(self) -> str:
        """Whose the weights it starts from are; their notice goes on with them."""
        path = find_weights(BUNDLED[self._recipe.start_from], self._home)
        assert path is not None
        with safetensors.safe_open(path, "pt") as file:
            return (file.metadata() or {}).get("copyright", "")

    def _sources_by_kind(self) -> tuple[list[int], list[int]]:
        indices: tuple[list[int], list[int]] = ([], [])
        for number in range(self._recipe.scenes):
            answer = self._bank.scene(number)
            if answer is not None:
                indices[answer.degraded].append(number)
        if not all(indices):
            raise InvalidSettings(
                "the bank needs clean and degraded scenes at the image model's scale; use more of them, or"
                " name other shares under [scene]."
            )
        return indices


def fill_from(network: SRVGGNetCompact, pretrained: SRVGGNetCompact) -> None:
    """Fill a network with one of as many blocks or half as many, so that it starts out doing the same: every
    second block of the longer one passes on what it gets.

    Raises ValueError for any other two.
    """
    # Head, blocks and tail; a block is a convolution and its activation.
    blocks, pretrained_blocks = (len(body) // 2 - 1 for body in (network.body, pretrained.body))
    if blocks not in (pretrained_blocks, 2 * pretrained_blocks):
        raise ValueError(f"a network of {blocks} blocks cannot start from one of {pretrained_blocks}")
    step = blocks // pretrained_blocks
    layers: list[int | None] = [0, 1]
    for block in range(1, blocks + 1):
        place = 2 * (block // step)
        layers += [place, place + 1] if block % step == 0 else [None, None]
    layers.append(len(pretrained.body) - 1)
    for layer, index in zip(network.body, layers, strict=True):
        if index is None:
            _pass_on(layer)
        else:
            layer.load_state_dict(pretrained.body[index].state_dict())


def _pass_on(layer: nn.Module) -> None:
    with torch.no_grad():
        if isinstance(layer, nn.Conv2d):
            nn.init.dirac_(layer.weight)
            assert layer.bias is not None
            layer.bias.zero_()
        else:
            assert isinstance(layer, nn.PReLU)
            layer.weight.fill_(1.0)
