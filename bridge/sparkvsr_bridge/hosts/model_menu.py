# SPDX-License-Identifier: Apache-2.0
"""A host's menus of models: those that the engine lists, and the one that is chosen."""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

from ..reports import ModelReport
from ..settings import UpscaleSettings

DEFAULT_MODEL = UpscaleSettings().model


def restorer_items(models: Sequence[ModelReport], chosen: str) -> List[Tuple[str, str, str]]:
    """Entries (name, title, description) of a menu.

    Args:
        models: the engine's list; empty before it was asked for.
        chosen: what a file of the host names; it is an entry even where the engine does not list it, so that
            nothing else takes its place.
    """
    return _items({DEFAULT_MODEL: ""}, models, "restorer", chosen)


def keyframe_model_items(models: Sequence[ModelReport], chosen: str) -> List[Tuple[str, str, str]]:
    """As `restorer_items`, of the models that make keyframes; the empty name is the engine's own choice.

    Args:
        models: the engine's list; empty before it was asked for.
        chosen: what a file of the host names; empty for the engine's choice.
    """
    _, *listed = _items({"": ""}, models, "isr", chosen)
    return [("", "Chosen by the engine", ""), *listed]


def _items(
    entries: Dict[str, str], models: Sequence[ModelReport], role: str, chosen: str
) -> List[Tuple[str, str, str]]:
    entries.update({model.name: _description(model) for model in models if model.role == role})
    if chosen:
        entries.setdefault(chosen, "The engine does not list this model" if models else "")
    return [(name, name, description) for name, description in entries.items()]


def _description(model: ModelReport) -> str:
    return model.summary if model.ready else f"{model.summary}; to get it, {model.remedy}"
