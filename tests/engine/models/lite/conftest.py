"""A small network with random weights, and clips to run it on."""

from __future__ import annotations

import pytest

from tests.fakes.lite_shots import small_network


@pytest.fixture(scope="session")
def network():
    return small_network()
