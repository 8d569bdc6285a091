from __future__ import annotations

import numpy as np
import pytest

from sparkvsr_engine.jobs.cache import DiskCache
from sparkvsr_engine.jobs.confidence import KIND, ConfidenceBook, heat_map


@pytest.fixture
def book(tmp_path):
    return ConfidenceBook(DiskCache(tmp_path, 10**6))


def test_what_was_measured_is_found_again(book):
    slope = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    book.save("key", {5: None, 6: slope, 7: np.full((3, 4), 0.25, np.float32)})
    found = book.load("key")
    assert found.trust[5] == 0.0
    assert found.trust[6] == pytest.approx(0.5)
    assert sorted(found.maps) == [6, 7]
    assert np.abs(found.maps[6] / 255 - slope).max() < 0.003


def test_frames_without_any_keyframe_are_known_to_be_without(book):
    book.save("key", {1: None, 2: None})
    found = book.load("key")
    assert dict(found.trust) == {1: 0.0, 2: 0.0}
    assert found.maps == {}


def test_what_was_never_kept_or_was_damaged_is_unknown(book, tmp_path):
    assert book.load("other") is None
    book.save("key", {1: None})
    (path,) = (tmp_path / KIND).rglob("*.maps")
    path.write_bytes(b"nonsense")
    assert book.load("key") is None
    assert not path.exists()


def test_the_heat_map_is_red_where_nothing_is_trusted_and_green_where_all_is():
    frame = np.full((20, 40, 3), 100, np.uint8)
    half = np.zeros((2, 2), np.uint8)
    half[:, 1] = 255
    found = heat_map(frame, half)
    assert found.shape == frame.shape
    assert found[10, 0, 0] > found[10, 0, 1]
    assert found[10, -1, 1] > found[10, -1, 0]
    assert heat_map(frame, None)[0, 0, 0] > heat_map(frame, None)[0, 0, 1]


def test_the_picture_shows_through_the_heat():
    frame = np.zeros((8, 8, 3), np.uint8)
    frame[4:] = 200
    found = heat_map(frame, np.full((1, 1), 128, np.uint8)).astype(int)
    assert found[6, 4].sum() > found[1, 4].sum() + 150
