"""Frames from the process that reads: the newest wish first, and a process that dies is no end."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_window.frames.cache import PictureCache
from sparkvsr_window.frames.keys import PictureKey
from sparkvsr_window.frames.reader import FrameReader
from tests.fakes.code_path import CODE_PATH
from tests.fakes.systems import KILL
from tests.window.conftest import DEMO

BUNNY = str(DEMO / "bunny.mp4")
PATIENCE_SECONDS = 120.0


@pytest.fixture
def came() -> threading.Event:
    return threading.Event()


@pytest.fixture
def reader(came: threading.Event, monkeypatch: pytest.MonkeyPatch) -> Iterator[FrameReader]:
    monkeypatch.setenv("PYTHONPATH", CODE_PATH)
    reader = FrameReader(came.set, PictureCache(8 * 320 * 180 * 4))
    yield reader
    reader.close()


def wait(is_so: Callable[[], object]) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_the_newest_wish_is_read_and_those_it_replaced_are_not(reader: FrameReader):
    keys = [PictureKey(BUNNY, number) for number in range(60)]
    for key in keys:
        reader.want([key])
    wait(lambda: reader.picture(keys[-1]))
    assert sum(key in reader.cache for key in keys) < 10


def test_memory_stays_bounded_over_every_frame(reader: FrameReader):
    for number in range(72):
        reader.want([PictureKey(BUNNY, number)])
        wait(lambda number=number: reader.picture(PictureKey(BUNNY, number)))
        assert reader.cache.nbytes <= 8 * 320 * 180 * 4


def test_a_killed_process_is_started_again(reader: FrameReader):
    reader.want([PictureKey(BUNNY, 1)])
    wait(lambda: reader.picture(PictureKey(BUNNY, 1)))
    os.kill(reader.process_id(), KILL)
    reader.want([PictureKey(BUNNY, 2)])
    wait(lambda: reader.picture(PictureKey(BUNNY, 2)))


def test_a_missing_file_is_a_sentence_and_is_tried_again(reader: FrameReader, tmp_path: Path):
    path = tmp_path / "later.mp4"
    key = PictureKey(str(path), 0)
    reader.want([key])
    wait(lambda: reader.error(key))
    assert isinstance(reader.error(key), MediaUnreadable)
    path.write_bytes((DEMO / "bunny.mp4").read_bytes())
    reader.retry()
    wait(lambda: reader.picture(key))


def test_a_process_that_dies_of_a_file_costs_that_file_alone(came: threading.Event):
    dying = FrameReader(came.set, command=(sys.executable, "-c", "import sys; sys.stdin.readline()"))
    key = PictureKey(BUNNY, 0)
    dying.want([key])
    wait(lambda: dying.error(key))
    assert "ended the process that reads frames" in str(dying.error(key))
    dying.close()


def test_closing_does_not_wait_for_a_process_that_hangs(came: threading.Event):
    hanging = FrameReader(came.set, command=(sys.executable, "-c", "import time; time.sleep(600)"))
    hanging.want([PictureKey(BUNNY, 0)])
    wait(hanging.process_id)
    hanging.close()
    assert hanging.process_id() == 0
