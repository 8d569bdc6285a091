"""An engine from its start to its end: sockets, work and requests put together."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import replace

from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.daemon.engine import Engine
from sparkvsr_engine.daemon.lifecycle import keep_log, on_end_signals
from sparkvsr_engine.daemon.requests import Requests
from sparkvsr_engine.daemon.server import Server

log = logging.getLogger(__name__)


def serve(config: EngineConfig, listen: str | None, device: str, extra_clients: Sequence[str] = ()) -> None:
    """Run an engine until it is told to stop.

    Args:
        config: the engine's folders and limits.
        listen: address to serve other machines at; None for this machine alone.
        device: `auto`, `cpu` or `cuda[:i]`.
        extra_clients: public keys of clients on other machines.

    Raises:
        EngineAlreadyRunning: where an engine runs on that home folder.
        EndpointInUse: where the address is taken.
    """
    config = replace(config, device=device)
    config.make_folders()
    server = Server(config, listen, extra_clients)
    try:
        keep_log(config.log_folder, "engine")
        engine = Engine(config, server, device)
        for kind, handler in Requests(server, engine).table().items():
            server.handle(kind, handler)
        try:
            on_end_signals(server.stop)
            engine.start()
            server.announce()
            log.info("the engine %s serves %s", os.getpid(), config.home)
            server.run()
        finally:
            engine.close()
    finally:
        server.close()
