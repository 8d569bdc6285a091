"""Jobs whose `lite` has random weights: nothing here depends on how good pictures are."""

from __future__ import annotations

import pytest

from tests.fakes.jobs import write_keyframe, write_plate
from tests.fakes.lite import make_weights


@pytest.fixture(scope="session")
def random_weights(tmp_path_factory):
    return make_weights(tmp_path_factory.mktemp("lite") / "lite.safetensors")


@pytest.fixture(autouse=True)
def _random_lite(random_weights, monkeypatch):
    monkeypatch.setattr("sparkvsr_engine.models.lite.planner.shipped_weights", lambda: random_weights)
    # Random weights reach the bound everywhere; jobs would name every frame.
    monkeypatch.setattr("sparkvsr_engine.jobs.running.runner.TRACE", 1.0)


@pytest.fixture(scope="session")
def plate(tmp_path_factory):
    """A sequence of 33 frames, 64x48."""
    return write_plate(tmp_path_factory.mktemp("plate"), 33)


@pytest.fixture(scope="session")
def artist(tmp_path_factory):
    """Pictures for frames of the plate, made once per frame and gain."""
    folder = tmp_path_factory.mktemp("artist")
    return lambda frame, gain=1.0: write_keyframe(folder / f"{frame}-{gain}.png", frame, gain=gain)
