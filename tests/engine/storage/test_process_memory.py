"""What is freed stays while the process works, and goes when it rests."""

import subprocess
import sys

import pytest

# In a process of its own: how memory is kept is settled for the whole of one.
PROGRAM = """
import psutil
import numpy as np
from sparkvsr_engine.storage import process_memory

def held():
    return psutil.Process().memory_info().rss >> 20

def used():
    planes = [np.ones(1 << 20) for _ in range(32)]
    del planes

assert process_memory.keep_freed()
before = held()
used()
kept = held()
assert process_memory.give_back()
print(kept - before, held() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the C library is set up on Linux alone")
def test_freed_memory_stays_until_it_is_given_back():
    result = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    remaining, remainder = map(int, result.stdout.split())
    assert remaining > 200
    assert remainder < 30


def test_where_the_c_library_is_another_nothing_happens(monkeypatch):
    from sparkvsr_engine.storage import process_memory

    monkeypatch.setattr(process_memory.sys, "platform", "win32")
    assert not process_memory.keep_freed()
    assert not process_memory.give_back()
