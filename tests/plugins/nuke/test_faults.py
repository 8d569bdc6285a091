"""The table of planted faults stands: each text is in the plugin once, each test is there."""

from __future__ import annotations

import pytest

from tests.fakes.planted_faults import Fault
from tests.plugins.nuke.faults import FAULTS, TABLE


def test_there_are_enough_of_them():
    assert len(FAULTS) >= 25
    assert len({fault.what for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_fault_can_be_planted_and_its_test_is_there(fault: Fault):
    TABLE.require_plantable(fault)
