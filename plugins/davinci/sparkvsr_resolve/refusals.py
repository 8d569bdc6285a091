# SPDX-License-Identifier: Apache-2.0
"""The plugin's own errors: something cannot be done as asked. No Resolve, no engine."""

from __future__ import annotations


class Refused(Exception):
    """One sentence of what happened and what to do; what was placed before stays."""


class HostSilent(Refused):
    """Resolve did not answer a call in time."""


class HostLost(Refused):
    """Resolve, or the process that talks to it, is gone."""
