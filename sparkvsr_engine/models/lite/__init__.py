"""The compact restorer that comes with the engine, and how it describes itself; nothing is loaded by that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparkvsr_engine.models.backends.names import OPENVINO, OPENVINO_8_BIT
from sparkvsr_engine.models.lite.facts import CONTEXT_FRAMES, NAME
from sparkvsr_engine.models.records import OpenRequest, OptionalPackage, RestorerRecord, SettingUse

if TYPE_CHECKING:
    from sparkvsr_engine.models.backends.record import ProbeRecord
    from sparkvsr_engine.models.base import Planner, Restorer


def _open_planner(folder: Path, options: Mapping[str, Any]) -> Planner:  # noqa: ARG001 - as every restorer's
    from sparkvsr_engine.models.lite.planner import LitePlanner

    return LitePlanner()


def _open_openvino_planner(folder: Path, options: Mapping[str, Any]) -> Planner:  # noqa: ARG001
    from sparkvsr_engine.models.lite.planner import LitePlanner

    return LitePlanner(backend=OPENVINO)


def _open_eight_bit_planner(folder: Path, options: Mapping[str, Any]) -> Planner:  # noqa: ARG001
    from sparkvsr_engine.models.lite.planner import LitePlanner

    return LitePlanner(backend=OPENVINO_8_BIT)


def _open_restorer(request: OpenRequest) -> Restorer:
    from sparkvsr_engine.models.lite.opening import open_lite

    return open_lite(request.device)


def _open_weights(device: str, weights: Path) -> Restorer:
    from sparkvsr_engine.models.lite.opening import open_lite

    return open_lite(device, weights)


def _probe(before: ProbeRecord | None) -> ProbeRecord:
    from sparkvsr_engine.models.lite.networks.probing import probe_backends

    return probe_backends(before)


RESTORER = RestorerRecord(
    name=NAME,
    summary="compact restorer, any scale and size, runs on a laptop",
    licence="Apache-2.0",
    context_frames=CONTEXT_FRAMES,
    open_planner=_open_planner,
    open_restorer=_open_restorer,
    settings=(
        SettingUse("damage", "at scales above 1 and up to 4"),
        SettingUse("learn", "at scales up to 4"),
    ),
    packages=(OptionalPackage("openvino", "openvino", "openvino", "lite on processors, faster"),),
    backends={OPENVINO: _open_openvino_planner, OPENVINO_8_BIT: _open_eight_bit_planner},
    probe=_probe,
    open_weights=_open_weights,
)
