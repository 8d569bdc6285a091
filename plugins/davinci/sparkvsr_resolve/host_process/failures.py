# SPDX-License-Identifier: Apache-2.0
"""Why Resolve did not do what was asked, for the other side."""

from __future__ import annotations


class HostFailure(Exception):
    """One sentence, and its kind: `absent`, `module`, `lost`, `gone`, `refused`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


def refused(message: str) -> HostFailure:
    """Resolve would not, or did something else."""
    return HostFailure("refused", message)


def gone(message: str) -> HostFailure:
    """What was planned for is not there any more."""
    return HostFailure("gone", message)
