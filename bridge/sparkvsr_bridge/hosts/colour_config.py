# SPDX-License-Identifier: Apache-2.0
"""The OpenColorIO config of the user's own environment, as a request names it."""

from __future__ import annotations

import os
from typing import Mapping

SCHEME = "ocio://"


def config_of_environment(environment: Mapping[str, str]) -> str:
    """The value of $OCIO as `UpscaleSettings.ocio_config`: `ocio://` name or full path; empty without one.

    The engine is another program with another environment, perhaps on another machine, so its own $OCIO
    counts for nothing.

    Args:
        environment: variables of a process.
    """
    return config_location(environment.get("OCIO", ""))


def config_location(named: str) -> str:
    """A config as somebody names it, a path made a full one.

    Args:
        named: a path, or `ocio://` and a name.
    """
    named = named.strip()
    if not named or named.startswith(SCHEME):
        return named
    return os.path.abspath(os.path.expanduser(named))  # noqa: PTH100, PTH111 - `..` as the host reads it
