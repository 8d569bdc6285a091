"""Chooses keyframes without rendering."""

from __future__ import annotations


def suggest(config, order, report):
    raise NotImplementedError
