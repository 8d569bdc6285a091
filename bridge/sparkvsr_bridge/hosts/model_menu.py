# SPDX-License-Identifier: Apache-2.0
"""A host's menu of restorers: those that the engine lists, and the one that is chosen."""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

from ..reports import ModelReport
from ..settings import UpscaleSettings

DEFAULT_MODEL = UpscaleSettings().model


def restorer_items(models: Sequence[ModelReport], chosen: str) -> List[Tuple[str, str, str]]:
    """Entries (name, title, description) of a menu.

    models: of the engine's list; empty before it was asked. chosen: what a file of the host names; it is an
    entry even where the engine does not list it, so that nothing else takes its place.
    """
    entries: Dict[str, str] = {DEFAULT_MODEL: ""}
    for model in models:
        if model.role == "restorer":
            entries[model.name] = _description(model)
    if chosen:
        entries.setdefault(chosen, "The engine does not list this model" if models else "")
    return [(name, name, description) for name, description in entries.items()]


def _description(model: ModelReport) -> str:
    return model.summary if model.ready else f"{model.summary}; to get it, {model.remedy}"
