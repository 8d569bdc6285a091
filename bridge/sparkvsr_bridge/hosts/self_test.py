# SPDX-License-Identifier: Apache-2.0
"""A report whether everything between a host and upscaled frames works on this machine."""

from __future__ import annotations

import dataclasses
import platform
import struct
import tempfile
import threading
import time
import zlib
from pathlib import Path
from typing import Any, Callable, Iterable, List, Tuple

from .. import errors, media, messages, settings, version

_WIDTH, _HEIGHT, _FRAMES = 64, 48, 3
_JOB_SECONDS = 300.0


@dataclasses.dataclass(frozen=True)
class Check:
    """One line of the report."""

    name: str
    is_good: bool
    detail: str


def host_checks(host: str, plugin: str, folder: str) -> List[Check]:
    """The host's side; no engine is asked.

    Args:
        host: name and version, `Blender 5.0.1`.
        plugin: what the host calls a plugin, `Extension`.
        folder: where results go, or why they cannot.
    """
    protocol = ".".join(map(str, version.PROTOCOL_VERSION))
    return [
        Check("Host", True, f"{host}, Python {platform.python_version()}, {platform.platform()}"),
        Check(plugin, True, f"{version.__version__}, protocol {protocol}"),
        Check("Results folder", True, folder),
    ]


def run(client: Any) -> List[Check]:
    """Ask the engine everything an upscale needs, then upscale three small frames.

    For a thread of its own.

    Args:
        client: a connection to the engine, an `EngineClient`.

    Raises:
        ConnectionFailed: when the engine is lost on the way.
    """
    engine = client.request(messages.DescribeEngineRequest(), messages.EngineReply)
    sharing = "yes" if client.shares_memory else "no, pictures travel in messages"
    checks = [
        Check("Engine", True, f"{engine.version}, {engine.device or 'device not known yet'}, {engine.home}"),
        Check("Shared memory", True, sharing),
        _timed("Answer", lambda: client.request(messages.DescribeEngineRequest(), messages.EngineReply)),
        *_models(client),
    ]
    with tempfile.TemporaryDirectory(prefix="sparkvsr-test-") as folder:
        checks.append(_upscale(client, Path(folder)))
    return checks


def _models(client: Any) -> List[Check]:
    request = messages.ListModelsRequest()
    models = client.request(request, messages.ModelListReply, timeout_seconds=120.0).models
    return [
        Check(f"Model {model.name}", True, model.summary if model.ready else f"not ready: {model.remedy}")
        for model in models
    ]


def report(checks: List[Check]) -> str:
    """The report as text.

    Args:
        checks: in their order.
    """
    lines = [f"{'ok     ' if check.is_good else 'PROBLEM'}  {check.name}: {check.detail}" for check in checks]
    verdict = "Everything works." if all(check.is_good for check in checks) else "Something needs attention."
    return "\n".join(["SparkVSR self-test", "", *lines, "", verdict, ""])


def _timed(name: str, ask: Callable[[], Any]) -> Check:
    began = time.monotonic()
    ask()
    return Check(name, True, f"{(time.monotonic() - began) * 1000:.1f} ms")


def write_pictures(folder: Path, numbers: Iterable[int]) -> str:
    """Small numbered pictures to test with, each different; returns their pattern.

    Args:
        folder: the folder.
        numbers: of the frames.
    """
    for number in numbers:
        (folder / f"in.{number:04d}.png").write_bytes(_picture(number))
    return str(folder / "in.%04d.png")


def _upscale(client: Any, folder: Path) -> Check:
    pattern = write_pictures(folder, range(_FRAMES))
    target = str(folder / "out" / "%04d.png")
    options = settings.UpscaleSettings(scale=2.0, policy=settings.KeyframePolicy("none"))
    source = media.SourceMedia(pattern)
    spec = settings.JobSpec(source, settings.OutputTarget(target), options)
    began = time.monotonic()
    try:
        ended = _follow(client, spec)
    except errors.ConnectionFailed:
        raise
    except errors.SparkVSRError as error:
        return Check("Upscale", False, error.message)
    sizes = [_size(folder / "out" / f"{number:04d}.png") for number in range(_FRAMES)]
    if ended != "finished" or set(sizes) != {(2 * _WIDTH, 2 * _HEIGHT)}:
        return Check("Upscale", False, f"{ended}, pictures of {sizes}")
    return Check(
        "Upscale", True, f"{_FRAMES} frames of {_WIDTH}x{_HEIGHT} in {time.monotonic() - began:.1f} s"
    )


def _follow(client: Any, spec: Any) -> str:
    """Submit a job and wait for its end: its state, or why it failed."""
    changed = threading.Condition()
    ends: List[Any] = []

    def listen(envelope: Any) -> None:
        if isinstance(envelope.message, messages.JobChanged):
            with changed:
                ends.append(envelope.message.report)
                changed.notify_all()

    client.add_listener(listen)
    try:
        job = client.request(messages.SubmitJobRequest(spec), messages.JobReply).report.job
        with changed:
            changed.wait_for(lambda: _end_of(job, ends) is not None, _JOB_SECONDS)
        ended = _end_of(job, ends)
    finally:
        client.remove_listener(listen)
    if ended is None:
        return f"not finished after {_JOB_SECONDS:g} s"
    return ended.error.message if ended.error else str(ended.state)


def _end_of(job: str, reports: List[Any]) -> Any:
    ended = (report for report in reports if report.job == job and report.state in messages.ENDED_STATES)
    return next(ended, None)


def _picture(number: int) -> bytes:
    """A small grey ramp as PNG, different for every number."""
    rows = b"".join(
        b"\0" + bytes(channel for x in range(_WIDTH) for channel in (x * 3, y * 4, number * 40 % 256))
        for y in range(_HEIGHT)
    )
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _size(path: Path) -> Tuple[int, int]:
    """Width and height in a PNG's header; (0, 0) for a file that is not there."""
    if not path.is_file():
        return 0, 0
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    return int(width), int(height)
