"""Starts and ends a stand-in Nuke: afterwards `import nuke` gives it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.fakes.nuke.application import Application, current, set_current
from tests.fakes.nuke.formats import STOCK, parse_format
from tests.fakes.nuke.knob_making import make_knobs
from tests.fakes.nuke.module import NukeModule, build_module
from tests.fakes.nuke.nodes import Node
from tests.fakes.nuke.panels import modules
from tests.fakes.nuke.refusals import take_refusals
from tests.fakes.nuke.script_files import new_root

MODES = ("gui", "terminal")


def start(
    mode: str = "gui", version: str = "15.0v1", variant: str = "nukex", views: tuple[str, ...] = ("main",)
) -> NukeModule:
    """A fresh Nuke with an empty script; the calling thread is its main thread.

    mode: `gui`, or `terminal` for `nuke -t`. variant: one of `application.VARIANTS`.
    Raises: ValueError for another mode or variant.
    """
    if mode not in MODES:
        raise ValueError(f"{mode} is no mode; there are {', '.join(MODES)}")
    application = Application(mode == "gui", version, variant, views)
    set_current(application)
    application.root = new_root()
    if views != ("main",):
        application.loading = True
        application.root._knobs["views"]._from_script("\n".join(f"{view} #ffffff" for view in views))
        application.loading = False
    application.preferences = Node.__new__(Node)
    application.preferences._setup("Preferences", None)
    application.formats = [parse_format(text) for text in STOCK]
    application.undo.clear()
    application.modified = False
    module = build_module(application)
    sys.modules["nuke"] = module
    sys.modules.update(modules())
    take_refusals()
    return module


def stop() -> list[str]:
    """End it. Gives what was refused since the start or `take_refusals`; checks that undo is closed."""
    current().check_idle()
    for name in ("nuke", "nukescripts", "nukescripts.panels"):
        sys.modules.pop(name, None)
    set_current(None)
    return take_refusals()


@contextmanager
def running(**options: Any) -> Iterator[NukeModule]:
    """A stand-in for a `with` block. Raises: AssertionError at its end where anything was refused."""
    module = start(**options)
    try:
        yield module
    except BaseException:
        set_current(None)
        take_refusals()
        raise
    else:
        refusals = stop()
        assert refusals == [], refusals


def knob_classes() -> list[str]:
    return sorted({knob.Class() for knob in make_knobs("Read").values()})
