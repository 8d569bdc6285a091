"""What goes first in an engine's queue, as an option of commands that submit jobs."""

from __future__ import annotations

import argparse

from sparkvsr_bridge.settings import PRIORITIES


def add_priority_option(parser: argparse.ArgumentParser) -> None:
    """What goes first in an engine's queue."""
    parser.add_argument(
        "--priority",
        choices=PRIORITIES,
        default=PRIORITIES[0],
        help="in the engine's queue; a batch lets jobs of artists go first, also in the middle",
    )
