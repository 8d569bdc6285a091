"""An engine whose home folder is removed: nobody can find it any more, so it ends, and its worker with it."""

from __future__ import annotations

import shutil
import sys

import pytest

from tests.end_to_end.watching import engine_of, ensure, is_running, until


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no folder of an engine that runs")
def test_an_engine_without_its_home_ends_with_its_worker(own_program):
    with ensure(own_program) as client:
        until(lambda: engine_of(client).worker_state == "ready", "the worker")
        state = engine_of(client)
    shutil.rmtree(own_program.home)
    until(lambda: not is_running(state.pid), "the engine's end")
    until(lambda: not is_running(state.worker_pid), "the worker's end")
