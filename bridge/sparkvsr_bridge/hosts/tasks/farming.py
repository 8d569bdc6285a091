# SPDX-License-Identifier: Apache-2.0
"""Bundles for a render farm, written by the engine's program: a host has none of the engine in its Python."""

from __future__ import annotations

import subprocess
from typing import Sequence

from ...errors import JobFailed
from ...process import run_program

BUNDLE_SECONDS = 300.0


def write_bundle(words: Sequence[str]) -> None:
    """Have a bundle written; returns when it is. Not for a host's main thread.

    Args:
        words: of the command behind the program, from `farm` on.

    Raises:
        EngineNotFound: there is no program.
        JobFailed: with the program's own sentence.
    """
    try:
        done = run_program(words, BUNDLE_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise JobFailed(f"The bundle for the farm was not written: {error}.") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise JobFailed(f"The bundle for the farm was not written: {last}")
