"""Draws the window's Resolve panel: every state of the connection, and a planned timeline.

`python scripts/resolve_pictures.py FOLDER [light]` needs neither Resolve nor an engine: the panel is shown a
model that stands still.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bridge"), str(ROOT / "plugins" / "davinci")]

from sparkvsr_resolve.connections import connection_state  # noqa: E402
from sparkvsr_resolve.exchange.facts import ResolveFacts  # noqa: E402
from sparkvsr_resolve.panel_model import ClipRow  # noqa: E402
from sparkvsr_resolve.plans.wishes import Wishes  # noqa: E402
from sparkvsr_resolve.refusals import HostLost, HostSilent  # noqa: E402

SIZE = (420, 640)
READY = ResolveFacts(
    "DaVinci Resolve Studio", (21, 0, 4), "21.0.4", True, "Feature", "p", "Reel 3", "t", "edit"
)


def states() -> dict[str, connection_state.ConnectionState]:
    """Every state of the connection, as it comes about."""
    ready = connection_state.after_answer(READY)
    return {
        "starting": connection_state.ConnectionState(),
        "no_python": connection_state.after_probe_failed(
            "Python 3.14 at /usr/bin/python3 is none that Resolve's scripting module takes; name a 3.10 to"
            " 3.12 with SPARKVSR_RESOLVE_PYTHON."
        ),
        "no_resolve": connection_state.after_error(
            connection_state.ConnectionState(),
            HostLost(
                "No DaVinci Resolve answers: start Resolve Studio, and set Preferences > System > General >"
                " External scripting using to Local; the free edition does not answer."
            ),
        ),
        "free_edition": connection_state.after_answer(ResolveFacts("DaVinci Resolve")),
        "wedged": connection_state.after_answer(ResolveFacts("DaVinci Resolve Studio")),
        "no_project": connection_state.after_answer(dataclasses.replace(READY, timeline="", project="")),
        "no_timeline": connection_state.after_answer(dataclasses.replace(READY, timeline="")),
        "busy": connection_state.after_error(
            ready,
            HostSilent(
                "DaVinci Resolve does not answer: it shows a dialog or is at work. Close the dialog, or"
                " wait, then try again."
            ),
        ),
        "lost": connection_state.after_error(ready, HostLost("ended")),
        "ready": ready,
    }


def still_model(state: Any, rows: tuple[ClipRow, ...] = (), **values: Any) -> Any:
    """A model that stands still."""

    def nothing(*_: Any, **__: Any) -> bool:
        return False

    names = ("set_wishes", "set_option", "set_results", "look", "run", "cancel", "poll", "close")
    model = {
        "state": state,
        "wishes": Wishes(options={"scale": 2.0}),
        "task": "",
        "messages": [],
        "rows": rows,
        "needs_folder": "",
    }
    model.update(warnings=(), can_plan=state.can_place, can_run=bool(rows), **dict.fromkeys(names, nothing))
    return SimpleNamespace(**{**model, **values})


ROWS = (
    ClipRow("A012_C003", "clip", "A012_C003: upscales frames 112-187 of /rushes/A012_C003.mov.", "ready"),
    ClipRow(
        "A014_C001",
        "clip",
        "A014_C001 is left out: it has a speed that changes; a take cannot hold that; place the result on a"
        " track or as a timeline.",
        "left out",
    ),
    ClipRow("Cross Dissolve", "transition", "Cross Dissolve is left out: it is a transition.", "left out"),
)
RUNNING = (
    ClipRow(
        "A012_C003",
        "clip",
        "A012_C003: take 2 is selected; the clip's take menu compares it with the original.",
        "done",
    ),
    ClipRow("A013_C002", "clip", "Upscaling, 42 %", "working", fraction=0.42),
)
WARNINGS = (
    "A012_C003 would be reframed: the project crops media of another size at the centre, and the result has"
    " 3840x2160 instead of 1920x1080. Set such clips to Fit (--fit), or the project's Mismatched Resolution"
    " to 'Scale entire image to fit'.",
)


def draw(folder: Path, theme: str) -> None:
    """All pictures, in a theme."""
    from sparkvsr_window.widgets.application import make_application
    from sparkvsr_window.widgets.panels.resolve_panel import ResolvePanel
    from sparkvsr_window.widgets.theme import THEMES, apply_theme

    apply_theme(make_application(), THEMES[theme])
    ready = states()["ready"]
    models = {f"state-{kind}": still_model(state) for kind, state in states().items()}
    models["planned"] = still_model(ready, ROWS, warnings=WARNINGS)
    wishes = Wishes(place="timeline", scope="timeline", options={"scale": 2.0})
    need = "A new timeline needs a folder for its results; choose one."
    models["folder"] = still_model(ready, ROWS, wishes=wishes, needs_folder=need, can_run=False)
    models["running"] = still_model(ready, RUNNING, task="run", can_plan=False, can_run=False)
    folder.mkdir(parents=True, exist_ok=True)
    heads: dict[str, int] = {}
    for name, model in models.items():
        panel = ResolvePanel(model, lambda _: None)
        panel.resize(*SIZE)
        path = folder / f"resolve-{name}-{theme}.png"
        panel.grab().save(str(path))
        if name.startswith("state-"):
            heads[str(path)] = panel.scope.y() - 4
    _draw_sheet(heads, folder / f"resolve-states-{theme}.png")


def _draw_sheet(heads: dict[str, int], target: Path) -> None:
    """What the states look like, on one picture. heads: path of each state's picture -> height of its
    head.
    """
    from PySide6.QtCore import QPoint, QRect
    from PySide6.QtGui import QImage, QPainter

    height = max(heads.values())
    sheet = QImage(SIZE[0] * 2, height * -(-len(heads) // 2), QImage.Format.Format_RGB32)
    sheet.fill(QImage(next(iter(heads))).pixelColor(1, 1))
    painter = QPainter(sheet)
    for index, (path, head) in enumerate(heads.items()):
        place = QPoint(index % 2 * SIZE[0], index // 2 * height)
        painter.drawImage(place, QImage(path), QRect(0, 0, SIZE[0], head))
    painter.end()
    sheet.save(str(target))


if __name__ == "__main__":
    draw(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "dark")
