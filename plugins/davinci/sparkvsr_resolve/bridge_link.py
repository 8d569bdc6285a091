# SPDX-License-Identifier: Apache-2.0
"""The only import of the bridge: this plugin runs in the engine's own environment, so there is one copy of
it.
"""

from __future__ import annotations

import dataclasses
import importlib.util
from typing import Any, Callable, Optional

from sparkvsr_bridge import errors as errors
from sparkvsr_bridge import media as media
from sparkvsr_bridge import messages as messages
from sparkvsr_bridge import settings as settings
from sparkvsr_bridge import version as version
from sparkvsr_bridge.client import EngineClient as EngineClient
from sparkvsr_bridge.hosts import job_list as job_list
from sparkvsr_bridge.hosts import numbering as numbering
from sparkvsr_bridge.hosts import requests as requests
from sparkvsr_bridge.hosts import self_test as self_test
from sparkvsr_bridge.hosts.engine_place import EnginePlace as EnginePlace
from sparkvsr_bridge.system import folders as folders
from sparkvsr_bridge.system.windows import NO_WINDOW as NO_WINDOW


@dataclasses.dataclass(frozen=True)
class ConformParts:
    """What a conform takes, of `sparkvsr_bridge.timeline`, which needs OpenTimelineIO."""

    conform: Callable[..., Any]
    wishes: Callable[..., Any]
    recipe: Callable[..., Any]
    describer: Callable[..., Any]
    renderer: Callable[..., Any]


def conform_parts() -> Optional[ConformParts]:
    """They; None where OpenTimelineIO is not installed."""
    if importlib.util.find_spec("opentimelineio") is None:
        return None
    from sparkvsr_bridge.timeline.conforming import conform
    from sparkvsr_bridge.timeline.engine import describer, renderer
    from sparkvsr_bridge.timeline.records import ConformWishes
    from sparkvsr_bridge.timeline.requests import Recipe

    return ConformParts(conform, ConformWishes, Recipe, describer, renderer)
