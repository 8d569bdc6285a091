"""A stand-in for the Nuke plugin's sources: as few files as its builder and installer need to see."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins.release.nuke import archives

INIT = "import sys\nfrom pathlib import Path\nsys.path.append(str(Path(__file__).parent))\n"
MENU = "import sparkvsr_nuke\n"


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """The plugin's folder, with what must not be shipped."""
    folder = tmp_path / "plugin sources"
    package = folder / archives.PACKAGE
    (package / "__pycache__").mkdir(parents=True)
    (folder / "init.py").write_text(INIT)
    (folder / "menu.py").write_text(MENU)
    (package / "__init__.py").write_text('"""Stand-in."""\n')
    (package / "__pycache__" / "x.pyc").write_bytes(b"built")
    return folder


@contextlib.contextmanager
def without_rights(folder: Path) -> Iterator[None]:
    """The right to write into a folder is taken away; from root, who may write anywhere, by being nobody."""
    nobody = 65534
    if sys.platform == "win32":
        pytest.skip("Windows has access lists instead of modes")
    if os.geteuid() == 0:
        os.seteuid(nobody)
    else:
        folder.chmod(0o555)
    try:
        yield
    finally:
        if os.geteuid() == nobody:
            os.seteuid(0)
        else:
            folder.chmod(0o755)
