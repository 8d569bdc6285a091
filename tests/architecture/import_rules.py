"""The table of who may import whom."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from tests.architecture.reading import Import

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


def packages(*names: str) -> tuple[str, ...]:
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

    def judges(self, imported: Import) -> bool:
        path = imported.file.as_posix()
        return path.startswith(self.folder) and not path.startswith(self.exempt or ("\0",))

    def is_broken_by(self, imported: Import) -> bool:
        if not self.judges(imported) or (self.eager_only and imported.is_lazy):
            return False
        if any(imported.is_of(name) for name in self.forbidden):
            return True
        return self.allowed is not None and not any(imported.is_of(name) for name in self.allowed)


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
        (*STDLIB, "numpy", "cv2", "scenedetect", *packages("core"), *RECORDS),
        forbidden=OUTSIDE_WORLD,
    ),
    Rule(
        "sparkvsr_engine/storage/",
        "storage keeps bytes and values, whatever they mean",
        (*STDLIB, "numpy", "zstandard", "sparkvsr_bridge.system", *packages("storage")),
    ),
    Rule(
        "sparkvsr_engine/access/",
        "rules for remote clients know records and files, whoever asks",
        (
            *STDLIB,
            "sparkvsr_bridge",
            *packages("access", "storage", "remote_config"),
        ),
        forbidden=(*SOCKETS, *CLIENTS),
    ),
    Rule(
        "sparkvsr_engine/models/",
        "models know core and storage alone",
        forbidden=(
            *packages("media", "references", "jobs", "daemon", "cli", "evaluation", "training", "farm"),
            *SOCKETS,
            *CLIENTS,
            "sparkvsr_bridge.messages",
        ),
    ),
    Rule(
        "sparkvsr_engine/media/",
        "media knows core and storage alone",
        forbidden=(
            *packages("models", "references", "jobs", "daemon", "cli", "evaluation", "training", "farm"),
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
            *packages("jobs", "daemon", "cli", "evaluation", "training", "farm"),
            *SOCKETS,
            *CLIENTS,
            "sparkvsr_bridge.messages",
        ),
    ),
    Rule(
        "sparkvsr_engine/jobs/",
        "jobs join models and media and know nothing above them",
        forbidden=(*packages("daemon", "cli", "evaluation", "training", "streams"), *SOCKETS, *CLIENTS),
    ),
    Rule(
        "sparkvsr_engine/farm/",
        "a farm's hosts need no daemon",
        forbidden=(*packages("daemon", "cli", "evaluation", "training"), *SOCKETS, *CLIENTS, "openjd", "ray"),
    ),
    Rule(
        "sparkvsr_engine/daemon/",
        "the daemon never computes",
        forbidden=(*packages("cli", "evaluation", "training", "streams"), *HEAVY, *CLIENTS),
    ),
    Rule(
        "sparkvsr_engine/streams/",
        "small streams are made and restored by media, models and jobs, and judged by what"
        " evaluation measures",
        forbidden=(*packages("daemon", "cli", "training"), *SOCKETS, *CLIENTS),
    ),
    Rule(
        "sparkvsr_engine/evaluation/",
        "evaluation measures results, it serves nobody",
        forbidden=(*packages("daemon", "cli", "training", "streams"), *SOCKETS, *CLIENTS),
    ),
    Rule(
        "sparkvsr_engine/training/",
        "training is a user of the rooms below",
        forbidden=(*packages("jobs", "daemon", "cli"), *SOCKETS, *CLIENTS),
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
            *packages("models", "references", "jobs", "daemon", "cli", "evaluation", "training", "farm"),
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
        "widgets draw the model",
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
        forbidden=("numpy", "safetensors", "zmq", *packages("models", "jobs", "media", "daemon"), *HEAVY),
        eager_only=True,
    ),
)
