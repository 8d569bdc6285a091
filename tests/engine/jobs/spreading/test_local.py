"""A device's process: what an earlier one wrote is not taken for the news of its successor."""

import subprocess
import sys
from unittest.mock import Mock

import pytest

from sparkvsr_engine.jobs.spreading.executor import Place
from sparkvsr_engine.jobs.spreading.local import LocalExecutor
from sparkvsr_engine.jobs.spreading.orders import PartOrder, PartReport


def process() -> "subprocess.Popen[bytes]":
    code = "import sys; sys.stdin.read()"
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


@pytest.fixture
def executor(tmp_path):
    result = LocalExecutor(("cpu",), tmp_path)
    yield result
    result.close()


@pytest.fixture
def earlier():
    with process() as result:
        yield result
        result.kill()


@pytest.mark.parametrize("late", [PartReport(passes=(3, 1)), PartReport(is_lost=True)], ids=["end", "loss"])
def test_late_reports_of_an_earlier_process_end_nothing(executor, earlier, late):
    (place,) = executor.free_places()
    current = executor._children[place] = process()
    executor._busy.add(place)
    executor._reports.put((place, earlier, late))
    assert executor.poll(0) == []
    assert executor.free_places() == [], "the part in hand goes on"
    executor._reports.put((place, current, late))
    assert executor.poll(0) == [(place, late)]
    assert executor.free_places() == [place]


def test_a_process_whose_output_has_ended_gets_no_part(executor, monkeypatch):
    def started(place: Place) -> "subprocess.Popen[bytes]":
        executor._children[place] = process()
        return executor._children[place]

    monkeypatch.setattr(executor, "_started", started)
    (place,) = executor.free_places()
    dying = executor._children[place] = process()
    executor._reports.put((place, dying, PartReport(is_lost=True)))
    assert executor.poll(0) == [], "it had no part in hand"
    executor.start(place, Mock(PartOrder, to_line=lambda: b"an order\n"))
    assert executor._children[place] is not dying
    assert dying.poll() is not None
