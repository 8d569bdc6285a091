"""Who may import whom. The table is the design; planted violations prove that it bites."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.reading import ROOT, Import, all_imports, package_of, python_files

RECORDS = (
    "sparkvsr_bridge.settings",
    "sparkvsr_bridge.media",
    "sparkvsr_bridge.errors",
    "sparkvsr_bridge.records",
    "sparkvsr_bridge.reports",
)
SOCKETS = (
    "sparkvsr_bridge.transport",
    "sparkvsr_bridge.connections.wire",
    "sparkvsr_bridge.connections.connection",
)
CLIENTS = (
    "sparkvsr_bridge.client",
    "sparkvsr_bridge.process",
    "sparkvsr_bridge.mailbox",
    "sparkvsr_bridge.connections.link",
)
HEAVY = (
    "torch",
    "torchvision",
    "av",
    "cv2",
    "OpenImageIO",
    "PyOpenColorIO",
    "diffusers",
    "transformers",
    "scenedetect",
    "spandrel",
    "ncnn",
    "ray",
    "matplotlib",
)
OUTSIDE_WORLD = (
    "asyncio",
    "multiprocessing",
    "os",
    "pathlib",
    "shutil",
    "socket",
    "sqlite3",
    "subprocess",
    "tempfile",
    "threading",
)
HOSTS = ("bpy", "nuke", "nukescripts", "hiero", "fusionscript", "DaVinciResolveScript", "PySide2", "PySide6")
STDLIB = tuple(sys.stdlib_module_names)
ABSOLUTE = ("sparkvsr/", "sparkvsr_engine/", "sparkvsr_window/")


def rooms(*names: str) -> tuple[str, ...]:
    return tuple(f"sparkvsr_engine.{name}" for name in names)


@dataclass(frozen=True)
class Rule:
    """What files under `folder` import: only what is `allowed` (None: anything), and nothing `forbidden`.

    exempt: folders and files below that have a rule of their own.
    eager_only: imports inside functions are let through.
    """

    folder: str
    why: str
    allowed: tuple[str, ...] | None = None
    forbidden: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    eager_only: bool = False

    def judges(self, found: Import) -> bool:
        path = found.file.as_posix()
        return path.startswith(self.folder) and not path.startswith(self.exempt or ("\0",))

    def is_broken_by(self, found: Import) -> bool:
        if not self.judges(found) or (self.eager_only and found.is_lazy):
            return False
        if any(found.is_of(name) for name in self.forbidden):
            return True
        return self.allowed is not None and not any(found.is_of(name) for name in self.allowed)


RULES = (
    Rule(
        "bridge/sparkvsr_bridge/",
        "the bridge runs in any host: standard library alone",
        (*STDLIB, "sparkvsr_bridge"),
        exempt=("bridge/sparkvsr_bridge/transport/", "bridge/sparkvsr_bridge/timeline/"),
    ),
    Rule(
        "bridge/sparkvsr_bridge/transport/",
        "sockets are here and nowhere else",
        (*STDLIB, "sparkvsr_bridge", "zmq"),
    ),
    Rule(
        "bridge/sparkvsr_bridge/timeline/",
        "timelines alone need OpenTimelineIO",
        (*STDLIB, "sparkvsr_bridge", "opentimelineio"),
    ),
    Rule(
        "bridge/sparkvsr_bridge/",
        "a host without OpenTimelineIO still connects",
        forbidden=("sparkvsr_bridge.timeline",),
        exempt=("bridge/sparkvsr_bridge/timeline/",),
    ),
    Rule(
        "plugins/",
        "plugins bring nothing the host has not, and leave the engine in its own process",
        forbidden=("sparkvsr_engine", "zmq", *HEAVY),
    ),
    Rule(
        "sparkvsr_engine/core/",
        "core plans and computes: no files, sockets, threads, weights",
        (*STDLIB, "numpy", "cv2", "scenedetect", *rooms("core"), *RECORDS),
        forbidden=OUTSIDE_WORLD,
    ),
    Rule(
        "sparkvsr_engine/storage/",
        "storage keeps bytes and values, whatever they mean",
        (*STDLIB, "numpy", "zstandard", "sparkvsr_bridge.system", *rooms("storage")),
    ),
    Rule(
        "sparkvsr_engine/models/",
        "models know core and storage alone",
        forbidden=(
            *rooms("media", "references", "jobs", "daemon", "cli", "evaluation", "training", "farm"),
            *SOCKETS,
            *CLIENTS,
            "sparkvsr_bridge.messages",
        ),
    ),
    Rule(
        "sparkvsr_engine/media/",
        "media knows core and storage alone",
        forbidden=(
            *rooms("models", "references", "jobs", "daemon", "cli", "evaluation", "training", "farm"),
            "torch",
            *SOCKETS,
            *CLIENTS,
            "sparkvsr_bridge.messages",
        ),
    ),
    Rule(
        "sparkvsr_engine/references/",
        "keyframe pictures come from media and models, for jobs to use",
        forbidden=(
            *rooms("jobs", "daemon", "cli", "evaluation", "training", "farm"),
            *SOCKETS,
            *CLIENTS,
            "sparkvsr_bridge.messages",
        ),
    ),
    Rule(
        "sparkvsr_engine/jobs/",
        "jobs join models and media and know nothing above them",
        forbidden=(*rooms("daemon", "cli", "evaluation", "training"), *SOCKETS, *CLIENTS),
    ),
    Rule(
        "sparkvsr_engine/daemon/",
        "the daemon never computes",
        forbidden=(*rooms("cli", "evaluation", "training"), *HEAVY, *CLIENTS),
    ),
    Rule(
        "sparkvsr_engine/evaluation/",
        "evaluation measures results, it serves nobody",
        forbidden=(*rooms("daemon", "cli", "training"), *SOCKETS, *CLIENTS),
    ),
    Rule(
        "sparkvsr_engine/training/",
        "training is a user of the rooms below",
        forbidden=(*rooms("jobs", "daemon", "cli"), *SOCKETS, *CLIENTS),
    ),
    Rule(
        "sparkvsr_engine/cli/",
        "the command line starts quickly",
        forbidden=("numpy", "safetensors", *HEAVY),
        eager_only=True,
    ),
    Rule(
        "sparkvsr_engine/viewing/",
        "what is shown to people is read, not made",
        forbidden=(
            *rooms("models", "references", "jobs", "daemon", "cli", "evaluation", "training", "farm"),
            "torch",
        ),
    ),
    Rule("sparkvsr_engine/", "hosts are for plugins", forbidden=(*HOSTS, "sparkvsr_window")),
    Rule(
        "sparkvsr_window/",
        "the window knows the engine through the bridge alone",
        forbidden=("sparkvsr_engine", "sparkvsr", "zmq", *HEAVY),
        exempt=("sparkvsr_window/frames/codes.py",),
    ),
    Rule(
        "sparkvsr_window/model/",
        "all logic is without Qt, and reads no pixels",
        (*STDLIB, "sparkvsr_bridge", "sparkvsr_window.model", "sparkvsr_window.frames"),
    ),
    Rule(
        "sparkvsr_window/frames/",
        "pictures come from a process of their own",
        (*STDLIB, "sparkvsr_bridge", "numpy", "cv2", "sparkvsr_window.frames"),
    ),
    Rule(
        "sparkvsr_window/widgets/",
        "widgets draw what the model says",
        (*STDLIB, "sparkvsr_bridge", "PySide6", "sparkvsr_window"),
    ),
    Rule(
        "sparkvsr_window/",
        "the window's model starts before Qt, the process that reads before both",
        forbidden=("PySide6", "numpy"),
        exempt=("sparkvsr_window/widgets/",),
        eager_only=True,
    ),
    Rule(
        "sparkvsr/",
        "the door starts quickly, and drives no restorer by hand",
        forbidden=("numpy", "safetensors", "zmq", *rooms("models", "jobs", "media", "daemon"), *HEAVY),
        eager_only=True,
    ),
)


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


def is_own(found: Import) -> bool:
    """Whether a file imports from its own package."""
    room = (*package_of(found.file), found.file.stem)[0]
    return room != "plugins" and found.is_of(room)


def room_of(module: str) -> str:
    """The room of a module: `bridge`, `sparkvsr_engine.core`; each file beside the rooms is one itself."""
    parts = module.split(".")
    return parts[0] if parts[0] != "sparkvsr_engine" else ".".join(parts[:2])


def cycles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Paths of rooms that come back to where they began."""
    result: list[list[str]] = []

    def walk(path: list[str]) -> None:
        for following in sorted(edges.get(path[-1], set())):
            if following == path[0]:
                result.append([*path, following])
            elif following not in path and following > path[0]:
                walk([*path, following])

    for room in sorted(edges):
        walk([room])
    return result


def edges_between_rooms(root: Path) -> dict[str, set[str]]:
    """Which room imports which; the engine's `__init__` is left out, since it is in every import."""
    edges: dict[str, set[str]] = {}
    for result in all_imports(root, ("bridge", "sparkvsr", "sparkvsr_engine")):
        own = room_of(".".join((*package_of(result.file), result.file.stem)).removesuffix(".__init__"))
        second = room_of(result.module)
        is_ours = result.is_of("sparkvsr_bridge") or result.is_of("sparkvsr_engine")
        if is_ours and own != second and "sparkvsr_engine.__version__" not in (own, second):
            edges.setdefault(own, set()).add(second)
    return edges


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
    )
    passing_on = ("sparkvsr_engine/daemon/", "sparkvsr_engine/cli/", "sparkvsr_window/start.py", "plugins/")
    reading = [file.as_posix() for file in python_files(ROOT) if reads_environment(ROOT, file)]
    assert [file for file in reading if file not in edges and not file.startswith(passing_on)] == []


def test_every_room_has_a_rule():
    rooms_there = {
        f"{path.parent.relative_to(ROOT).as_posix()}/" for path in ROOT.glob("sparkvsr_engine/*/*.py")
    }
    assert rooms_there <= {rule.folder for rule in RULES}


def test_rooms_do_not_go_round_in_circles():
    assert cycles(edges_between_rooms(ROOT)) == []


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


def test_a_planted_circle_is_caught(tmp_path: Path):
    for room, second in [("media", "models"), ("models", "jobs"), ("jobs", "media")]:
        folder = tmp_path / "sparkvsr_engine" / room
        folder.mkdir(parents=True)
        (folder / "a.py").write_text(f"from sparkvsr_engine.{second} import a\n")
    assert len(cycles(edges_between_rooms(tmp_path))) == 1
