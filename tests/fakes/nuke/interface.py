"""Dialogs, progress bars and viewers: each raises in `-t`, and notes what it showed elsewhere."""

from __future__ import annotations

from typing import Any

from tests.fakes.nuke.application import current
from tests.fakes.nuke.contract import held_to_the_table
from tests.fakes.nuke.groups import ViewerWindow
from tests.fakes.nuke.nodes import Node
from tests.fakes.nuke.refusals import refused


def _show(kind: str, text: str) -> None:
    current().need_interface(f"nuke.{kind}")
    current().messages.append((kind, str(text)))


def _answer(kind: str, text: str, default: Any) -> Any:
    _show(kind, text)
    return current().answers.pop(0) if current().answers else default


def message(prompt: str) -> None:
    _show("message", prompt)


def alert(prompt: str) -> None:
    _show("alert", prompt)


def ask(prompt: str) -> bool:
    return bool(_answer("ask", prompt, True))


def askWithCancel(prompt: str) -> bool:
    answer = _answer("askWithCancel", prompt, True)
    if answer is None:
        raise RuntimeError("Cancelled")
    return bool(answer)


def choice(title: str, prompt: str, options: list[str], default: int = 0) -> int:
    return int(_answer("choice", f"{title}: {prompt}", default))


def getInput(prompt: str, default: str) -> str | None:
    return _answer("getInput", prompt, default)


def getFilename(message: str, *_: Any, **__: Any) -> str | None:
    return _answer("getFilename", message, None)


def getClipname(prompt: str, *_: Any, **__: Any) -> str | None:
    return _answer("getClipname", prompt, None)


def getFramesAndViews(label: str, default: str = "", maxviews: int = 0) -> Any:
    return _answer("getFramesAndViews", label, [default, list(current().views)])


def warning(message: str) -> None:
    current().messages.append(("warning", str(message)))


def debug(message: str) -> None:
    """Goes to a terminal."""


def tprint(value: Any = "", *_: Any, **__: Any) -> None:
    current().messages.append(("tprint", str(value)))


def activeViewer() -> ViewerWindow | None:
    current().need_interface("nuke.activeViewer")
    viewer = current().active_viewer
    return viewer if viewer is not None and viewer._viewer._is_there else None


def connectViewer(inputNum: int, node: Node) -> None:
    from tests.fakes.nuke.creation import new_node

    current().need_interface("nuke.connectViewer")
    window = current().active_viewer
    if window is None:
        viewer = new_node("Viewer", current().root)
        window = ViewerWindow.__new__(ViewerWindow)
        window._viewer, window._active = viewer, inputNum
        current().active_viewer = window
    window._viewer._connect(inputNum, node)
    window._active = inputNum


def show(n: Node | None = None, forceFloat: bool = False) -> None:
    current().need_interface("nuke.show")
    if n is not None:
        n.showControlPanel()


def zoom(scale: float = 0, center: Any = None, group: Any = None) -> float:
    current().need_interface("nuke.zoom")
    return 1.0


def center() -> list[float]:
    current().need_interface("nuke.center")
    return [0.0, 0.0]


def zoomToFitSelected() -> None:
    current().need_interface("nuke.zoomToFitSelected")


def showDag(n: Node | None = None) -> None:
    current().need_interface("nuke.showDag")


def getPaneFor(panelName: str) -> Any:
    current().need_interface("nuke.getPaneFor")
    return panelName if panelName in current().panels else None


def thisPane() -> Any:
    current().need_interface("nuke.thisPane")
    return None


def executeInMainThread(call: Any, args: Any = (), kwargs: Any = None) -> None:
    raise refused(RuntimeError("executeInMainThread is not to be used at all: it freezes Nuke"))


def executeInMainThreadWithResult(call: Any, args: Any = (), kwargs: Any = None) -> None:
    raise refused(RuntimeError("executeInMainThreadWithResult is not to be used at all: it freezes Nuke"))


@held_to_the_table
class ProgressTask:
    """A progress bar with a cancel button. `cancel_at` of the application presses it after so many asks."""

    def __init__(self, name: str) -> None:
        current().need_interface("ProgressTask")
        self._name, self._percent, self._message, self._polls = name, 0, "", 0
        current().progress.append(self)

    def setProgress(self, percent: int) -> None:
        if isinstance(percent, bool) or not isinstance(percent, int):
            raise refused(TypeError(f"progress is a whole number from 0 to 100, not {percent!r}"))
        self._percent = percent

    def setMessage(self, text: str) -> None:
        self._message = text

    def isCancelled(self) -> bool:
        self._polls += 1
        limit = current().cancel_at
        return limit is not None and self._polls > limit
