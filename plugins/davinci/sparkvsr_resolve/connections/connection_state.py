# SPDX-License-Identifier: Apache-2.0
"""The state of the connection as an immutable record, and what follows on what. No Resolve, no clock, no
thread.
"""

from __future__ import annotations

import dataclasses

from ..exchange.facts import ResolveFacts
from ..refusals import HostLost, HostSilent, Refused

FREE_SENTENCE = (
    "This is the free DaVinci Resolve, which scripts cannot reach: export the timeline as OTIO and use"
    " 'sparkvsr conform cut.otio -o cut_4x.otio --for resolve'."
)
_TITLES = {
    "starting": "Starting",
    "no_python": "No fitting Python",
    "no_resolve": "Resolve is not running",
    "free_edition": "Free edition",
    "wedged": "Resolve has to be restarted",
    "no_project": "No project",
    "no_timeline": "No timeline",
    "busy": "Resolve is busy",
    "lost": "Resolve has ended",
    "ready": "Ready",
}
KINDS = tuple(_TITLES)


@dataclasses.dataclass(frozen=True)
class ConnectionState:
    """kind: one of KINDS. sentence: what is so and what to do. facts: what was open when Resolve last
    answered.
    """

    kind: str = "starting"
    sentence: str = "Looking for DaVinci Resolve."
    facts: ResolveFacts = ResolveFacts()

    @property
    def can_place(self) -> bool:
        """Whether a timeline is open and Resolve answers."""
        return self.kind == "ready"

    @property
    def title(self) -> str:
        """Project and timeline, or the kind in words."""
        if self.kind == "ready":
            return f"{self.facts.project} - {self.facts.timeline}"
        return _TITLES[self.kind]


def after_probe_failed(reason: str) -> ConnectionState:
    """No Python loads Resolve's module."""
    return ConnectionState("no_python", reason)


def after_answer(facts: ResolveFacts) -> ConnectionState:
    """Resolve answered."""
    if "studio" not in facts.product.lower():
        return ConnectionState("free_edition", FREE_SENTENCE, facts)
    if not facts.has_database:
        sentence = "DaVinci Resolve has lost its project library; restart it, and open the project again."
        return ConnectionState("wedged", sentence, facts)
    if not facts.project:
        return ConnectionState("no_project", "DaVinci Resolve has no open project; open one.", facts)
    if not facts.timeline:
        sentence = f"The project {facts.project} has no open timeline; open one."
        return ConnectionState("no_timeline", sentence, facts)
    sentence = f"Connected to {facts.product} {facts.version_text}, timeline {facts.timeline}."
    return ConnectionState("ready", sentence, facts)


def after_error(before: ConnectionState, error: Refused) -> ConnectionState:
    """Resolve did not answer, or is not there. Before it ever answered it is absent, afterwards lost."""
    if isinstance(error, HostSilent):
        return ConnectionState("busy", str(error), before.facts)
    if isinstance(error, HostLost):
        was_there = bool(before.facts.product)
        sentence = (
            "DaVinci Resolve has ended; start it again and open the project. What is rendered is kept."
            if was_there
            else str(error)
        )
        return ConnectionState("lost" if was_there else "no_resolve", sentence, before.facts)
    return ConnectionState("no_resolve", str(error), before.facts)


def is_same_place(before: ConnectionState, now: ConnectionState) -> bool:
    """Whether a plan for one still holds in the other: the same timeline of the same project."""
    return (before.facts.project_uid, before.facts.timeline_uid) == (
        now.facts.project_uid,
        now.facts.timeline_uid,
    )


def restart_after(silence_seconds: float, limit_seconds: float, kind: str) -> bool:
    """Whether a process that has been silent so long is killed: a dialog may be open for long, a hang is
    not.
    """
    return kind == "busy" and silence_seconds >= limit_seconds
