"""Changes to the script that are no edit of the artist's: no undo step, and not 'modified'. Main thread."""

from __future__ import annotations

import contextlib
from typing import Iterator

import nuke


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Undo is off in the block, and the script is as modified after it as before."""
    root = nuke.root()
    was_modified, was_disabled = root.modified(), nuke.Undo.disabled()
    if not was_disabled:
        nuke.Undo.disable()
    try:
        yield
    finally:
        if not was_disabled:
            nuke.Undo.enable()
        root.setModified(was_modified)


@contextlib.contextmanager
def render_state_kept() -> Iterator[None]:
    """Proxy is off in the block; proxy, frame and selection are as before after it, whatever happens."""
    root = nuke.root()
    was_proxy, frame = bool(root.proxy()), nuke.frame()
    selection = list(nuke.selectedNodes())
    try:
        if was_proxy:
            root.setProxy(False)
        yield
    finally:
        if bool(root.proxy()) != was_proxy:
            root.setProxy(was_proxy)
        if nuke.frame() != frame:
            nuke.frame(frame)
        for node in nuke.selectedNodes():
            node.setSelected(False)
        for node in selection:
            node.setSelected(True)


@contextlib.contextmanager
def one_undo(name: str) -> Iterator[None]:
    """All changes in the block are one step of the undo menu."""
    nuke.Undo.begin(name)
    try:
        yield
    finally:
        nuke.Undo.end()
