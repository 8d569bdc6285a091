"""Draws the pictures of the Nuke dock for docs/nuke.md: `python scripts/nuke_panels.py FOLDER`.

Run it in a Python with PySide6 or PySide2; the file names have which.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZE = (460, 330)
# Nuke's own dark grey.
SHEET = "QWidget { background: #323232; color: #c8c8c8; } QPushButton { background: #444; padding: 2px 8px; }"


def main(folder: Path) -> None:
    """Draw every state."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.path[:0] = [str(ROOT), str(ROOT / "bridge"), str(ROOT / "plugins" / "nuke")]
    from sparkvsr_nuke.panel.qt import QtCore

    from tests.plugins.nuke.test_dock import STATES, make_dock

    folder.mkdir(parents=True, exist_ok=True)
    major = QtCore.qVersion().split(".")[0]
    for name, view in STATES.items():
        dock, _ = make_dock(view)
        dock.setStyleSheet(SHEET)
        dock.resize(*SIZE)
        # Laid out as on a screen.
        dock.show()
        QtCore.QCoreApplication.processEvents()
        path = folder / f"nuke-dock-{name}-qt{major}.png"
        dock.grab().save(str(path))
        print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
