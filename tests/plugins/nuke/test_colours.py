"""Colour names of Nuke's knobs become names that OpenColorIO reads."""

from __future__ import annotations

import pytest
from sparkvsr_nuke.footage.colours import UnknownColour, resolved

ROLES = ["default\tdefault (sRGB)", "scene_linear\tscene_linear (ACES - ACEScg)", "sRGB\tColorspaces/sRGB"]
ALIASES = ["ACES - ACEScg, ACEScg, lin_ap1", "Output - sRGB\tOutput/Output - sRGB"]


@pytest.mark.parametrize(
    ("value", "entries", "name"),
    [
        ("default (sRGB)", [], "sRGB"),
        ("default", ROLES, "sRGB"),
        ("default", [], None),
        ("scene_linear (ACES - ACEScg)", [], "ACES - ACEScg"),
        ("scene_linear", ROLES, "ACES - ACEScg"),
        ("scene_linear", [], "scene_linear"),
        ("sRGB", ROLES, "sRGB"),
        ("lin_ap1", ALIASES, "ACES - ACEScg"),
        ("Output - sRGB", ALIASES, "Output - sRGB"),
        ("Input - ARRI - V3 LogC (EI800) - Wide Gamut", [], "Input - ARRI - V3 LogC (EI800) - Wide Gamut"),
    ],
)
def test_names_roles_and_aliases(value: str, entries: list[str], name: str | None):
    assert resolved(value, entries) == name


def test_an_unknown_name_is_refused_with_close_ones():
    with pytest.raises(UnknownColour, match=r"no space 'sRBG'.*'sRGB'"):
        resolved("sRBG", ROLES)
