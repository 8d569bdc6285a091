"""Who may import whom. The table is the design; planted violations prove that it bites."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.import_rules import ABSOLUTE, HEAVY, RULES
from tests.architecture.reading import ROOT, Import, all_imports, package_of, python_files


def broken(root: Path) -> list[str]:
    """Every violation of the table, and of the rules that are no table, in words."""
    result = all_imports(root)
    by_table = [f"{item}: {rule.why}" for item in result for rule in RULES if rule.is_broken_by(item)]
    relative = [
        f"{item}: {'relative' if must else 'absolute'} imports here"
        for item in result
        for must in [not item.file.as_posix().startswith(ABSOLUTE)]
        if is_own(item) and item.is_relative != must
    ]
    packages = [
        f"{item}: importing a package imports nothing heavy"
        for item in result
        if item.file.name == "__init__.py" and not item.is_lazy and any(item.is_of(name) for name in HEAVY)
    ]
    links = [
        f"{item}: a plugin imports the bridge in bridge_link.py alone"
        for item in result
        if item.file.parts[0] == "plugins"
        and item.is_of("sparkvsr_bridge")
        and item.file.name != "bridge_link.py"
    ]
    return [*by_table, *relative, *packages, *links]


def is_own(imported: Import) -> bool:
    """Whether a file imports from its own package."""
    package = (*package_of(imported.file), imported.file.stem)[0]
    return package != "plugins" and imported.is_of(package)


def test_nobody_imports_what_it_may_not():
    assert broken(ROOT) == []


def reads_environment(root: Path, file: Path) -> bool:
    """Whether a file looks at environment variables."""
    tree = ast.parse((root / file).read_text("utf-8"))
    return any(
        isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") for node in ast.walk(tree)
    )


def test_settings_flow_down_as_arguments_and_only_the_edges_read_the_environment():
    edges = (
        "bridge/sparkvsr_bridge/system/folders.py",
        "bridge/sparkvsr_bridge/process.py",
        "sparkvsr_engine/config.py",
        # Refuses what would read them for a client of another machine.
        "sparkvsr_engine/access/boundary.py",
    )
    passing_on = ("sparkvsr_engine/daemon/", "sparkvsr_engine/cli/", "sparkvsr_window/start.py", "plugins/")
    reading = [file.as_posix() for file in python_files(ROOT) if reads_environment(ROOT, file)]
    assert [file for file in reading if file not in edges and not file.startswith(passing_on)] == []


def test_every_room_has_a_rule():
    rooms_there = {
        f"{path.parent.relative_to(ROOT).as_posix()}/" for path in ROOT.glob("sparkvsr_engine/*/*.py")
    }
    assert rooms_there <= {rule.folder for rule in RULES}


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("bridge/sparkvsr_bridge/connections/wire.py", "import numpy"),
        ("bridge/sparkvsr_bridge/connections/wire.py", "def f():\n    import zmq"),
        ("bridge/sparkvsr_bridge/client.py", "from .timeline import reading"),
        ("bridge/sparkvsr_bridge/client.py", "from sparkvsr_bridge.connections.wire import decode"),
        ("bridge/sparkvsr_bridge/transport/server.py", "import opentimelineio"),
        ("plugins/blender/sidebar/panels.py", "import zmq"),
        ("plugins/blender/sidebar/panels.py", "import sparkvsr_bridge"),
        ("plugins/nuke/menu.py", "from sparkvsr_engine import core"),
        ("sparkvsr_engine/core/tiles.py", "import torch"),
        ("sparkvsr_engine/core/tiles.py", "from pathlib import Path"),
        ("sparkvsr_engine/core/tiles.py", "from sparkvsr_bridge import wire"),
        ("sparkvsr_engine/core/tiles.py", "from sparkvsr_engine.media import base"),
        ("sparkvsr_engine/core/tiles.py", "from .frames import FrameSpan"),
        ("sparkvsr_engine/storage/packing.py", "from sparkvsr_engine.core.frames import FrameSpan"),
        ("sparkvsr_engine/models/lite/loading.py", "from sparkvsr_engine.media.base import FrameSource"),
        ("sparkvsr_engine/models/lite/__init__.py", "import torch"),
        ("sparkvsr_engine/media/movies.py", "from sparkvsr_engine.models import base"),
        ("sparkvsr_engine/jobs/running/runner.py", "import sparkvsr_engine.daemon.server"),
        ("sparkvsr_engine/jobs/running/runner.py", "from sparkvsr_bridge.transport import ServerTransport"),
        ("sparkvsr_engine/daemon/server.py", "def f():\n    import torch"),
        ("sparkvsr_engine/daemon/server.py", "from sparkvsr_bridge import client"),
        ("sparkvsr_engine/cli/main.py", "import av"),
        ("sparkvsr/engine.py", "import zmq"),
        ("sparkvsr/arrays.py", "from sparkvsr_engine.jobs import in_memory"),
        ("sparkvsr_engine/config.py", "import bpy"),
        ("sparkvsr_engine/cli/main.py", "import sparkvsr_window"),
        ("sparkvsr_window/model/core.py", "def f():\n    import PySide6"),
        ("sparkvsr_window/model/core.py", "from sparkvsr_window.widgets import theme"),
        ("sparkvsr_window/frames/reader.py", "from sparkvsr_engine.media import probe"),
        ("sparkvsr_window/widgets/viewer.py", "import numpy"),
    ],
)
def test_a_planted_violation_is_caught(tmp_path: Path, file: str, line: str):
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(f"{line}\n")
    assert len(broken(tmp_path)) >= 1


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("bridge/sparkvsr_bridge/connections/wire.py", "from .errors import SparkVSRError\nimport json"),
        ("bridge/sparkvsr_bridge/transport/server.py", "import zmq\nfrom ..wire import decode"),
        ("plugins/blender/bridge_link.py", "import sparkvsr_bridge"),
        (
            "sparkvsr_engine/core/tiles.py",
            "import numpy as np\nfrom sparkvsr_bridge.settings import Keyframe",
        ),
        ("sparkvsr_engine/cli/main.py", "def f():\n    import torch"),
        ("sparkvsr/arrays.py", "def f():\n    from sparkvsr_engine.jobs import in_memory"),
        ("sparkvsr_engine/daemon/server.py", "from sparkvsr_bridge.transport import ServerTransport"),
    ],
)
def test_what_the_design_allows_is_let_through(tmp_path: Path, file: str, line: str):
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(f"{line}\n")
    assert broken(tmp_path) == []
