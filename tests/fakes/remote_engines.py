"""A real engine that listens for remote clients on loopback, with keys of every role."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

import sparkvsr_engine
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.connection import Connection
from sparkvsr_bridge.connections.endpoints import plan_endpoints
from sparkvsr_bridge.errors import ConnectionFailed
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.transport import make_keys
from sparkvsr_engine.access.keys import EnginePair, KeyFolder, new_key

ROOT = Path(sparkvsr_engine.__file__).parents[1]
PATIENCE_SECONDS = 60.0


def free_ports() -> int:
    """The first of three ports in a row that nobody listens on."""
    for _ in range(100):
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = first.getsockname()[1]
            second, third = (("127.0.0.1", port + offset) for offset in (1, 2))
            with suppress(OSError), socket.create_server(second), socket.create_server(third):
                return port
    raise AssertionError("no three free ports in a row")


@dataclass
class RemoteEngine:
    """An engine of one home; `shots` may be read and `results` written, nothing else."""

    base: Path
    settings: str = ""
    path_maps: str = ""
    process: subprocess.Popen[bytes] | None = None
    clients: list[EngineClient] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.home, self.shots, self.results, self.secret = (
            self.base / name for name in ("home", "shots", "results", "secret")
        )
        for folder in (self.home, self.shots, self.results, self.secret):
            folder.mkdir(exist_ok=True)
        self.listen = f"tcp://127.0.0.1:{free_ports()}"
        self.keys = KeyFolder(self.home / "remote")
        self.pairs = {role: make_keys() for role in ("watch", "submit", "administer", "stranger", "revoked")}
        server = make_keys()
        self.server = self.keys.keep_engine_pair(EnginePair(server.public, server.secret))
        for role in ("watch", "submit", "administer"):
            self.keys.add(new_key(f"{role}-client", role, self.pairs[role].public))
        self.keys.add(new_key("revoked-client", "administer", self.pairs["revoked"].public))
        (self.home / "config.toml").write_text(
            f"{self.path_maps}\n[remote]\nread = ['{self.shots}']\nwrite = ['{self.results}']\n"
            f"{self.settings}\n"
        )

    def connection(self, role: str) -> Connection:
        """What a client's file holds."""
        places, pair = plan_endpoints(Path(), self.listen), self.pairs[role]
        return Connection(
            places.requests,
            places.events,
            places.heartbeat,
            server_key=self.server.public,
            client_public=pair.public,
            client_secret=pair.secret,
        )

    def start(self) -> None:
        """Serve, and wait until it does."""
        command = [sys.executable, "-m", "sparkvsr_engine", "serve", "--listen", self.listen]
        environment = {
            **os.environ,
            "SPARKVSR_HOME": str(self.home),
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "bridge"))),
        }
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        give_up = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up:
            with suppress(ConnectionFailed):
                self.client("watch", 2.0)
                return
        raise AssertionError("the engine does not answer")

    def client(self, role: str, timeout_seconds: float = 20.0) -> EngineClient:
        """A client that is connected."""
        client = EngineClient(self.connection(role), role)
        self.clients.append(client)
        client.hello(timeout_seconds)
        return client

    def local(self) -> EngineProcess:
        """The engine as its own machine sees it."""
        return EngineProcess(self.home, ("unused",))

    def memory(self) -> int:
        """Bytes the engine's process has in memory."""
        assert self.process is not None
        return psutil.Process(self.process.pid).memory_info().rss

    def end(self) -> None:
        """End it and every client."""
        for client in self.clients:
            client.close()
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE_SECONDS)
