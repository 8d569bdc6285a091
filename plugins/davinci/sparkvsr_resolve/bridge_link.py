# SPDX-License-Identifier: Apache-2.0
"""The only import of the bridge: this plugin runs in the engine's own environment, so there is one copy of
it.
"""

from __future__ import annotations

import dataclasses
import importlib.util
from typing import Any, Callable, Optional

from bridge import errors as errors
from bridge import media as media
from bridge import messages as messages
from bridge import settings as settings
from bridge import version as version
from bridge.client import EngineClient as EngineClient
from bridge.hosts import job_list as job_list
from bridge.hosts import numbering as numbering
from bridge.hosts import requests as requests
from bridge.hosts import self_test as self_test
from bridge.hosts.engine_place import EnginePlace as EnginePlace
from bridge.system import folders as folders


@dataclasses.dataclass(frozen=True)
class ConformParts:
    """What a conform takes, of `bridge.timeline`, which needs OpenTimelineIO."""

    conform: Callable[..., Any]
    wishes: Callable[..., Any]
    recipe: Callable[..., Any]
    describer: Callable[..., Any]
    renderer: Callable[..., Any]


def conform_parts() -> Optional[ConformParts]:
    """They; None where OpenTimelineIO is not installed."""
    if importlib.util.find_spec("opentimelineio") is None:
        return None
    from bridge.timeline.conforming import conform
    from bridge.timeline.engine import describer, renderer
    from bridge.timeline.records import ConformWishes
    from bridge.timeline.requests import Recipe

    return ConformParts(conform, ConformWishes, Recipe, describer, renderer)
