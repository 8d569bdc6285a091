# SPDX-License-Identifier: Apache-2.0
"""What an item of a timeline is, by what Resolve gives of it: only some are clips of a medium."""

from __future__ import annotations

from ..exchange.facts import ItemFacts

RENDERED = ("compound", "multicam", "fusion")
"""Kinds with pictures of their own but no file: they go through the Deliver page."""

_REASONS = {
    "transition": "is a transition",
    "title": "is a title",
    "generator": "is a generator",
    "adjustment": "is an adjustment clip",
    "still": "is a still of one frame; upscale its file by itself",
}
_TITLES = ("text", "title", "scroll", "lower", "crawl", "subtitle")
_BY_TYPE = (
    ("compound", "compound"),
    ("timeline", "compound"),
    ("multicam", "multicam"),
    ("fusion", "fusion"),
)


def kind_of(item: ItemFacts) -> str:
    """`clip`, `still`, `transition`, `title`, `generator`, `adjustment`, or one of RENDERED.

    Titles and generators have no medium; a transition has no properties either.
    """
    if item.media is None and not item.takes:
        if not item.has_properties:
            return "transition"
        return _without_medium(item)
    media = item.takes[0].media if item.takes and item.takes[0].media is not None else item.media
    type_name = media.get("Type").lower() if media is not None else ""
    for part, kind in _BY_TYPE:
        if part in type_name:
            return kind
    return "still" if type_name == "still" else "clip"


def reason_to_leave_out(kind: str) -> str:
    """Why a kind is not upscaled, after its name; empty for one that is."""
    return _REASONS.get(kind, "")


def _without_medium(item: ItemFacts) -> str:
    name = item.name.lower()
    if name.startswith("adjustment"):
        return "adjustment"
    if item.fusion_comps or name.startswith(_TITLES):
        return "title"
    return "generator"
