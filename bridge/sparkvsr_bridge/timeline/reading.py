"""A timeline file, whatever program wrote it, as OpenTimelineIO's objects; or a sentence why not."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import logging
import os
import re
import warnings
from fractions import Fraction
from typing import Any, Dict, Generator, List, Optional, cast

from ..errors import InvalidSettings, MediaUnreadable, ModelMissing
from ..system.installing import install_command
from .library import otio
from .timing import exact_rate

ADAPTERS = {
    ".edl": ("cmx_3600", "otio_cmx3600_adapter"),
    ".xml": ("fcp_xml", "otio_fcp_adapter"),
    ".aaf": ("AAF", "otio_aaf_adapter"),
}
READABLE = (".otio", ".otioz", ".otiod", *ADAPTERS)
_SCHEMA = re.compile(r'"OTIO_SCHEMA"\s*:\s*"([A-Za-z_]\w*)\.(\d+)"')
_BEYOND = re.compile(r"frames beyond|rate mismatch|Frame rate", re.IGNORECASE)
EDL_RATE = 24.0
_FRAME_COUNT = re.compile(r"\s*FCM:\s*(NON-)?DROP", re.IGNORECASE)
_COUNTED = re.compile(r"\s*(\d+\s|M2\s|\*\s*LOC:)")
_TIMECODES = re.compile(r"\b(\d\d:\d\d:\d\d):(\d\d)\b")


def read_timeline(path: str, rate: Optional[float] = None) -> Any:
    """What a file holds.

    Args:
        path: of the timeline.
        rate: of an EDL.

    Raises:
        MediaUnreadable: for a file that cannot be read, InvalidSettings for one that must not be,
            ModelMissing for an adapter that is not installed.
    """
    ending = os.path.splitext(path)[1].lower()
    if ending == ".fcpxml" or _is_fcpxml(path, ending):
        raise MediaUnreadable(
            f"{path} is FCPXML, whose adapter loses the media of every clip; export FCP 7 XML, AAF or OTIO."
        )
    if ending not in READABLE:
        raise MediaUnreadable(f"{path} is no timeline that is read here; use one of {', '.join(READABLE)}.")
    if not os.path.isfile(path):
        raise MediaUnreadable(f"{path} is not there, or is no file; check the path.")
    if rate is not None and ending != ".edl":
        raise InvalidSettings(f"{path} names its own rates; --rate is for EDLs.")
    root = _read_otio(path) if ending == ".otio" else _read_adapted(path, ending, rate)
    if not isinstance(
        root,
        (otio.schema.Timeline, otio.schema.Clip, otio.core.Composition, otio.schema.SerializableCollection),
    ):
        raise MediaUnreadable(f"{path} holds a {type(root).__name__}, which is no timeline.")
    return root


def _read_otio(path: str) -> Any:
    with _reasons(path):
        with open(path, "rb") as file:
            content = file.read()
        text = content.decode("utf-8-sig")
    try:
        return otio.adapters.read_from_string(text, "otio_json")
    except Exception as problem:
        newer = newer_schemas(text)
        if newer:
            raise MediaUnreadable(
                f"{path} uses {', '.join(newer)}, which OpenTimelineIO {otio.__version__} does not read;"
                " export it for an older version, or update OpenTimelineIO."
            ) from problem
        raise MediaUnreadable(f"{path} cannot be read as OTIO: {_first_line(problem)}.") from problem


def newer_schemas(text: str) -> List[str]:
    """The schemas in a document that this OpenTimelineIO lacks, with the version it has; in order of name.

    Args:
        text: the document's JSON.
    """
    versions = otio.core.type_version_map()
    outside_metadata = _schemas_outside_metadata(text)
    newer = sorted(
        (name, version)
        for name, version in outside_metadata
        if name not in _TIME_SCHEMAS and version > versions.get(name, _LEGACY.get(name, 0))
    )
    return [
        f"{name}.{version}"
        + (f" (it has {name}.{versions[name]})" if name in versions else " (it has no such schema)")
        for name, version in newer
    ]


_TIME_SCHEMAS = ("RationalTime", "TimeRange", "TimeTransform", "V2d", "Box2d", "Color")
# Names of old schemas that are read as their successors.
_LEGACY = {"Sequence": 1, "Filler": 1, "SerializeableCollection": 1}


def _schemas_outside_metadata(text: str) -> set[tuple[str, int]]:
    try:
        document = json.loads(text)
    except ValueError:
        return {(name, int(version)) for name, version in _SCHEMA.findall(text)}
    schemas: set[tuple[str, int]] = set()
    waiting: List[Any] = [document]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            table = cast("Dict[str, Any]", item)
            name, _, version = str(table.get("OTIO_SCHEMA", "")).rpartition(".")
            if name and version.isdigit():
                schemas.add((name, int(version)))
            waiting += [value for key, value in table.items() if key != "metadata"]
        elif isinstance(item, list):
            waiting += cast("List[Any]", item)
    return schemas


def _read_adapted(path: str, ending: str, rate: Optional[float]) -> Any:
    name, package = ADAPTERS[ending]
    if importlib.util.find_spec(package) is None:
        raise ModelMissing(
            f"{path} needs the package {package}; install it: {install_command('sparkvsr[timeline]')}"
        )
    try:
        with _quiet():
            if ending != ".edl":
                return otio.adapters.read_from_file(path, adapter_name=name)
            speed = exact_rate(rate or EDL_RATE)
            return otio.adapters.read_from_string(edl_text(path, speed), name, rate=float(speed))
    except Exception as problem:
        reason = _first_line(problem)
        if ending == ".edl" and (_BEYOND.search(reason) or rate is None):
            at = f"{rate or EDL_RATE:g}"
            raise MediaUnreadable(
                f"{path} cannot be read at {at} frames per second ({reason}); name its own with --rate, such"
                " as --rate 25."
            ) from problem
        raise MediaUnreadable(f"{path} cannot be read: {reason}.") from problem


def edl_text(path: str, rate: Fraction) -> str:
    """An EDL as its adapter takes it: drop-frame timecode, which is announced once, marked in every line.

    Args:
        path: of the EDL.
        rate: frames per second.
    """
    with open(path, "rb") as file:
        content = file.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if rate.denominator != 1001 or round(rate) % 30:
        return text
    lines: List[str] = []
    drops = False
    for line in text.splitlines():
        announced = _FRAME_COUNT.match(line)
        drops = drops if announced is None else not announced[1]
        lines.append(_TIMECODES.sub(r"\1;\2", line) if drops and _COUNTED.match(line) else line)
    return "\n".join(lines) + "\n"


def disables_clips(path: str) -> bool:
    """Whether an FCP 7 XML disables something, which its adapter does not read.

    Args:
        path: of the XML.
    """
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return bool(re.search(rb"<enabled>\s*FALSE", file.read(), re.IGNORECASE))
    return False


def _is_fcpxml(path: str, ending: str) -> bool:
    if ending != ".xml":
        return False
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return b"<fcpxml" in file.read(4096)
    return False


@contextlib.contextmanager
def _reasons(path: str) -> Generator[None, None, None]:
    """Errors of files as sentences."""
    try:
        yield
    except UnicodeDecodeError as problem:
        raise MediaUnreadable(f"{path} is no UTF-8 text; export it again.") from problem
    except OSError as problem:
        raise MediaUnreadable(f"{path} cannot be read: {problem.strerror}.") from problem


@contextlib.contextmanager
def _quiet() -> Generator[None, None, None]:
    """Adapters print and log what means nothing to people."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


def _first_line(problem: BaseException) -> str:
    lines = str(problem).strip().splitlines()
    return (lines[0] if lines else type(problem).__name__).rstrip(".")
