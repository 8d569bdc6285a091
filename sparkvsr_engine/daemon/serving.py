"""An engine from its start to its end: sockets, work and requests put together."""

from __future__ import annotations

import logging
import os
import shutil
from dataclasses import replace

from sparkvsr_engine.access.confinement.threads import is_enforced, use_scratch_folder
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.daemon.engine import Engine
from sparkvsr_engine.daemon.lifecycle import keep_log, on_end_signals
from sparkvsr_engine.daemon.remote.ledger import EngineLedger
from sparkvsr_engine.daemon.remote.listening import listen_remotely
from sparkvsr_engine.daemon.requests import Requests
from sparkvsr_engine.daemon.server import Server
from sparkvsr_engine.daemon.sweeping import sweep_pictures

log = logging.getLogger(__name__)


def serve(config: EngineConfig, listen: str | None, device: str) -> None:
    """Run an engine until it is stopped.

    Args:
        config: the engine's folders and limits.
        listen: None for clients of this machine alone; `ipc://` moves their socket; `tcp://` also lets remote
            clients in, with enrolled keys and within the bounds of the configuration.
        device: that renders where a job names none, such as `cpu`; `auto` for that of the configuration.

    Raises:
        EngineAlreadyRunning: where an engine runs on that home folder.
        EndpointInUse: where the address is taken.
        InvalidSettings: for an endpoint that is none, and for a configuration that is unsafe to listen with.
    """
    config = config if device == "auto" else replace(config, device=device)
    config.make_folders()
    is_remote = listen is not None and listen.startswith("tcp://")
    server = Server(config, None if is_remote else listen)
    try:
        keep_log(config.log_folder, "engine")
        if is_remote and listen is not None:
            server.listen(listen_remotely(config, listen, server.instance))
            shutil.rmtree(config.scratch_folder, ignore_errors=True)
            use_scratch_folder(config.scratch_folder)
            if not is_enforced():
                log.warning("this system does not confine work for remote clients; see docs/remote.md")
        if freed := sweep_pictures(config):
            log.info("pictures of earlier previews were removed: %s bytes", freed)
        engine = Engine(config, server, device)
        if server.remote is not None:
            server.remote.gate.ledger = EngineLedger(engine)
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
