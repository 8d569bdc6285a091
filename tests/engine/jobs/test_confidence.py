from __future__ import annotations

import numpy as np
import pytest

from sparkvsr_engine.jobs.storage.confidence import KIND, ConfidenceStore, heat_map
from sparkvsr_engine.storage.disk_cache import DiskCache


@pytest.fixture
def trust_store(tmp_path):
    return ConfidenceStore(DiskCache(tmp_path, 10**6))


def test_what_was_measured_is_found_again(trust_store):
    slope = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    trust_store.save("key", {5: None, 6: slope, 7: np.full((3, 4), 0.25, np.float32)})
    result = trust_store.load("key")
    assert result.trust[5] == 0.0
    assert result.trust[6] == pytest.approx(0.5)
    assert sorted(result.maps) == [6, 7]
    assert np.abs(result.maps[6] / 255 - slope).max() < 0.003


def test_frames_without_any_keyframe_are_known_to_be_without(trust_store):
    trust_store.save("key", {1: None, 2: None})
    result = trust_store.load("key")
    assert dict(result.trust) == {1: 0.0, 2: 0.0}
    assert result.maps == {}


def test_what_was_never_kept_or_was_damaged_is_unknown(trust_store, tmp_path):
    assert trust_store.load("other") is None
    trust_store.save("key", {1: None})
    (path,) = (tmp_path / KIND).rglob("*.maps")
    path.write_bytes(b"nonsense")
    assert trust_store.load("key") is None
    assert not path.exists()


def textured(height=48, width=96):
    """Detail everywhere."""
    return np.random.default_rng(0).integers(0, 255, (height, width, 3)).astype(np.uint8)


def test_the_heat_map_is_red_where_detail_was_not_trusted_and_green_where_it_was():
    half = np.zeros((6, 12), np.uint8)
    half[:, 6:] = 255
    result = heat_map(textured(), half).astype(int)
    assert result.shape == (48, 96, 3)
    red, green = result[..., 0], result[..., 1]
    assert red[:, :32].mean() > green[:, :32].mean() + 50
    assert green[:, -32:].mean() > red[:, -32:].mean() + 50


def test_where_nothing_is_to_be_known_nothing_can_be_wrong():
    result = heat_map(np.full((48, 96, 3), 100, np.uint8), None)
    assert (result[..., 1] > result[..., 0]).all()


def test_without_keyframes_detail_is_not_to_be_believed():
    result = heat_map(textured(), None).astype(int)
    assert result[..., 0].mean() > result[..., 1].mean() + 50


def test_the_picture_shows_through_the_heat():
    frame = np.zeros((48, 96, 3), np.uint8)
    frame[24:] = 200
    result = heat_map(frame, np.full((6, 12), 255, np.uint8)).astype(int)
    assert result[40].mean() > result[8].mean() + 60
