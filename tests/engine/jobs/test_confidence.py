from __future__ import annotations

import numpy as np
import pytest

from sparkvsr_engine.jobs.storage.confidence import KIND, ConfidenceStore, heat_map
from sparkvsr_engine.storage.disk_cache import DiskCache


@pytest.fixture
def book(tmp_path):
    return ConfidenceStore(DiskCache(tmp_path, 10**6))


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


def textured(height=48, width=96):
    """Detail everywhere."""
    return np.random.default_rng(0).integers(0, 255, (height, width, 3)).astype(np.uint8)


def test_the_heat_map_is_red_where_detail_was_not_trusted_and_green_where_it_was():
    half = np.zeros((6, 12), np.uint8)
    half[:, 6:] = 255
    found = heat_map(textured(), half).astype(int)
    assert found.shape == (48, 96, 3)
    red, green = found[..., 0], found[..., 1]
    assert red[:, :32].mean() > green[:, :32].mean() + 50
    assert green[:, -32:].mean() > red[:, -32:].mean() + 50


def test_where_nothing_is_to_be_known_nothing_can_be_wrong():
    found = heat_map(np.full((48, 96, 3), 100, np.uint8), None)
    assert (found[..., 1] > found[..., 0]).all()


def test_without_keyframes_detail_is_not_to_be_believed():
    found = heat_map(textured(), None).astype(int)
    assert found[..., 0].mean() > found[..., 1].mean() + 50


def test_the_picture_shows_through_the_heat():
    frame = np.zeros((48, 96, 3), np.uint8)
    frame[24:] = 200
    found = heat_map(frame, np.full((6, 12), 255, np.uint8)).astype(int)
    assert found[40].mean() > found[8].mean() + 60
