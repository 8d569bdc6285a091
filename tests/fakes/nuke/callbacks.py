"""Callbacks: functions registered by class, and Python held in knobs.

`knobChanged` runs when the panel is open, with the dummy knobs `showPanel`, `hidePanel` and `inputChange`
too, and in `-t` while a script loads (Cryptomatte #6, #99). What a callback raises is printed, and noted in
`callback_errors`, except on save, where it stops the save (ayon-nuke #36).
"""

from __future__ import annotations

import sys
import traceback
from typing import Any

from tests.fakes.nuke.application import current

KINDS = (
    "OnUserCreate",
    "OnCreate",
    "OnScriptLoad",
    "OnScriptSave",
    "OnScriptClose",
    "OnDestroy",
    "KnobChanged",
    "UpdateUI",
    "Autolabel",
    "BeforeRender",
    "BeforeFrameRender",
    "AfterFrameRender",
    "AfterRender",
    "RenderProgress",
    "BeforeBackgroundRender",
    "AfterBackgroundFrameRender",
    "AfterBackgroundRender",
    "FilenameFilter",
)
REMOVED_AS = {"FilenameFilter": "removeFilenameFilter"}


def registration(kind: str) -> dict[str, Any]:
    """`addX` and `removeX` of the module."""

    def add(call: Any, args: Any = (), kwargs: Any = None, nodeClass: str = "*", node: Any = None) -> None:
        entry = (nodeClass, node, call, tuple(args), dict(kwargs or {}))
        entries = current().callbacks.setdefault(kind, [])
        if entry not in entries:
            entries.append(entry)

    def remove(call: Any, args: Any = (), kwargs: Any = None, nodeClass: str = "*", node: Any = None) -> None:
        entries = current().callbacks.get(kind, [])
        entries[:] = [entry for entry in entries if entry[:3] != (nodeClass, node, call)]

    return {f"add{kind}": add, f"remove{kind}": remove}


def fire(kind: str, node: Any, knob: Any = None, argument: Any = None, is_loud: bool = False) -> None:
    """Run what is registered for this node, and what its own knob holds."""
    running = current()
    codes = [_own_code(kind, node)]
    calls = [
        (call, args, kwargs)
        for class_name, only, call, args, kwargs in list(running.callbacks.get(kind, []))
        if class_name in ("*", node._class) and only in (None, node)
    ]
    if not calls and not codes[0]:
        return
    running.callback_calls.append((kind, node._full_name()))
    extra = () if argument is None else (argument,)
    for call, args, kwargs in calls:
        _guarded(
            lambda call=call, args=args, kwargs=kwargs: call(*extra, *args, **kwargs), node, knob, is_loud
        )
    for code in codes:
        if code:
            _guarded(lambda code=code: _execute(code), node, knob, is_loud)


def run_code(code: str, node: Any, knob: Any) -> None:
    """Python of a button: what it raises is shown to the artist, here raised."""
    running = current()
    running.this.append((node, knob))
    try:
        _execute(code)
    finally:
        running.this.pop()


def _own_code(kind: str, node: Any) -> str:
    name = kind[0].lower() + kind[1:]
    knob = node._knobs.get(name)
    return str(knob._state) if knob is not None else ""


def _execute(code: str) -> None:
    import nuke  # type: ignore[import-not-found]

    exec(compile(code, "<knob>", "exec"), {"nuke": nuke, "__name__": "__main__"})


def _guarded(call: Any, node: Any, knob: Any, is_loud: bool) -> None:
    running = current()
    running.this.append((node, knob))
    try:
        call()
    except Exception:
        running.callback_errors.append(traceback.format_exc())
        sys.stderr.write(traceback.format_exc())
        if is_loud:
            raise
    finally:
        running.this.pop()
