"""Finds the plugin's nodes in the script and reads and writes what they remember. Main thread."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any, Iterator, Optional

import nuke

from ..refusals import Refused
from .knob_specs import ROUTE, STATE, STATUS
from .quiet import quietly
from .state import NodeState, from_knob, is_copy


def is_ours(node: Any) -> bool:
    """Whether a node is one of the plugin's."""
    return node.knob(STATE) is not None


def all_nodes(group: Any = None) -> Iterator[Any]:
    """Every node of the plugin in the script, in Groups too."""
    for node in nuke.allNodes("Group", group or nuke.root()):
        if is_ours(node):
            yield node
        else:
            yield from all_nodes(node)


def node_of_token(token: str) -> Optional[Any]:
    """The node with this identity; of several, the one that is no copy. None where it is gone."""
    nodes = [node for node in all_nodes() if stored_token(node) == token]
    return next((node for node in nodes if state_of(node).name == node.fullName()), next(iter(nodes), None))


def stored_token(node: Any) -> str:
    """The identity in a node's knob; empty for none."""
    text = node[STATE].value()
    try:
        return from_knob(text, "").token if text else ""
    except ValueError:
        return ""


def state_of(node: Any) -> NodeState:
    """What a node remembers. Raises Refused for a state this plugin cannot read."""
    try:
        return from_knob(node[STATE].value() or "", node.fullName())
    except ValueError as error:
        raise Refused(
            f"{node.name()} was saved by another version of the plugin ({error}); update the plugin."
        ) from error


def own_state(node: Any) -> NodeState:
    """As `state_of`, for a node about to send a job: a copy gets an identity of its own, and no jobs."""
    state = state_of(node)
    twins = [
        candidate.fullName()
        for candidate in all_nodes()
        if candidate.fullName() != node.fullName() and stored_token(candidate) == state.token
    ]
    if is_copy(state, node.fullName(), twins):
        versions = tuple(dataclasses.replace(version, jobs=()) for version in state.versions)
        state = NodeState(uuid.uuid4().hex, node.fullName(), versions)
    return dataclasses.replace(state, name=node.fullName())


def write_state(node: Any, state: NodeState) -> None:
    """Keep a state as a part of the artist's click."""
    node[STATE].setValue(state.to_knob())


def write_state_quietly(node: Any, state: NodeState) -> None:
    """Keep what the engine reported: no undo step, and the script is not modified by it."""
    _write_quietly(node[STATE], state.to_knob())


def write_status(node: Any, text: str) -> None:
    """The line under the node's name."""
    _write_quietly(node[STATUS], text)


def write_route(node: Any, text: str) -> None:
    """How the source is read, and why."""
    _write_quietly(node[ROUTE], text)


def _write_quietly(knob: Any, text: str) -> None:
    if knob.value() != text:
        with quietly():
            knob.setValue(text)
