"""Sentences about frames that cannot be decoded, each frame named once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sparkvsr_engine.core.frames import FrameSpan, spans_of

# Stretches that are named one by one.
_NAMED = 12


def _listed(spans: Sequence[FrameSpan]) -> str:
    """The first few spans as people write them."""
    named = (f"{span.first}" if len(span) == 1 else f"{span.first}-{span.last}" for span in spans[:_NAMED])
    return ", ".join(named) + (" and more" if len(spans) > _NAMED else "")


def concealed_sentence(path: str, frames: Iterable[int]) -> str:
    """What is to be known of concealed frames; empty for none."""
    numbers = sorted(frames)
    if not numbers:
        return ""
    is_single = len(numbers) == 1
    return (
        f"Frame{'' if is_single else 's'} {_listed(spans_of(numbers))} of {path} cannot be decoded and"
        f" {'shows its neighbour' if is_single else 'show their neighbours'} instead;"
        " copy or export the file again, or use --on-damage stop to be refused."
    )


class DamageLedger:
    """Which concealed frames were named already."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._named: set[int] = set()

    def fresh(self, frames: Iterable[int]) -> tuple[str, int | None]:
        """The sentence about those that were not, and the first of them; empty and None for none."""
        new = sorted(set(frames) - self._named)
        self._named |= set(new)
        return concealed_sentence(self._path, new), new[0] if new else None
