"""Losses over steps as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_BESIDE = ("step", "seconds_per_step", "learning_rate")


def draw_curves(rows: Sequence[dict[str, float]], path: Path) -> bool:
    """Draw every loss of the log's rows to a PNG; False without rows or matplotlib."""
    try:
        import matplotlib as mpl
    except ImportError:
        return False
    if not rows:
        return False
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 5))
    for name in rows[-1]:
        if name not in _BESIDE:
            points = [(row["step"], row[name]) for row in rows if name in row]
            axes.plot([x for x, _ in points], [y for _, y in points], label=name)
    axes.set_xlabel("step")
    axes.set_ylabel("weighted loss")
    axes.set_yscale("log")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
    return True
