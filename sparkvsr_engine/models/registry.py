"""The restorers there are, by name. Each describes itself by a `models.records.RestorerRecord`.

One that ships with the engine is a line of `BUILT_IN`. One of another package is found by an entry point, one
line of that package's pyproject.toml:

    [project.entry-points."sparkvsr.restorers"]
    toy = "toy_restorer:RESTORER"
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparkvsr_bridge.errors import InvalidSettings, ModelMissing, UnknownModel
from sparkvsr_bridge.reports import ModelReport
from sparkvsr_engine.models.backends.names import OPENVINO, TORCH, split_device
from sparkvsr_engine.models.backends.record import recorded_device
from sparkvsr_engine.models.records import OpenRequest, RestorerRecord, Weights

if TYPE_CHECKING:
    from sparkvsr_engine.models.base import Planner, Restorer

log = logging.getLogger(__name__)

BUILT_IN = (
    "sparkvsr_engine.models.lite",
    "sparkvsr_engine.models.identity",
    "sparkvsr_engine.models.cogvideox",
)
ENTRY_POINTS = "sparkvsr.restorers"


@lru_cache(maxsize=1)
def restorers() -> tuple[RestorerRecord, ...]:
    """All restorers, those of the engine first."""
    records: dict[str, RestorerRecord] = {}
    for module in BUILT_IN:
        record: RestorerRecord = import_module(module).RESTORER
        records[record.name] = record
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name):
        record = _record_of(entry)
        if record.name in records:
            log.warning("%s is left out: there is a restorer %s already", entry.value, record.name)
        else:
            records[record.name] = record
    return tuple(records.values())


def find_restorer(name: str, models_folder: Path) -> tuple[RestorerRecord, Path]:
    """The restorer a model's name means, and the folder of its weights.

    Args:
        name: of a restorer, or a folder of weights that one of them takes.
        models_folder: of weights that were fetched or added.

    Raises:
        UnknownModel: for another name.
    """
    for record in restorers():
        if record.name == name:
            return record, models_folder / name
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        # The engine's own are asked last: the last of them takes any folder.
        for record in reversed(restorers()):
            if record.weights is not None and record.weights.takes_folder(folder):
                return record, folder
    names = ", ".join(record.name for record in restorers())
    raise UnknownModel(f"There is no model '{name}'; use {names} or a checkpoint folder.")


def open_planner(name: str, models_folder: Path, options: Mapping[str, Any], device: str = "auto") -> Planner:
    """Plans for a model.

    Args:
        name: a restorer's name, or a folder of weights.
        models_folder: where added models lie.
        options: what it was planned with before (`planning_options`), empty for a new job.
        device: what it is rendered on, see `OpenRequest`.

    Raises:
        UnknownModel: where there is no model of that name.
        ModelMissing: where weights or a package are missing.
        InvalidSettings: where the model is not run by the device's backend, or that is not installed.
    """
    record, folder = find_restorer(name, models_folder)
    _, backend = split_device(device)
    if backend == TORCH:
        return record.open_planner(folder, options)
    if backend not in record.backends:
        raise InvalidSettings(f"{name} does not run by OpenVINO; use --device auto, cpu or cuda.")
    return record.backends[backend](folder, options)


def open_restorer(
    name: str, models_folder: Path, cache_folder: Path, device: str, cache_bytes: int = 0
) -> Restorer:
    """A model on a device, ready to run.

    Args:
        name: a restorer's name, or a folder of weights.
        models_folder: where added models lie.
        cache_folder: where predictions are cached.
        device: `cpu` or `cuda[:i]`.
        cache_bytes: what it may keep in its folder.

    Raises:
        UnknownModel: where there is no model of that name.
        ModelMissing: where weights or a package are missing.
        OutOfMemory: where memory does not suffice.
        InvalidSettings: for an unknown device.
    """
    record, folder = find_restorer(name, models_folder)
    return record.open_restorer(OpenRequest(folder, device, cache_folder, cache_bytes))


def preferred_device(name: str, models_folder: Path, device: str, home: Path) -> str:
    """The device that `auto` means for a model, where a probe of this machine chose one; else as it is.

    Args:
        name: of a restorer, or a folder of weights that one of them takes.
        models_folder: of weights that were fetched or added.
        device: by its name, see `OpenRequest`.
        home: the folder the probe's record lies in.
    """
    record, _ = find_restorer(name, models_folder)
    return recorded_device(device, home) if OPENVINO in record.backends else device


def list_restorers(models_folder: Path) -> list[ModelReport]:
    """The restorers there are, ready or with the command that makes them so. Loads nothing."""
    return [_report(record, models_folder) for record in restorers()]


def restorer_for_folder(folder: Path) -> RestorerRecord:
    """The restorer whose weights a folder can be; raises InvalidSettings where there is none."""
    for record in reversed(restorers()):
        if record.weights is not None and record.weights.check and record.weights.takes_folder(folder):
            return record
    raise InvalidSettings(f"{folder} holds no weights of any model; name the folder of a checkpoint.")


def users_of(setting: str) -> str:
    """The restorers that use a setting, for a sentence: `lite at scales up to 4`; empty for none.

    Args:
        setting: the field of `UpscaleSettings`.
    """
    names = [
        f"{record.name} {use.limits}".strip()
        for record in restorers()
        for use in record.settings
        if use.name == setting
    ]
    return ", ".join(names)


def _report(record: RestorerRecord, models_folder: Path) -> ModelReport:
    is_ready = record.is_ready(models_folder)
    return ModelReport(
        record.name,
        "restorer",
        is_ready,
        record.summary,
        record.licence,
        "" if is_ready else record.remedy(),
        context_frames=record.context_frames,
    )


def _record_of(entry: EntryPoint) -> RestorerRecord:
    """What an entry point describes; where it cannot be loaded, a record that raises so when it is used."""
    try:
        record = entry.load()
        if not isinstance(record, RestorerRecord):
            raise TypeError(f"{entry.value} is no RestorerRecord")
    except Exception as error:
        log.warning("the restorer %s cannot be loaded", entry.name, exc_info=True)
        return _unloadable(entry, error)
    return record


def _unloadable(entry: EntryPoint, error: Exception) -> RestorerRecord:
    text = f"The restorer {entry.name} cannot be loaded ({error}); repair or uninstall its package."

    def refuse(*_: object) -> Any:
        raise ModelMissing(text)

    return RestorerRecord(
        entry.name, f"cannot be loaded: {error}", "", 0, refuse, refuse, weights=Weights(lambda _: False)
    )
