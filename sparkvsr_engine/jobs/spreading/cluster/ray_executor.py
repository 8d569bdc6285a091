"""Devices of a Ray cluster: an actor for each, on whatever host it is.

Hosts see sources under the same paths. One that sees the engine's folder and the target as well writes there;
another gets what a job needs through Ray's object store, once, and its frames come back through it. Hosts
may join and leave while jobs are rendered: new ones get parts, what a lost one had in hand another renders.
"""

# Ray is an extra; without it nothing of it has a type.
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from sparkvsr_bridge.errors import ConnectionFailed
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.spreading.cluster.device_actor import DeviceActor
from sparkvsr_engine.jobs.spreading.cluster.job_files import (
    Folders,
    Marks,
    SentFile,
    packed_files,
    put_in_place,
    received_report,
)
from sparkvsr_engine.jobs.spreading.executor import Place
from sparkvsr_engine.jobs.spreading.orders import PartOrder, PartReport

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
"""How often the cluster is asked which hosts there are."""


_ITEMS_AHEAD = 4
"""Reports and files of a device that wait to be taken: they bound what the object store holds."""

_OWN_CLUSTER = "local"
"""Ray's word for a cluster that is started now; without it an old cluster's address would be taken."""


@dataclass
class _Sent:
    """What went along with a job, for all its parts. sees: whether a device sees the engine's folders."""

    plan: JobPlan
    line: Any
    folders: Folders
    marks: Marks
    job_files: Any = None
    sees: dict[Place, bool] = field(default_factory=dict)


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
        self._asked: dict[Place, tuple[Any, PartOrder]] = {}
        self._sent: _Sent | None = None

    def place_count(self) -> int:
        """See `Executor`."""
        self._look()
        return len(self._actors)

    def free_places(self) -> list[Place]:
        """See `Executor`."""
        self._look()
        return [place for place in self._actors if place not in self._running and place not in self._asked]

    def start(self, place: Place, order: PartOrder) -> None:
        """See `Executor`."""
        if place in self._sent_for(order).sees:
            self._render(place, order)
        else:
            marks = self._sent_for(order).marks.show()
            self._asked[place] = self._actors[place].sees.remote(marks), order

    def poll(self, timeout_seconds: float) -> list[tuple[Place, PartReport]]:
        """See `Executor`."""
        lost = self._take_answers(0.0 if self._running else timeout_seconds)
        if not self._running:
            if not self._asked:
                time.sleep(timeout_seconds)
            return lost
        places = {stream: place for place, stream in self._running.items()}
        ready, _ = ray.wait(list(places), num_returns=len(places), timeout=timeout_seconds, fetch_local=False)
        if not ready:
            # One that is ready alone makes the wait for all of them end at its limit.
            ready, _ = ray.wait(list(places), timeout=0, fetch_local=False)
        reports = ((places[stream], self._next(places[stream], stream)) for stream in ready)
        return [*lost, *((place, report) for place, report in reports if report is not None)]

    def close(self) -> None:
        """See `Executor`."""
        for actor in self._actors.values():
            with suppress(Exception):
                ray.kill(actor)
        self._actors, self._running, self._asked = {}, {}, {}
        self._forget_job()
        self._looked = float("-inf")

    def _next(self, place: Place, stream: Any) -> PartReport | None:
        """The next report of a device; None for a file, which is put in place."""
        try:
            name, content = ray.get(next(stream))
        except (StopIteration, RayError) as error:
            log.warning("%s was lost: %s", place.name, error)
            self._forget(place)
            return PartReport(is_lost=True)
        assert self._sent is not None
        if name:
            put_in_place(SentFile(name, content), self._sent.folders)
            return None
        return self._report(place, PartReport.from_line(content), self._sent)

    def _report(self, place: Place, report: PartReport, sent: _Sent) -> PartReport:
        if report.is_last:
            del self._running[place]
        return report if sent.sees[place] else received_report(report, sent.folders)

    def _render(self, place: Place, order: PartOrder) -> None:
        sent = self._sent_for(order)
        job_files = None if sent.sees[place] else self._files_for(sent, order)
        render = self._actors[place].render.options(
            num_returns="streaming", _generator_backpressure_num_objects=_ITEMS_AHEAD
        )
        self._running[place] = render.remote(sent.line, (order.frames.start, order.frames.stop), job_files)

    def _take_answers(self, timeout_seconds: float) -> list[tuple[Place, PartReport]]:
        """Have devices render that reported what they see; reports of those that were lost."""
        if not self._asked:
            return []
        places = {question: place for place, (question, _) in self._asked.items()}
        ready, _ = ray.wait(list(places), num_returns=1, timeout=timeout_seconds, fetch_local=False)
        lost = [places[question] for question in ready if not self._take_answer(places[question])]
        if not self._asked and self._sent is not None:
            self._sent.marks.hide()
        return [(place, PartReport(is_lost=True)) for place in lost]

    def _take_answer(self, place: Place) -> bool:
        """Have a device render that reported what it sees; False where it is lost."""
        question, order = self._asked.pop(place)
        try:
            self._sent_for(order).sees[place] = bool(ray.get(question))
        except RayError as error:
            log.warning("%s was lost: %s", place.name, error)
            self._forget(place)
            return False
        self._render(place, order)
        return True

    def _sent_for(self, order: PartOrder) -> _Sent:
        """What goes along with the job, put into the object store with its first part."""
        if self._sent is None or self._sent.plan is not order.plan:
            self._forget_job()
            folders = Folders.of(order)
            self._sent = _Sent(order.plan, ray.put(order.to_line()), folders, Marks(folders))
        return self._sent

    def _forget_job(self) -> None:
        if self._sent is not None:
            self._sent.marks.hide()
        self._sent = None

    def _files_for(self, sent: _Sent, order: PartOrder) -> Any:
        if sent.job_files is None:
            sent.job_files = ray.put(packed_files(order))
        return sent.job_files

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
        actor = ray.remote(DeviceActor).options(
            num_gpus=1 if is_card else 0,
            num_cpus=0,
            scheduling_strategy=NodeAffinitySchedulingStrategy(host, soft=False),
        )
        threads = self._threads or (0 if is_card else processors)
        # Ray shows an actor its own card alone, which is the first then.
        return actor.remote("cuda:0" if is_card else "cpu", threads)

    def _forget(self, place: Place) -> None:
        self._running.pop(place, None)
        self._asked.pop(place, None)
        actor = self._actors.pop(place, None)
        if actor is not None:
            with suppress(Exception):
                ray.kill(actor)


def _places_of(name: str, host: dict[str, Any]) -> list[Place]:
    """The cards of a host; its processor where it has none."""
    cards = int(host["Resources"].get("GPU", 0))
    devices = [f"cuda:{index}" for index in range(cards)] or ["cpu"]
    return [Place(f"{host['NodeManagerAddress']}/{name}/{device}", device) for device in devices]
