"""Menus of models hold what the engine lists, and what is chosen."""

from __future__ import annotations

from sparkvsr_bridge.hosts.model_menu import DEFAULT_MODEL, keyframe_model_items, restorer_items
from sparkvsr_bridge.reports import ModelReport

MODELS = (
    ModelReport(DEFAULT_MODEL, "restorer", summary="Quick.", ready=True),
    ModelReport("large", "restorer", summary="Slow.", ready=False, remedy="run 'fetch large'"),
    ModelReport("balanced", "isr", summary="Plain.", ready=True),
)


def test_restorers_of_the_engines_list_are_entries_with_what_they_need():
    assert restorer_items(MODELS, "") == [
        (DEFAULT_MODEL, DEFAULT_MODEL, "Quick."),
        ("large", "large", "Slow.; to get it, run 'fetch large'"),
    ]


def test_keyframe_models_begin_with_the_engines_choice():
    assert [name for name, _, _ in keyframe_model_items(MODELS, "")] == ["", "balanced"]


def test_what_is_chosen_stays_an_entry_of_its_own():
    assert restorer_items((), "mine") == [(DEFAULT_MODEL, DEFAULT_MODEL, ""), ("mine", "mine", "")]
    assert keyframe_model_items(MODELS, "/weights.pth")[-1] == (
        "/weights.pth",
        "/weights.pth",
        "The engine does not list this model",
    )
