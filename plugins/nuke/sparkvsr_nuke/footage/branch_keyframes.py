"""Which frames the branch `keyframes` offers: painted ones, else its Read's files. Main thread."""

from __future__ import annotations

from typing import Any, List, Tuple

import nuke

from ..node.node_knobs import frame_range
from ..refusals import Refused
from .frame_mapping import UnclearMapping
from .numbered_files import is_movie
from .read_facts import absolute, evaluated, names_in_folders, timing_of

_PAINT = ("Roto", "RotoPaint")


def branch_frames(node: Any) -> Tuple[int, ...]:
    """The frames of the node's range that the branch has a picture of its own for. Raises Refused."""
    branch = node.input(1)
    if branch is None:
        raise Refused("Nothing is connected to 'keyframes'; connect a Read or a painted branch.")
    first, last = frame_range(node)
    chain = _chain(branch)
    painted = {int(time) for node in chain if node.Class() in _PAINT for time in node["curves"].getKeyList()}
    frames = sorted(frame for frame in painted if first <= frame <= last)
    reads = [node for node in chain if node.Class() == "Read"]
    if not frames and reads:
        frames = _frames_with_files(reads[0], range(first, last + 1))
    if not frames:
        raise Refused("The branch has no painted frame and no file in the range; add frames by hand.")
    return tuple(frames)


def _chain(node: Any) -> List[Any]:
    """The nodes before an input, along their first inputs."""
    chain: List[Any] = []
    while node is not None and node not in chain:
        chain.append(node)
        node = node.input(0)
    return chain


def _frames_with_files(read: Any, frames: range) -> List[int]:
    timing, view = timing_of(read), nuke.views()[0]
    names_in = names_in_folders()
    offered: List[int] = []
    last_number = None
    for frame in frames:
        try:
            number = timing.file_frame(frame)
        except UnclearMapping as error:
            raise Refused(f"{read.name()}: {error}; add frames by hand.") from error
        if number is None or number == last_number:
            continue
        last_number = number
        folder, _, name = absolute(evaluated(read["file"], number, view)).rpartition("/")
        if name in names_in(folder) and not is_movie(name):
            offered.append(frame)
    return offered
