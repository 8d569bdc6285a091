"""A plugin can carry the bridge under its own name, beside any other."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHECK = """
import sys
from pkg._vendor import bridge
from pkg._vendor.bridge.transport import ServerTransport
assert bridge.__name__ == "pkg._vendor.bridge"
assert ServerTransport.__module__.startswith("pkg._vendor.bridge.")
assert "sparkvsr_bridge" not in sys.modules, "a top-level bridge came along"
for name in ("numpy", "torch", "opentimelineio", "sparkvsr_engine", "asyncio"):
    assert name not in sys.modules, name
"""


def test_a_copy_inside_another_package_works_and_brings_no_top_level_bridge(tmp_path: Path):
    package = tmp_path / "pkg" / "_vendor"
    shutil.copytree(
        ROOT / "bridge" / "sparkvsr_bridge", package / "bridge", ignore=shutil.ignore_patterns("__pycache__")
    )
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    # -I leaves this folder and PYTHONPATH out, so that the checkout cannot help.
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{CHECK}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
