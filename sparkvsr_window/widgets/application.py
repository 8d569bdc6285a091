"""The Qt program around the window."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from sparkvsr_window.model.window_model import EDITOR, WindowModel
from sparkvsr_window.widgets.main_window import MainWindow
from sparkvsr_window.widgets.panels.resolve_panel import ResolveModel
from sparkvsr_window.widgets.theme import DARK, THEMES, apply_theme


def make_application() -> QApplication:
    """The program, without a window yet."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(["sparkvsr"])
    application.setApplicationName("SparkVSR")
    application.setStyle("Fusion")
    return application


def make_window(model: WindowModel, waking: list[Callable[[], None]]) -> MainWindow:
    """The window of a model. waking: gets what threads call when the model has something to do."""
    application = make_application()
    apply_theme(application, THEMES.get(str(model.memory.get("theme")), DARK))
    window = MainWindow(model)
    waking.append(window.woken.emit)
    return window


def run_application(
    model: WindowModel, waking: list[Callable[[], None]], resolve: ResolveModel | None = None
) -> int:
    """Show the window until it is closed. resolve: DaVinci Resolve, where the window is connected to it."""
    application = make_application()
    model.keyframes.open_editor = lambda path: open_picture(path, str(model.memory.get(EDITOR, "")))
    window = make_window(model, waking)
    if resolve is not None:
        window.connect_resolve(resolve)
    window.show()
    return application.exec()


def open_picture(path: Path, editor: str) -> None:
    """Open a picture in an editor; without one in the program that the system opens such files with."""
    if not editor:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
    elif sys.platform == "darwin" and editor.endswith(".app"):
        QProcess.startDetached("open", ["-a", editor, str(path)])
    else:
        QProcess.startDetached(editor, [str(path)])
