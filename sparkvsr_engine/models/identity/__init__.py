"""A restorer that returns its input, so that pipelines can be checked, and how it describes itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparkvsr_engine.models.identity.facts import NAME
from sparkvsr_engine.models.records import OpenRequest, RestorerRecord

if TYPE_CHECKING:
    from sparkvsr_engine.models.base import Planner, Restorer


def _open_planner(folder: Path, options: Mapping[str, Any]) -> Planner:
    from sparkvsr_engine.models.identity.planner import IdentityPlanner

    return IdentityPlanner()


def _open_restorer(request: OpenRequest) -> Restorer:
    from sparkvsr_engine.models.identity.restorer import IdentityRestorer

    return IdentityRestorer()


RESTORER = RestorerRecord(
    name=NAME,
    summary="returns its input; for checking a pipeline, at scale 1",
    licence="Apache-2.0",
    context_frames=0,
    open_planner=_open_planner,
    open_restorer=_open_restorer,
)
