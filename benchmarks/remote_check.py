"""What the check of remote clients costs a message, beside the same message from the engine's own machine.

    python benchmarks/remote_check.py
    python benchmarks/remote_check.py --messages 5000 --rounds 5

One engine, asked in turns over its private socket and over loopback by an enrolled key: requests that name
nothing (`describe_engine`), and ones that name a file (`describe_media`, which looks at the file either way).
Then, without sockets, each step of the check alone. Prints medians, and the ratio of remote to local.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from printed_table import table

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.wire import decode, encode, make_envelope
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.settings import JobSpec, OutputTarget
from sparkvsr_engine.access.audit import AuditEntry, AuditLog
from sparkvsr_engine.access.client_spelling import ClientSpelling
from sparkvsr_engine.access.keys import KeyFolder
from sparkvsr_engine.access.limits import ClientLimits
from sparkvsr_engine.access.path_fields import rewritten
from sparkvsr_engine.access.roles import require_role
from sparkvsr_engine.access.roots import Roots
from sparkvsr_engine.config import load_config
from sparkvsr_engine.media.images import write_image
from tests.fakes.remote_engines import RemoteEngine

MICROSECONDS = 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = RemoteEngine(
            Path(folder), "messages_per_second = 1000000.0", f"path_maps = [['{folder}/shots', 'S:/']]"
        )
        picture = engine.shots / "plate.0001.png"
        write_image(picture, np.zeros((32, 32, 3), np.uint8))
        try:
            engine.start()
            print(round_trips(engine, picture, options.messages, options.rounds), flush=True)
        finally:
            engine.end()
        print(steps(engine, picture, options.messages))


def round_trips(engine: RemoteEngine, picture: Path, messages: int, rounds: int) -> str:
    """A table of round trips, local and remote in turns."""
    remote = engine.client("submit")
    requests: dict[str, tuple[Record, Record]] = {
        "names nothing": (m.DescribeEngineRequest(), m.DescribeEngineRequest()),
        "names a file": (
            m.DescribeMediaRequest(SourceMedia(str(picture))),
            m.DescribeMediaRequest(SourceMedia(f"S:/{picture.name}")),
        ),
    }
    rows: list[list[str]] = []
    with engine.local().connect() as local:
        for name, (from_here, from_there) in requests.items():
            pairs = [
                (median(local, from_here, messages), median(remote, from_there, messages))
                for _ in range(rounds)
            ]
            medians = [statistics.median(values) for values in zip(*pairs, strict=True)]
            rows.append([name, *(f"{value:.0f}" for value in medians), f"{medians[1] / medians[0]:.2f}"])
    return table(["a request that", "local, us", "remote, us", "ratio"], rows)


def median(client: EngineClient, message: Record, count: int) -> float:
    """Microseconds of one round trip."""
    return timed(lambda: client.request_envelope(message), count)


def timed(work: Callable[[], object], count: int) -> float:
    """Median microseconds."""
    seconds: list[float] = []
    for _ in range(count):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds) * MICROSECONDS


def steps(engine: RemoteEngine, picture: Path, count: int) -> str:
    """A table of the check's steps, each alone."""
    config = load_config(engine.home)
    keys, limits = KeyFolder(config.remote_folder), ClientLimits(config.remote)
    spelling, roots = ClientSpelling(config.path_maps), Roots.of(config.remote)
    spec = JobSpec(SourceMedia(f"S:/{picture.name}"), OutputTarget(str(engine.results / "%04d.png")))
    request = m.SubmitJobRequest(spec)
    frames = [bytes(frame) for frame in encode(make_envelope(request))]
    log = AuditLog(engine.home / "trial")
    entry = AuditEntry("submit-client", "abcdefgh", "submit_job_request", "job_reply", "", (str(picture),))
    actions: dict[str, Callable[[], object]] = {
        "key looked up": keys.clients,
        "message counted": lambda: limits.take_message([200, 300]),
        "role": lambda: require_role("submit_job_request", "submit", "anna"),
        "fields walked": lambda: rewritten(request, lambda _, value: value),
        "path respelt": lambda: spelling.to_engine(f"S:/{picture.name}"),
        "path resolved on the disk": lambda: roots.resolve(str(picture)),
        "line of the audit log": lambda: log.write(entry),
        "for comparison: message decoded": lambda: decode(frames),
    }
    rows = [[name, f"{timed(work, count):.1f}"] for name, work in actions.items()]
    log.close()
    return table(["step", "us"], rows)


if __name__ == "__main__":
    main()
