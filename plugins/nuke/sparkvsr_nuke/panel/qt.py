"""Qt as this Nuke has it: PySide6 from 16 on, PySide2 before."""

from __future__ import annotations

try:
    from PySide6 import QtCore, QtGui, QtWidgets
except ImportError:
    from PySide2 import QtCore, QtGui, QtWidgets  # type: ignore[no-redef]

__all__ = ["QtCore", "QtGui", "QtWidgets"]
