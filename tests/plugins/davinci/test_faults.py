"""The table of planted faults stands: each text is in the plugin once, each test is there."""

from __future__ import annotations

import ast

import pytest

from tests.plugins.davinci.faults import FAULTS, HERE, PLUGIN, Fault


def test_there_are_enough_of_them():
    assert len(FAULTS) >= 20
    assert len({fault.what for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_fault_can_be_planted_and_its_test_is_there(fault: Fault):
    assert (PLUGIN / fault.file).read_text("utf-8").count(fault.text) == 1, fault.text
    file, _, name = fault.test.partition("::")
    tree = ast.parse((HERE / file).read_text("utf-8"))
    assert name in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
