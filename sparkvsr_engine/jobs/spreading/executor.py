"""The interface of what renders parts: processes of this machine, or of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sparkvsr_engine.jobs.spreading.orders import PartOrder, PartReport


@dataclass(frozen=True)
class Place:
    """A device that renders one part at a time. name: unique, for people. device: as restorers name it."""

    name: str
    device: str


class Executor(Protocol):
    """Devices that render parts."""

    def free_places(self) -> list[Place]:
        """Devices that have nothing to do; lost ones come back or not, as the executor can."""
        ...

    def place_count(self) -> int:
        """How many devices there are, busy or not."""
        ...

    def start(self, place: Place, order: PartOrder) -> None:
        """Give a part to a free device."""
        ...

    def poll(self, timeout_seconds: float) -> list[tuple[Place, PartReport]]:
        """Reports that came since, after waiting for one for so long at most.

        A device that is lost with a part reports it as lost, once.
        """
        ...

    def close(self) -> None:
        """End all that it started; parts in hand are given up."""
        ...
