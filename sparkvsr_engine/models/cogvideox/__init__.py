"""The published CogVideoX1.5-5B model, and how it describes itself; nothing is loaded by that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparkvsr_engine.core.grid_windows import GridLayout
from sparkvsr_engine.models.cogvideox.facts import NAME
from sparkvsr_engine.models.records import OpenRequest, OptionalPackage, RestorerRecord, Weights

if TYPE_CHECKING:
    from sparkvsr_engine.models.base import Planner, Restorer


def _open_planner(folder: Path, options: Mapping[str, Any]) -> Planner:
    from sparkvsr_engine.models.cogvideox.planner import open_cogvideox_planner

    return open_cogvideox_planner(folder, options)


def _open_restorer(request: OpenRequest) -> Restorer:
    from sparkvsr_engine.models.cogvideox.restorer import OpenOptions, open_cogvideox
    from sparkvsr_engine.models.devices import find_device

    options = OpenOptions(cache_folder=request.cache_folder, cache_bytes=request.cache_bytes)
    return open_cogvideox(request.folder, str(find_device(request.device)), options)


def _is_there(folder: Path) -> bool:
    return (folder / "transformer" / "config.json").is_file()


def _fetch(folder: Path) -> Path:
    from sparkvsr_engine.models.cogvideox.checkpoints.fetch import fetch_cogvideox

    return fetch_cogvideox(folder).folder


def _check(folder: Path) -> None:
    from sparkvsr_engine.models.cogvideox.checkpoints.loading import check_folder

    check_folder(folder).require_usable()


def _plan_table(request: str) -> tuple[str, list[dict[str, Any]]]:
    from sparkvsr_engine.models.cogvideox.memory.doctor import describe_plans

    return describe_plans(request)


RESTORER = RestorerRecord(
    name=NAME,
    summary="the published CogVideoX1.5-5B model, for a GPU",
    licence="CogVideoX licence (weights)",
    # A frame lies anywhere in a window.
    context_frames=GridLayout().length - 1,
    open_planner=_open_planner,
    open_restorer=_open_restorer,
    is_large=True,
    # Any folder, so that one with something missing is refused with the names of what is missing.
    weights=Weights(_is_there, _fetch, _check, takes_folder=lambda _: True),
    packages=(
        OptionalPackage("diffusers", "diffusers", "cogvideox", "the published model"),
        OptionalPackage("gguf", "gguf", "gguf", "compressed files of the published model"),
        OptionalPackage("torchao", "torchao", "int8", "the published model in 8 bits"),
    ),
    plan_table=_plan_table,
)
