"""Colour space names as Nuke's knobs hold them, resolved to names OpenColorIO reads. Pure Python, no Nuke.

A knob's value may be a name, a role, `default (sRGB)` or `scene_linear (ACES - ACEScg)`; an entry of its list
may be `name<tab>menu path` or `name, alias, alias`.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from typing import Dict, Optional, Sequence

ROLES = (
    "default",
    "scene_linear",
    "rendering",
    "reference",
    "data",
    "color_picking",
    "color_timing",
    "compositing_log",
    "compositing_linear",
    "matte_paint",
    "texture_paint",
    "aces_interchange",
    "cie_xyz_d65_interchange",
)
_WITH_TARGET = re.compile(r"^(\w+) \((.+)\)$")
_SEPARATORS = re.compile(r"[\t,]")


class UnknownColour(ValueError):
    """A colour space that the script's configuration does not have; the message names close ones."""


@dataclasses.dataclass(frozen=True)
class ScriptColour:
    """Colour management of a script.

    config: path or `ocio://` name of the OpenColorIO configuration. working: name of the working space.
    origin: where the configuration was named, for people.
    """

    config: str
    working: str
    origin: str


def resolved(value: str, entries: Sequence[str] = ()) -> Optional[str]:
    """The colour space a knob's value means; None where only Nuke knows (a bare `default`).

    entries: the list of the knob, empty to take any name. Raises UnknownColour.
    """
    text = value.partition("\t")[0].strip()
    match = _WITH_TARGET.match(text)
    if match is not None and match[1] in ROLES:
        return match[2]
    if text in ROLES:
        return _target_of_role(text, entries) or (None if text == "default" else text)
    names = _names(entries)
    if names and text not in names:
        close = difflib.get_close_matches(text, names, n=3, cutoff=0.4) or sorted(names)[:3]
        listed = " or ".join(f"'{name}'" for name in close)
        raise UnknownColour(
            f"The script's colour configuration has no space '{text}'; choose another one, such as {listed}."
        )
    return names.get(text, text)


def _target_of_role(role: str, entries: Sequence[str]) -> Optional[str]:
    for entry in entries:
        for label in _SEPARATORS.split(entry):
            match = _WITH_TARGET.match(label.strip())
            if match is not None and match[1] == role:
                return match[2]
    return None


def _names(entries: Sequence[str]) -> Dict[str, str]:
    """Every name and alias of a knob's list, with the name it stands for."""
    names: Dict[str, str] = {}
    for entry in entries:
        labels = [label.strip() for label in _SEPARATORS.split(entry) if label.strip()]
        for label in labels:
            names.setdefault(label, labels[0])
            # A menu path such as `Colorspaces/sRGB` ends in the name that artists read.
            names.setdefault(label.rpartition("/")[2], labels[0])
    return names
