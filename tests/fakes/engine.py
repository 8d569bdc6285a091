"""A small engine that serves the real protocol over real sockets and misbehaves on demand.

Run as a program: `engine.py [behaviour ...] serve`, with SPARKVSR_HOME set. It keeps jobs in a file, so
that a restarted one knows them; it renders nothing. Python 3.9 and the bridge suffice.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import time
from pathlib import Path
from typing import Callable, Dict, List, Optional, Set

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bridge"))

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.connections.connection import remove_connection, write_connection
from sparkvsr_bridge.connections.wire import Envelope, decode, encode, make_envelope, make_refusal
from sparkvsr_bridge.errors import KeyframeRejected, MalformedMessage, SparkVSRError, UnknownJob
from sparkvsr_bridge.pictures import image_ref, open_image, pack
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.system.folders import home_folder, runtime_folder
from sparkvsr_bridge.transport import ServerTransport
from sparkvsr_bridge.version import PROTOCOL_VERSION, __version__


class FakeEngine:
    """Answers until it is stopped; `options` are the behaviours of `_parse`."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.home = home_folder()
        self.runtime = runtime_folder(self.home)
        self.transport = ServerTransport(self.runtime, options.listen, options.enrol)
        self.shared = Path(self.transport.connection("").shared_folder)
        self.watchers: Dict[str, Set[bytes]] = {}
        self.sharing: Dict[bytes, bool] = {}
        self.is_done = False
        self.handlers: Dict[type, Callable[[bytes, Envelope], Record]] = {
            m.HelloRequest: self.hello,
            m.SubmitJobRequest: self.submit,
            m.WatchJobRequest: self.watch,
            m.SetPlayheadRequest: self.flood,
            m.CancelJobRequest: self.cancel,
            m.PreviewRequest: self.preview,
            m.DescribeEngineRequest: self.describe,
            m.ShutdownRequest: self.shut_down,
        }

    def serve(self) -> None:
        """Write the connection file and answer."""
        write_connection(self.runtime, self.transport.connection("fake"))
        while not self.is_done:
            for client, frames in self.transport.receive(1.0):
                self.answer(client, frames)
        remove_connection(self.runtime, os.getpid())
        self.transport.close()

    def answer(self, client: bytes, frames: List[bytes]) -> None:
        """Misbehave, or hand the message to its handler."""
        try:
            request = decode(frames)
            if request.kind == self.options.die_on:
                os._exit(9)
            if request.kind == self.options.silent_on:
                return
            handler = self.handlers.get(type(request.message))
            if handler is None:
                raise MalformedMessage(f"this engine does not know '{request.kind}'.")
            self.send(client, make_envelope(handler(client, request), request.id))
        except SparkVSRError as error:
            self.send(client, make_refusal(frames, error))

    def send(self, client: bytes, envelope: Envelope) -> None:
        """Send, as another major version if set to."""
        frames = encode(envelope)
        if self.options.major:
            header = json.loads(bytes(frames[0]))
            header["protocol"] = [self.options.major, 0]
            frames[0] = json.dumps(header).encode()
        self.transport.send(client, frames)

    def hello(self, client: bytes, request: Envelope) -> Record:
        assert isinstance(request.message, m.HelloRequest)
        self.sharing[client] = request.message.shares_memory
        protocol = (PROTOCOL_VERSION[0], self.options.minor)
        return m.HelloReply(protocol, self.options.release, pid=os.getpid(), shared_folder=str(self.shared))

    def submit(self, client: bytes, request: Envelope) -> Record:
        assert isinstance(request.message, m.SubmitJobRequest)
        spec = request.message.spec
        jobs = self.load()
        report = m.JobReport(f"job{len(jobs)}", 1, "running", spec.source.path, spec.output.path)
        self.store({**jobs, report.job: report})
        if request.message.watch:
            self.watchers.setdefault(report.job, set()).add(client)
        return m.JobReply(report)

    def watch(self, client: bytes, request: Envelope) -> Record:
        assert isinstance(request.message, m.WatchJobRequest)
        report = self.find(request.message.job)
        self.watchers.setdefault(report.job, set()).add(client)
        return m.JobReply(report)

    def flood(self, client: bytes, request: Envelope) -> Record:
        """As many `frames_finished` and `job_progress` events as the playhead's frame number."""
        assert isinstance(request.message, m.SetPlayheadRequest)
        report = self.find(request.message.job)
        for frame in range(request.message.frame):
            self.emit(report.job, m.FramesFinished(report.job, 1, (frame,)))
            progress = make_envelope(m.JobProgress(dataclasses.replace(report, frames_done=frame)))
            self.transport.publish(report.job, encode(progress))
        return m.OkReply()

    def cancel(self, client: bytes, request: Envelope) -> Record:
        assert isinstance(request.message, m.CancelJobRequest)
        report = dataclasses.replace(self.find(request.message.job), state="cancelled")
        self.store({**self.load(), report.job: report})
        self.emit(report.job, m.JobChanged(report))
        late = make_envelope(m.JobProgress(dataclasses.replace(report, state="running")))
        self.transport.publish(report.job, encode(late))
        return m.JobReply(report)

    def preview(self, client: bytes, request: Envelope) -> Record:
        """Send the first keyframe's picture back as the preview."""
        message = request.message
        assert isinstance(message, m.PreviewRequest)
        picture = message.keyframes[0].image if message.keyframes else None
        if picture is None or picture.format is None:
            raise KeyframeRejected("this engine wants a keyframe with pixels; give one.")
        with open_image(picture, request.buffers, self.shared) as pixels:
            copy = bytes(pixels)
        ready = m.PreviewReady("p1", message.frame, "full", image_ref(copy, picture.format))
        package = pack(ready, self.shared if self.sharing.get(client) else None)
        self.send(client, make_envelope(m.PreviewAccepted("p1"), request.id))
        self.send(client, make_envelope(package.message, request.id, package.buffers))
        return m.OkReply()  # a second reply, which clients must ignore

    def describe(self, client: bytes, request: Envelope) -> Record:
        return m.EngineReply(pid=os.getpid())

    def shut_down(self, client: bytes, request: Envelope) -> Record:
        self.is_done = True
        return m.OkReply()

    def emit(self, job: str, event: Record) -> None:
        """Send an event to everybody who watches the job; none of these may be lost."""
        for client in self.watchers.get(job, set()):
            if not self.transport.send(client, encode(make_envelope(event))):
                sys.stderr.write(f"a watcher of {job} was lost\n")

    def find(self, job: str) -> m.JobReport:
        try:
            return self.load()[job]
        except KeyError:
            raise UnknownJob(f"there is no job '{job}'; see 'sparkvsr jobs'.") from None

    def load(self) -> Dict[str, m.JobReport]:
        path = self.home / "jobs.json"
        stored = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return {job: m.JobReport.from_dict(report) for job, report in stored.items()}

    def store(self, jobs: Dict[str, m.JobReport]) -> None:
        stored = {job: report.to_dict() for job, report in jobs.items()}
        (self.home / "jobs.json").write_text(json.dumps(stored), "utf-8")


def _parse(arguments: Optional[List[str]] = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--slow-start", type=float, default=0.0, help="seconds before it listens")
    parser.add_argument("--fail-start", default="", help="write this line and end instead of listening")
    parser.add_argument("--hang-start", action="store_true", help="never listen, never end")
    parser.add_argument("--die-on", default="", help="kind of request that kills it")
    parser.add_argument("--silent-on", default="", help="kind of request it never answers")
    parser.add_argument("--major", type=int, default=0, help="protocol major it claims in its replies")
    parser.add_argument("--minor", type=int, default=PROTOCOL_VERSION[1], help="protocol minor it is of")
    parser.add_argument("--release", default=__version__, help="version it is of")
    parser.add_argument("--listen", default=None)
    parser.add_argument("--enrol", nargs="*", default=())
    parser.add_argument("command", choices=["serve"])
    return parser.parse_args(arguments)


def main() -> int:
    """Note the start, misbehave as set, serve."""
    options = _parse()
    home = home_folder()
    with (home / "starts").open("a") as starts:
        starts.write(f"{os.getpid()}\n")
    time.sleep(options.slow_start)
    if options.fail_start:
        sys.stderr.write(f"starting\n{options.fail_start}\n")
        return 3
    while options.hang_start:
        time.sleep(60.0)
    FakeEngine(options).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
