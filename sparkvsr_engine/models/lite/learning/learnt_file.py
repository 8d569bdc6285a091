"""What was learnt of a shot as bytes: changes of the shipped weights, half precision, and how they came."""

from __future__ import annotations

import json

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.models.learnt import Learnt

_CARD = "card"
_FIELDS = ("gain", "step", "share", "steps", "reason", "begun_near")


def pack_learnt(changes: dict[str, Tensor], learnt: Learnt) -> bytes:
    """The file's content; no changes where the shipped weights are kept."""
    card = json.dumps({name: getattr(learnt, name) for name in _FIELDS})
    short = {name: value.detach().to(torch.float16).contiguous() for name, value in changes.items()}
    # A file of no tensor would lose the card.
    short[_CARD] = torch.tensor(list(card.encode()), dtype=torch.uint8)
    return save(short)


def unpack_learnt(content: bytes) -> tuple[dict[str, Tensor], Learnt]:
    """The changes, float32, by the weights' names, and their card; raises ModelMissing for damaged bytes."""
    try:
        tensors = load(content)
        card = json.loads(bytes(tensors.pop(_CARD).tolist()))
        changes = {name: value.float() for name, value in tensors.items()}
        # Files of earlier versions lack what was added since.
        return changes, Learnt(content, **{name: card[name] for name in _FIELDS if name in card})
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelMissing(
            f"What was learnt of a shot cannot be read ({error}); make it anew with 'sparkvsr revise --learn"
            " again'."
        ) from error


def nothing_learnt(reason: str) -> Learnt:
    """The shipped weights kept, without a step."""
    return unpack_learnt(pack_learnt({}, Learnt(b"", 0.0, 0, 0.0, 0, reason)))[1]
