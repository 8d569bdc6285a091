"""Devices of a Ray cluster: an actor for each, on whatever host it is.

Hosts see the engine's home folder, sources and targets under the same paths. Hosts may join and leave while
jobs are rendered: new ones get parts, what a lost one had in hand is rendered by another.
"""

# Ray is an extra; without it nothing of it has a type.
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from sparkvsr_bridge.errors import ConnectionFailed
from sparkvsr_engine.jobs.spreading.executor import Place
from sparkvsr_engine.jobs.spreading.orders import PartOrder, PartReport

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
"""How often the cluster is asked which hosts there are."""


_OWN_CLUSTER = "local"
"""Ray's word for a cluster that is started now; without it an old cluster's address would be taken."""


class _Device:
    """One device of a host, in a process that Ray starts there."""

    def __init__(self, device: str, threads: int) -> None:
        from sparkvsr_engine.jobs.kernels import prepare_kernels
        from sparkvsr_engine.jobs.spreading.part_rendering import PartRenderer

        prepare_kernels(threads)
        self._renderer = PartRenderer(device, threads)

    def render(self, line: bytes) -> Iterator[bytes]:
        """Render a part; yields the lines of its reports as they come."""
        reports: queue.SimpleQueue[PartReport] = queue.SimpleQueue()
        order = PartOrder.from_line(line)
        thread = threading.Thread(target=self._renderer.render, args=(order, reports.put), daemon=True)
        thread.start()
        while True:
            report = reports.get()
            yield report.to_line()
            if report.is_last:
                return


class RayExecutor:
    """All devices of a cluster; see `Executor`."""

    def __init__(self, address: str, threads: int = 0) -> None:
        """Join a cluster.

        Args:
            address: of its head, HOST:PORT; empty for a cluster of this machine alone, started now.
            threads: of the processor's kernels on a device that is a processor; 0 for what its host has.

        Raises:
            ConnectionFailed: there is no cluster at that address.
        """
        try:
            ray.init(address=address or _OWN_CLUSTER, log_to_driver=False, ignore_reinit_error=True)
        except (ConnectionError, RuntimeError, ValueError) as error:
            place = f"at {address}" if address else "on this machine"
            raise ConnectionFailed(
                f"There is no Ray cluster {place} ({error}); start one with 'ray start --head'."
            ) from error
        self._threads = threads
        self._actors: dict[Place, Any] = {}
        self._running: dict[Place, Any] = {}
        self._looked = float("-inf")

    def place_count(self) -> int:
        """See `Executor`."""
        self._look()
        return len(self._actors)

    def free_places(self) -> list[Place]:
        """See `Executor`."""
        self._look()
        return [place for place in self._actors if place not in self._running]

    def start(self, place: Place, order: PartOrder) -> None:
        """See `Executor`."""
        render = self._actors[place].render.options(num_returns="streaming")
        self._running[place] = render.remote(order.to_line())

    def poll(self, timeout_seconds: float) -> list[tuple[Place, PartReport]]:
        """See `Executor`."""
        if not self._running:
            time.sleep(timeout_seconds)
            return []
        places = {stream: place for place, stream in self._running.items()}
        ready, _ = ray.wait(list(places), num_returns=len(places), timeout=timeout_seconds, fetch_local=False)
        if not ready:
            # One that is ready alone makes the wait for all of them end at its limit.
            ready, _ = ray.wait(list(places), timeout=0, fetch_local=False)
        return [(places[stream], self._next(places[stream], stream)) for stream in ready]

    def close(self) -> None:
        """See `Executor`."""
        for actor in self._actors.values():
            with suppress(Exception):
                ray.kill(actor)
        self._actors, self._running = {}, {}
        self._looked = float("-inf")

    def _next(self, place: Place, stream: Any) -> PartReport:
        try:
            line: Any = ray.get(next(stream))
            report = PartReport.from_line(line)
        except (StopIteration, RayError) as error:
            log.warning("%s was lost: %s", place.name, error)
            self._forget(place)
            return PartReport(is_lost=True)
        if report.is_last:
            del self._running[place]
        return report

    def _look(self) -> None:
        """Give every device of every host an actor; let go of those of hosts that left."""
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        hosts = {host["NodeID"]: host for host in ray.nodes() if host["Alive"]}
        for place in [place for place in self._actors if place.name.split("/")[1] not in hosts]:
            if place not in self._running:
                self._forget(place)
        for name, host in hosts.items():
            for place in _places_of(name, host):
                if place not in self._actors:
                    self._actors[place] = self._started(place, name, host)

    def _started(self, place: Place, host: str, about: dict[str, Any]) -> Any:
        is_card = place.device != "cpu"
        processors = int(about["Resources"].get("CPU", 1))
        actor = ray.remote(_Device).options(
            num_gpus=1 if is_card else 0,
            num_cpus=0,
            scheduling_strategy=NodeAffinitySchedulingStrategy(host, soft=False),
        )
        threads = self._threads or (0 if is_card else processors)
        # Ray shows an actor its own card alone, which is the first then.
        return actor.remote("cuda:0" if is_card else "cpu", threads)

    def _forget(self, place: Place) -> None:
        self._running.pop(place, None)
        actor = self._actors.pop(place, None)
        if actor is not None:
            with suppress(Exception):
                ray.kill(actor)


def _places_of(name: str, host: dict[str, Any]) -> list[Place]:
    """The cards of a host; its processor where it has none."""
    cards = int(host["Resources"].get("GPU", 0))
    devices = [f"cuda:{index}" for index in range(cards)] or ["cpu"]
    return [Place(f"{host['NodeManagerAddress']}/{name}/{device}", device) for device in devices]
