"""Learning a shot small enough for a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sparkvsr_engine.models.lite.learning import recipe as recipes

_SMALL = {"crops": 2, "side": 32, "pool": 6, "tile": 16}


def use_tiny_recipe(monkeypatch: pytest.MonkeyPatch, fields: Mapping[str, Any]) -> None:
    """Few small crops instead of a recipe's own.

    fields: of the recipe, on top of that; read whenever a recipe is made, so that a test may change them.
    """
    whole = recipes.recipe_of
    monkeypatch.setattr(
        "sparkvsr_engine.models.lite.learning.teaching.recipe_of",
        lambda *arguments: replace(whole(*arguments), **_SMALL, **fields),
    )
