# SPDX-License-Identifier: Apache-2.0
"""Frames of a result that are in its folder already, whoever wrote them and whenever."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Optional, Tuple


@dataclasses.dataclass(frozen=True)
class Landed:
    """Frames of a job version whose files are complete, in the source's numbers."""

    job: str
    version: int
    frames: Tuple[int, ...]


def landed_frames(report: Any) -> Landed:
    """The frames of a JobReport's target that exist; a target that is no numbered pattern has none.

    Frames get their final names in one step, so a file that exists is complete.

    Args:
        report: a `JobReport`.
    """
    target = Path(report.target)
    ends = _split_pattern(target.name)
    if ends is None or not target.parent.is_dir():
        return Landed(report.job, report.version, ())
    head, tail = ends
    names = (entry.name for entry in target.parent.iterdir())
    texts = (name[len(head) : len(name) - len(tail)] for name in names if _fits(name, head, tail))
    return Landed(report.job, report.version, tuple(sorted(int(text) for text in texts if text.isdigit())))


def _split_pattern(name: str) -> Optional[Tuple[str, str]]:
    head, mark, after_mark = name.partition("%")
    digits, letter, tail = after_mark.partition("d")
    return (head, tail) if mark and letter and digits.isdigit() else None


def _fits(name: str, head: str, tail: str) -> bool:
    return name.startswith(head) and name.endswith(tail) and len(name) > len(head) + len(tail)
