"""Which bundled model a name means, and whose weights it needs."""

from __future__ import annotations

import difflib

from sparkvsr_bridge.errors import UnknownModel
from sparkvsr_engine.models.isr.balanced import CLEANING_MODEL, FAITHFUL_MODEL, BalancedUpscaler
from sparkvsr_engine.models.isr.bundled_models.bundled import BUNDLED, BundledModel

DEFAULT = "crisp"
BALANCED = BalancedUpscaler.name


def bundled_names() -> tuple[str, ...]:
    """Every bundled name, the default first."""
    return (DEFAULT, BALANCED, *(name for name in BUNDLED if name != DEFAULT))


def parts_of(name: str) -> tuple[BundledModel, ...]:
    """The models a bundled name is made of, usually one; raises UnknownModel with the nearest name."""
    if name == BALANCED:
        return BUNDLED[CLEANING_MODEL], BUNDLED[FAITHFUL_MODEL]
    if name in BUNDLED:
        return (BUNDLED[name],)
    near = difflib.get_close_matches(name, bundled_names(), n=1)
    question = f" (did you mean {near[0]}?)" if near else ""
    raise UnknownModel(
        f"There is no keyframe model '{name}'{question}; use {', '.join(bundled_names())}, a model file, or"
        " cmd:COMMAND."
    )
