"""What Nuke would refuse: raised, and noted, so that a broad `except` in a plugin hides nothing."""

from __future__ import annotations

from typing import TypeVar

NOTED: list[str] = []

Wrong = TypeVar("Wrong", bound=BaseException)


class StandInGap(NotImplementedError):
    """Nuke has this, the stand-in does not: enlarge the stand-in, the plugin is not to blame."""


def refused(error: Wrong) -> Wrong:
    """Note an error of the caller, which is to be raised."""
    NOTED.append(f"{type(error).__name__}: {error}")
    return error


def take_refusals() -> list[str]:
    """Everything refused since the last call; empties the list."""
    taken = list(NOTED)
    NOTED.clear()
    return taken
