"""What a probe of this machine chose for `auto`, kept in the home folder. Loads neither torch nor OpenVINO.

A choice changes pixels by a few thousandths, so it is made by `sparkvsr doctor`, and never while a job runs.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from sparkvsr_engine.models.backends.names import OPENVINO, OPENVINO_8_BIT, TORCH, is_installed
from sparkvsr_engine.storage.whole_files import written_whole

_NAME = "backend.json"


@dataclass(frozen=True)
class ProbeRecord:
    """Processor seconds of all backends, and the machine they were measured on.

    chosen: `torch`, `openvino` or `openvino:8bit`. torch_seconds, openvino_seconds, eight_bit_seconds: of one
    small frame's network passes.
    """

    chosen: str
    torch_seconds: float
    openvino_seconds: float
    eight_bit_seconds: float
    machine: str


def machine_name() -> str:
    """This machine with the versions of what was measured: a record of another is not believed."""
    versions = [f"{name} {importlib.metadata.version(name)}" for name in (TORCH, OPENVINO)]
    return ", ".join([platform.node(), platform.machine(), f"{psutil.cpu_count()} cores", *versions])


def write_record(home: Path, record: ProbeRecord) -> None:
    """Keep a probe's result; it replaces the one before."""
    with written_whole(home / _NAME) as partial:
        partial.write_text(json.dumps(asdict(record), indent=1), encoding="utf-8")


def read_record(home: Path) -> ProbeRecord | None:
    """The last probe's result; None where there is none, or it is another machine's or other versions'."""
    if not is_installed():
        return None
    try:
        record = ProbeRecord(**json.loads((home / _NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return record if record.machine == machine_name() else None


def recorded_device(device: str, home: Path) -> str:
    """`auto` as `openvino` or `openvino:8bit` where a probe chose it; any other device as it is."""
    if device != "auto":
        return device
    record = read_record(home)
    return record.chosen if record is not None and record.chosen in (OPENVINO, OPENVINO_8_BIT) else device
