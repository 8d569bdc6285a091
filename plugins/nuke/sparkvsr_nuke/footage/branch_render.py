"""Renders a branch to EXR in the working space: only the frames needed, only what changed. Main thread."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Sequence

import nuke

from ..node.quiet import quietly, render_state_kept
from ..node.tcl_text import literal_path
from ..refusals import Cancelled, Refused
from .render_manifest import RenderFolder, folder_for, missing


@dataclasses.dataclass(frozen=True)
class Branch:
    """What is rendered.

    source: the branch's last node. base: folder of this node's renders. name: `source` or `keyframes`.
    colour: the working space, which the values are in.
    """

    source: Any
    base: Path
    name: str
    colour: str
    views: Sequence[str]


def render_branch(branch: Branch, frames: Sequence[int]) -> RenderFolder:
    """The folder that holds the frames, rendered where they are not there yet.

    frames: of the script. Root's proxy, frame and the selection are as before afterwards, even after a
    failure. Raises Refused when the render fails or is cancelled; complete frames are kept.
    """
    with quietly(), render_state_kept():
        hashes = _hashes(branch.source, frames)
        folder = folder_for(branch.base, branch.name, _key(branch), hashes, branch.views)
        needed = missing(folder, hashes, branch.views)
        if needed:
            try:
                _render(branch, folder, needed, hashes)
            finally:
                folder.save()
    return folder


def _hashes(source: Any, frames: Sequence[int]) -> dict[int, str]:
    """What the branch is at each frame; it is only evaluated there."""
    hashes = {}
    for frame in frames:
        nuke.frame(frame)
        hashes[frame] = branch_hash(source)
    return hashes


def branch_hash(source: Any) -> str:
    """What a branch is at the current frame, as short text."""
    text = " ".join(map(str, source.opHashes()))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def _key(branch: Branch) -> str:
    chosen = branch.source.format()
    size = f"{chosen.width()}x{chosen.height()} {chosen.pixelAspect():g}"
    return f"{branch.colour} {size} {' '.join(branch.views)}"


def _render(branch: Branch, folder: RenderFolder, frames: Sequence[int], hashes: Mapping[int, str]) -> None:
    with _writing(branch, folder) as write, _progress(branch.name) as task:
        for place, frame in enumerate(frames):
            if task is not None:
                if task.isCancelled():
                    raise Cancelled("Rendering the branch was cancelled; its finished frames are kept.")
                task.setMessage(f"frame {frame}")
                task.setProgress(100 * place // len(frames))
            try:
                nuke.execute(write, frame, frame, 1, list(branch.views))
            except RuntimeError as error:
                _raise(branch, frame, error)
            folder.hashes[frame] = hashes[frame]


def _raise(branch: Branch, frame: int, error: RuntimeError) -> None:
    if "cancel" in str(error).lower():
        raise Cancelled("Rendering the branch was cancelled; its finished frames are kept.") from error
    raise Refused(
        f"Nuke could not render frame {frame} of {branch.source.name()}: {str(error).rstrip('.')}; correct"
        " the branch and send the job again."
    ) from error


@contextlib.contextmanager
def _writing(branch: Branch, folder: RenderFolder) -> Iterator[Any]:
    """A Write behind the branch, gone afterwards."""
    with branch.source.parent():
        write = nuke.nodes.Write()
    try:
        write.setInput(0, branch.source)
        write["file"].setValue(literal_path(folder.pattern("%V")))
        write["file_type"].setValue("exr")
        write["channels"].setValue("rgba")
        # The values of the working space as they are.
        write["raw"].setValue(True)
        write["use_limit"].setValue(False)
        write["create_directories"].setValue(True)
        write["on_error"].setValue("error")
        yield write
    finally:
        nuke.delete(write)


@contextlib.contextmanager
def _progress(name: str) -> Iterator[Optional[Any]]:
    """Nuke's progress bar in the interface; None in a terminal."""
    if not nuke.GUI:
        yield None
        return
    task = nuke.ProgressTask(f"SparkVSR: rendering the {name}")
    try:
        yield task
    finally:
        # The bar closes with its object.
        del task
