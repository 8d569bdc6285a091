"""Weights for the learned metrics: random ones always, the real ones where they lie on this machine."""

import os
from pathlib import Path

import pytest

from sparkvsr_bridge.system.folders import home_folder
from sparkvsr_engine.evaluation.measures.weights import METRIC_WEIGHT_FILES
from tests.fakes.metric_weights import write_all

# Read before any test moves the home folder.
REAL_WEIGHTS = Path(os.environ.get("SPARKVSR_METRIC_WEIGHTS", home_folder() / "models" / "metrics"))


@pytest.fixture(scope="session")
def random_weights(tmp_path_factory):
    """A folder with every metric weight file, its content random but always the same."""
    return write_all(tmp_path_factory.mktemp("metrics"))


@pytest.fixture
def real_weights(request):
    """The folder of the real weights; skips the test unless the files it asks for are there."""
    expected = getattr(request, "param", METRIC_WEIGHT_FILES)
    missing = [name for name in expected if not (REAL_WEIGHTS / name).is_file()]
    if missing:
        pytest.skip(f"{missing[0]} is not there; set SPARKVSR_METRIC_WEIGHTS or fetch the metric weights")
    return REAL_WEIGHTS
