"""From a checkpoint folder to a model on a device: checked by name and shape, never twice in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_bridge.system.installing import install_command
from sparkvsr_engine.models.cogvideox.checkpoints import gguf_weights
from sparkvsr_engine.models.cogvideox.checkpoints.checkpoint import (
    COMPONENT_CONFIGS,
    StoredTensor,
    compare,
    identity_of,
    read_config,
    stored_tensors,
)
from sparkvsr_engine.models.cogvideox.checkpoints.prompt import find_embedding

if TYPE_CHECKING:
    from torch import Tensor, nn

_SHOWN_PROBLEMS = 5


@dataclass(frozen=True)
class FolderReport:
    """What `check_folder` found.

    problems: sentences, worst first; a folder without any can be loaded.
    notes: what is absent but not needed to load, or will be made on first use.
    """

    folder: Path
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()
    parameters: int = 0
    stored_bytes: int = 0
    identity: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether the model can be loaded."""
        return not self.problems

    def require_usable(self) -> None:
        """Raise ModelMissing with the first problems when there are any."""
        if self.problems:
            listed = "; ".join(self.problems[:_SHOWN_PROBLEMS])
            more = len(self.problems) - _SHOWN_PROBLEMS
            raise ModelMissing(
                f"{self.folder} is no complete SparkVSR checkpoint: {listed}"
                f"{f' and {more} more' if more > 0 else ''}.",
                problems=list(self.problems),
            )


def import_diffusers() -> Any:
    """The diffusers package; raises ModelMissing with the remedy when it is not installed."""
    try:
        import diffusers
    except ImportError as error:
        raise ModelMissing(
            "The published model needs the package diffusers; install it:"
            f" {install_command('sparkvsr[cogvideox]')}"
        ) from error
    return diffusers


def make_component(folder: Path, name: str) -> nn.Module:
    """The `transformer` or `vae` of a folder on the meta device: names and shapes, no memory."""
    import torch

    diffusers = import_diffusers()
    classes = {
        "transformer": diffusers.CogVideoXTransformer3DModel,
        "vae": diffusers.AutoencoderKLCogVideoX,
    }
    config = read_config(folder / name / "config.json")
    try:
        with torch.device("meta"):
            return classes[name].from_config(config).eval()
    except (TypeError, ValueError, KeyError) as error:
        raise ModelMissing(f"{folder / name / 'config.json'} describes no {name} ({error}).") from error


def check_folder(folder: Path) -> FolderReport:
    """Compare every tensor's name and shape with what the configuration asks for; loads no weights."""
    problems = [f"{name} is missing" for name in COMPONENT_CONFIGS if not (folder / name).is_file()]
    if problems:
        return FolderReport(folder, tuple(problems))
    stored: dict[str, dict[str, StoredTensor]] = {}
    parameters = 0
    for name in ("transformer", "vae"):
        try:
            expected = _shapes(make_component(folder, name))
            stored[name] = stored_tensors(folder / name)
        except ModelMissing as error:
            problems.append(error.message.rstrip("."))
            continue
        problems += [f"{name}: {problem}" for problem in compare(expected, stored[name])]
        parameters += sum(_count(shape) for shape in expected.values())
    problems += _unfit(folder)
    tensors = [tensor for members in stored.values() for tensor in members.values()]
    return FolderReport(
        folder,
        tuple(problems),
        _notes(folder),
        parameters,
        sum(tensor.stop - tensor.start for tensor in tensors),
        "" if problems else identity_of(folder),
    )


def _unfit(folder: Path) -> list[str]:
    """What makes a CogVideoX checkpoint another model than the keyframe-conditioned one."""
    transformer = read_config(folder / "transformer/config.json")
    channels = read_config(folder / "vae/config.json").get("latent_channels", 16)
    problems: list[str] = []
    if transformer.get("patch_size_t") is None:
        problems.append("transformer: patch_size_t is missing, this is a CogVideoX 1.0 model")
    if transformer.get("in_channels") != 2 * channels:
        problems.append(
            f"transformer: takes {transformer.get('in_channels')} channels, "
            f"{2 * channels} are needed for source and keyframe latents"
        )
    return problems


def _notes(folder: Path) -> tuple[str, ...]:
    if find_embedding(folder):
        return ()
    if (folder / "text_encoder").is_dir():
        return ("the empty-prompt embedding will be computed from text_encoder on first use",)
    return ("the empty-prompt embedding is missing and has to be supplied before first use",)


def _shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in module.state_dict().items()}


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for side in shape:
        count *= side
    return count


def load_component(folder: Path, name: str, device: Any, dtype: Any) -> nn.Module:
    """The `transformer` or `vae` with its weights, converted tensor by tensor while they are read.

    Args:
        folder: the folder.
        name: `transformer` or `vae`.
        device: where its weights go.
        dtype: of its weights.

    Raises:
        ModelMissing: naming the tensor when one is missing, misshapen or holds values that are no numbers.
    """
    module = make_component(folder, name)
    stored = stored_tensors(folder / name)
    problems = compare(_shapes(module), stored)
    FolderReport(folder, tuple(f"{name}: {problem}" for problem in problems)).require_usable()
    for file in sorted({tensor.file for tensor in stored.values()}):
        _load_file(module, file, stored, device, dtype)
    return module.requires_grad_(False)


def _damaged(file: Path, tensor: str) -> ModelMissing:
    sentence = f"{file} is damaged: {tensor} holds values that are no numbers; fetch it again."
    return ModelMissing(sentence, tensor=tensor)


def _load_file(
    module: nn.Module, file: Path, stored: Mapping[str, StoredTensor], device: Any, dtype: Any
) -> None:
    import torch

    loaded: dict[str, Any] = {}
    for name, value in _values_of(file, [entry.name for entry in stored.values() if entry.file == file]):
        if not bool(torch.isfinite(value).all()):
            raise _damaged(file, name)
        # A copy: what safetensors returns is mapped memory, and conversion may be none.
        loaded[name] = value.to(device=device, dtype=dtype, copy=True)
    module.load_state_dict(loaded, strict=False, assign=True)


def _values_of(file: Path, names: Sequence[str]) -> Iterator[tuple[str, Tensor]]:
    """The named tensors of a file, one at a time."""
    if file.suffix == gguf_weights.SUFFIX:
        yield from gguf_weights.read_values(file)
        return
    from safetensors import safe_open

    with safe_open(file, framework="pt", device="cpu") as tensors:
        for name in names:
            yield name, tensors.get_tensor(name)
