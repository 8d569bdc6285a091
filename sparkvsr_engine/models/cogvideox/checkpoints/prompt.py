"""The empty prompt's embedding: the only thing the model ever asks of its text encoder.

It is a file in the model's folder, so the 9.5 GB text encoder is never loaded to restore. Where the file is
missing but the folder holds the encoder, it is computed once and kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.storage.whole_files import written_whole

if TYPE_CHECKING:
    from torch import Tensor

EMBEDDING_KEY = "prompt_embedding"
EMBEDDING_NAME = "empty_prompt.safetensors"
# The trainers name the file after the prompt: the SHA-256 of the empty string.
PUBLISHED_NAME = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.safetensors"
_PLACES = (EMBEDDING_NAME, PUBLISHED_NAME, f"prompt_embeddings/{PUBLISHED_NAME}")


def find_embedding(folder: Path) -> Path | None:
    """The embedding's file in a model folder, None when there is none."""
    return next((folder / place for place in _PLACES if (folder / place).is_file()), None)


def load_embedding(folder: Path, length: int, width: int) -> Tensor:
    """The embedding, float32 [1, length, width], computed from the folder's text encoder where it has to be.

    Args:
        folder: the folder.
        length: tokens.
        width: numbers a token.

    Raises:
        ModelMissing: with what to do, when there is neither a file nor an encoder, or the file has another
            shape (a 77-token embedding of another encoder is in circulation: it is not this prompt).
    """
    path = find_embedding(folder) or _computed(folder, length)
    embedding = _read(path)
    if embedding.shape[-2:] != (length, width) or embedding.numel() != length * width:
        raise ModelMissing(
            f"{path} holds an embedding of {'x'.join(map(str, embedding.shape))}, the model needs "
            f"{length}x{width}; put the empty-prompt embedding it was trained with in its place."
        )
    return embedding.reshape(1, length, width).float()


def _read(path: Path) -> Tensor:
    from safetensors.torch import load_file

    try:
        tensors = load_file(path)
    except Exception as error:
        raise ModelMissing(f"{path} is no readable safetensors file ({error}); replace it.") from error
    if EMBEDDING_KEY not in tensors:
        raise ModelMissing(f"{path} has no tensor named {EMBEDDING_KEY}; replace it.")
    return tensors[EMBEDDING_KEY]


def _computed(folder: Path, length: int) -> Path:
    """Run the folder's T5 once on the empty prompt and keep the result in the folder."""
    if not ((folder / "text_encoder").is_dir() and (folder / "tokenizer").is_dir()):
        raise ModelMissing(
            f"{folder} has no empty-prompt embedding; put {PUBLISHED_NAME[:8]}....safetensors ({length} "
            f"tokens, published with the model's code) there as {EMBEDDING_NAME}, or fetch the model's "
            "text_encoder and tokenizer folders once so that it can be computed."
        )
    try:
        from transformers import AutoTokenizer, T5EncoderModel  # type: ignore[import-not-found]
    except ImportError as error:
        raise ModelMissing(
            f"The empty-prompt embedding of {folder} has to be computed once; install the packages "
            f"transformers and sentencepiece, or put the published file there as {EMBEDDING_NAME}."
        ) from error
    import torch

    tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer")
    encoder = T5EncoderModel.from_pretrained(folder / "text_encoder", torch_dtype=torch.bfloat16)
    tokens = tokenizer("", padding="max_length", max_length=length, truncation=True, return_tensors="pt")
    with torch.no_grad():
        # The trainers pass no attention mask: padding is part of what the transformer saw.
        embedding = encoder(tokens.input_ids)[0][0]
    return _written(folder / EMBEDDING_NAME, embedding.to(torch.bfloat16).contiguous())


def _written(path: Path, embedding: Tensor) -> Path:
    from safetensors.torch import save_file

    with written_whole(path) as partial:
        save_file({EMBEDDING_KEY: embedding}, partial)
    return path
