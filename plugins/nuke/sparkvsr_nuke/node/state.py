"""What a node remembers: its identity and its versions, as ASCII in one hidden knob. No Nuke."""

from __future__ import annotations

import dataclasses
import json
import uuid
from typing import Any, Dict, List, Optional, Tuple

from .tcl_text import from_hex, to_hex

ENDED = ("finished", "failed", "cancelled")
FARM = "farm"


@dataclasses.dataclass(frozen=True)
class ViewJob:
    """The engine's job of one view of a version.

    job: its name; empty for a version that a farm renders. state: as the engine last reported it.
    request: the whole request as JSON.
    """

    view: str
    job: str
    job_version: int
    state: str
    request: str

    @property
    def is_open(self) -> bool:
        """Whether it can still change."""
        return bool(self.job) and self.state not in ENDED


@dataclasses.dataclass(frozen=True)
class Version:
    """One version of a node's result.

    pattern: its files, with `%V` for the view. size: width and height in pixels, and pixel aspect.
    settings, source: what it was made with, for 'out of date'. route, reason: how the source was read.
    """

    number: int
    pattern: str
    jobs: Tuple[ViewJob, ...]
    size: Tuple[int, int, float]
    settings: str
    source: str
    route: str
    reason: str


@dataclasses.dataclass(frozen=True)
class NodeState:
    """The whole: token (the node's identity), name (as it was when it last sent a job), versions."""

    token: str
    name: str
    versions: Tuple[Version, ...] = ()

    def version(self, number: int) -> Optional[Version]:
        """The version of a number; None where there is none."""
        return next((version for version in self.versions if version.number == number), None)

    @property
    def latest(self) -> Optional[Version]:
        """The version with the highest number."""
        return max(self.versions, key=lambda version: version.number, default=None)

    def with_version(self, version: Version) -> NodeState:
        """The state with this version added, or in the place of the one of its number."""
        other_versions = [candidate for candidate in self.versions if candidate.number != version.number]
        return dataclasses.replace(
            self, versions=tuple(sorted([*other_versions, version], key=lambda candidate: candidate.number))
        )

    def to_knob(self) -> str:
        """Text for the hidden knob; `from_knob` reads it."""
        return to_hex(json.dumps(dataclasses.asdict(self), ensure_ascii=True))


def new_state(name: str) -> NodeState:
    """The state of a node that has sent no job."""
    return NodeState(uuid.uuid4().hex, name)


def from_knob(text: str, name: str) -> NodeState:
    """What `to_knob` wrote; a new state for an empty text.

    Raises ValueError for a text of another kind, which a newer plugin may have written.
    """
    if not text.strip():
        return new_state(name)
    try:
        values = json.loads(from_hex(text))
        return NodeState(values["token"], values["name"], tuple(map(_version, values["versions"])))
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no stored state ({error})") from error


def is_copy(state: NodeState, own_name: str, twins: List[str]) -> bool:
    """Whether a node is a copy of another one: nodes with its token are there, and one of them is the first.

    own_name: full name of the node. twins: full names of the other nodes with the same token.
    """
    return bool(twins) and own_name != state.name


def _version(values: Dict[str, Any]) -> Version:
    jobs = tuple(ViewJob(**job) for job in values.pop("jobs"))
    width, height, aspect = values.pop("size")
    return Version(jobs=jobs, size=(int(width), int(height), float(aspect)), **values)
