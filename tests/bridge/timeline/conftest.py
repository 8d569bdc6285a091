from __future__ import annotations

import pytest

from tests.fakes.timelines import Shelf


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)
