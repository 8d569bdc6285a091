"""Fetching the published checkpoint from the hub: only what restoring needs, resumable, then checked."""

from __future__ import annotations

from pathlib import Path

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_bridge.system.installing import install_command
from sparkvsr_engine.models.cogvideox.checkpoints.loading import FolderReport, check_folder

PUBLISHED_REPOSITORY = "JiongzeYu/SparkVSR"
_NEEDED = (
    "model_index.json",
    "scheduler/*",
    "transformer/*",
    "vae/*",
    "*.safetensors",
    "prompt_embeddings/*",
)
_TEXT_ENCODER = ("text_encoder/*", "tokenizer/*")


def fetch_cogvideox(
    target: Path,
    repository: str = PUBLISHED_REPOSITORY,
    revision: str = "main",
    with_text_encoder: bool = False,
    endpoint: str | None = None,
) -> FolderReport:
    """Download a checkpoint into `target` and check every tensor; what has arrived before is kept.

    Args:
        target: the folder.
        repository: on the hub.
        revision: commit or branch of the repository.
        with_text_encoder: also 19 GB of T5, needed once where the folder has no empty-prompt embedding.
        endpoint: another hub's address.

    Raises:
        ModelMissing: with the reason when the hub refuses or is not there.
    """
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise ModelMissing(
            "Fetching the published model needs the package huggingface_hub; install it:"
            f" {install_command('sparkvsr[cogvideox]')}"
        ) from error
    patterns = [*_NEEDED, *(_TEXT_ENCODER if with_text_encoder else ())]
    try:
        snapshot_download(
            repository, revision=revision, local_dir=target, allow_patterns=patterns, endpoint=endpoint
        )
    except Exception as error:
        raise ModelMissing(
            f"{repository} could not be fetched ({type(error).__name__}: {_first_line(error)}); check the "
            "connection and the free space, then fetch again: what has arrived is kept."
        ) from error
    report = check_folder(target)
    report.require_usable()
    return report


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0].strip()
