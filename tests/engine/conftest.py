"""What jobs are tried with, by the rooms that carry them out and by the models they run."""

from __future__ import annotations

import pytest


@pytest.fixture
def workshop(home):
    """Jobs carried out in this process, in this test's home folder."""
    from tests.fakes.jobs import Workshop

    result = Workshop(home)
    yield result
    result.close()
