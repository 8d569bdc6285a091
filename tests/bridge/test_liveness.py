"""Which processes run: on Windows no signal may ask, because any signal ends the process."""

from __future__ import annotations

import os
import subprocess
import sys

from sparkvsr_bridge.system.liveness import process_exists


def test_this_process_runs_and_goes_on():
    assert process_exists(os.getpid())


def test_a_child_runs_until_it_ends():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert process_exists(child.pid)
        assert child.poll() is None
    assert not process_exists(child.pid)
