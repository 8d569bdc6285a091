"""The record by which a restorer describes itself; engine, commands and hosts know it by this alone.

Loads neither torch nor NumPy: the command line reads records whenever it starts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparkvsr_engine.models.backends.record import ProbeRecord
    from sparkvsr_engine.models.base import Planner, Restorer


@dataclass(frozen=True)
class OpenRequest:
    """How a restorer is opened.

    Attributes:
        folder: of its weights; without meaning for a restorer that ships with them.
        device: `auto`, `cpu`, `cuda`, `cuda:N`, `mps`, `openvino` or `openvino:8bit`.
        cache_folder: where it may keep what it computed.
        cache_bytes: how much of it.
    """

    folder: Path
    device: str
    cache_folder: Path
    cache_bytes: int = 0


@dataclass(frozen=True)
class SettingUse:
    """A setting that not every restorer uses.

    Attributes:
        name: the field of `UpscaleSettings`: `damage` or `learn`.
        limits: where it is used, a clause such as `at scales up to 4`; empty for everywhere.
    """

    name: str
    limits: str = ""


@dataclass(frozen=True)
class Weights:
    """How the weights of a restorer that ships without them come to this machine.

    Attributes:
        is_there: whether a folder holds them; looks at names alone.
        fetch: downloads them into a folder and checks them; raises ModelMissing. None: there is no such way.
        check: raises ModelMissing for a folder that cannot be used, naming what is wrong with it. None where
            folders cannot be added.
        takes_folder: whether a request may name a folder of the user's in the restorer's place.
    """

    is_there: Callable[[Path], bool]
    fetch: Callable[[Path], Path] | None = None
    check: Callable[[Path], None] | None = None
    takes_folder: Callable[[Path], bool] = lambda _: False


@dataclass(frozen=True)
class OptionalPackage:
    """A package that a restorer needs and the engine does not.

    Attributes:
        name: of the distribution.
        module: that is imported.
        extra: of sparkvsr that installs it.
        purpose: a few words: what it is needed for.
    """

    name: str
    module: str
    extra: str
    purpose: str


@dataclass(frozen=True)
class RestorerRecord:
    """A restorer.

    Attributes:
        name: what requests call it.
        summary: one line for lists and menus.
        licence: of code and weights.
        context_frames: source frames it reads on either side of a frame.
        open_planner: plans for a folder of weights, under `Planner.planning_options` of a plan made before or
            empty ones; loads no weights. Raises ModelMissing, InvalidSettings for options it does not know.
        open_restorer: the restorer, ready to run. Raises ModelMissing, OutOfMemory, InvalidSettings for a
            device it does not run on.
        settings: those it uses of the settings that not every restorer uses.
        is_large: it cannot share memory with another large one, so that one of them is loaded at a time.
        weights: how they come to this machine; None where they ship with it.
        packages: that it needs.
        backends: that can run its networks beside torch, by the names of `backends.names`, and what plans for
            each: its identity holds the backend, because pixels differ.
        probe: measures them on this machine, where their packages are there, given what it found before.
        plan_table: how it would run an output `WIDTHxHEIGHTxFRAMES` in different amounts of memory, as a
            table and as rows of values; None where it runs in one way only.
        open_weights: the restorer with another file of weights, on a device; None where there are no others.
    """

    name: str
    summary: str
    licence: str
    context_frames: int
    open_planner: Callable[[Path, Mapping[str, Any]], Planner]
    open_restorer: Callable[[OpenRequest], Restorer]
    settings: tuple[SettingUse, ...] = ()
    is_large: bool = False
    weights: Weights | None = None
    packages: tuple[OptionalPackage, ...] = ()
    backends: Mapping[str, Callable[[Path, Mapping[str, Any]], Planner]] = field(default_factory=dict)
    probe: Callable[[ProbeRecord | None], ProbeRecord] | None = None
    plan_table: Callable[[str], tuple[str, list[dict[str, Any]]]] | None = None
    open_weights: Callable[[str, Path], Restorer] | None = None

    def is_ready(self, models_folder: Path) -> bool:
        """Whether its weights are on this machine."""
        return self.weights is None or self.weights.is_there(models_folder / self.name)

    def remedy(self) -> str:
        """How its weights come to this machine, for people; empty where they ship."""
        ways: list[str] = []
        if self.weights is not None and self.weights.fetch is not None:
            ways.append(f"'sparkvsr models fetch {self.name}'")
        if self.weights is not None and self.weights.check is not None:
            ways.append("'sparkvsr models add DIR'")
        return f"run {' or '.join(ways)}" if ways else ""
