"""The module `nuke` itself: every function held to the table, every name Nuke lacks refused."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from tests.fakes.nuke import creation, formats, interface, menus, rendering, script_files, tables
from tests.fakes.nuke.animations import AnimationCurve, AnimationKey
from tests.fakes.nuke.application import Application, current
from tests.fakes.nuke.callbacks import KINDS, registration
from tests.fakes.nuke.contract import check_thread, checked_function
from tests.fakes.nuke.flags import CONSTANTS
from tests.fakes.nuke.groups import CLASSES, Gizmo, LiveGroup, ViewerWindow, add_view
from tests.fakes.nuke.knob_making import CLASSES as KNOBS
from tests.fakes.nuke.nodes import Node
from tests.fakes.nuke.queries import QUERIES
from tests.fakes.nuke.refusals import StandInGap, refused
from tests.fakes.nuke.undo import Undo


class GlobalsEnvironment(dict):  # type: ignore[type-arg]
    """`nuke.env`."""


class NukeModule(ModuleType):
    """`import nuke`."""

    def __getattr__(self, name: str) -> Any:
        if name in tables.functions():

            def absent(*args: Any, **kwargs: Any) -> Any:
                check_thread(f"nuke.{name}")
                raise StandInGap(f"nuke.{name} is not done by the stand-in")

            return absent
        if name in tables.api_classes():
            return KNOBS[name] if name in KNOBS else _gap_class(name)
        raise AttributeError(f"module 'nuke' has no attribute {name!r}")


def _gap_class(name: str) -> Any:
    raise StandInGap(f"nuke.{name} is not done by the stand-in")


def environment(application: Application) -> GlobalsEnvironment:
    major, _, remainder = application.version.partition(".")
    minor, _, release = remainder.partition("v")
    variant = application.variant
    return GlobalsEnvironment(
        gui=application.gui,
        interactive=application.gui,
        NukeVersionMajor=int(major),
        NukeVersionMinor=int(minor),
        NukeVersionRelease=int(release),
        NukeVersionString=application.version,
        ExecutablePath=EXE_PATH,
        PluginExtension="so",
        LINUX=True,
        MACOS=False,
        WIN32=False,
        hiero=variant == "hiero",
        studio=variant == "studio",
        nukex=variant in ("nukex", "studio"),
        indie=variant == "indie",
        nc=variant == "nc",
        assist=variant == "assist",
        ple=False,
    )


EXE_PATH = "/usr/local/Nuke/Nuke"


def build_module(application: Application) -> NukeModule:
    module = NukeModule("nuke")
    module.__dict__.update(CONSTANTS)
    major, _, remainder = application.version.partition(".")
    minor, _, release = remainder.partition("v")
    module.__dict__.update(
        env=environment(application),
        GUI=application.gui,
        INTERACTIVE=application.gui,
        EXE_PATH=EXE_PATH,
        THREADS=1,
        rawArgs=[],
        NUKE_VERSION_STRING=application.version,
        NUKE_VERSION_MAJOR=int(major),
        NUKE_VERSION_MINOR=int(minor),
        NUKE_VERSION_RELEASE=int(release),
        nodes=creation.Nodes(),
        Undo=Undo,
        Node=Node,
        Gizmo=Gizmo,
        LiveGroup=LiveGroup,
        AnimationCurve=AnimationCurve,
        AnimationKey=AnimationKey,
        ProgressTask=interface.ProgressTask,
        Menu=menus.Menu,
        MenuItem=menus.MenuItem,
        ViewerWindow=ViewerWindow,
        **{name: CLASSES[name] for name in ("Group", "Root", "Viewer", "BackdropNode")},
        **{name: getattr(formats, name) for name in ("Format", "Box", "Info", "OutputContext", "FrameRange")},
        FrameRanges=formats.FrameRanges,
        **KNOBS,
    )
    for name, function in functions().items():
        module.__dict__[name] = checked_function(name, function)
    return module


def functions() -> dict[str, Callable[..., Any]]:
    """Every function of the stand-in's module, by its name in Nuke."""
    offered: dict[str, Callable[..., Any]] = dict(QUERIES)
    for source in (creation, interface, menus, rendering, script_files):
        for name, member in vars(source).items():
            if callable(member) and getattr(member, "__module__", "") == source.__name__:
                offered[name] = member
    for kind in KINDS:
        offered.update(registration(kind))
    offered["addView"] = add_view
    return {name: member for name, member in offered.items() if name in tables.functions()}


def refuse_name(name: str) -> AttributeError:
    return refused(AttributeError(f"module 'nuke' has no attribute {name!r}"))


def running() -> Application:
    return current()
