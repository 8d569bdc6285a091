"""The tree of errors: every class a code of its own, and back again from the wire."""

from __future__ import annotations

import pickle

import pytest

from sparkvsr_bridge import errors
from sparkvsr_bridge.errors import (
    ERRORS_BY_CODE,
    EngineLost,
    JobCancelled,
    OutOfMemory,
    SparkVSRError,
    error_from_dict,
)
from sparkvsr_bridge.reports import ErrorReport

CLASSES = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SparkVSRError)
]


def test_every_class_has_a_code_of_its_own_and_stands_in_the_drawing():
    assert sorted(ERRORS_BY_CODE.values(), key=str) == sorted(CLASSES, key=str)
    assert errors.__doc__ is not None
    assert all(kind.__name__ in errors.__doc__.split() for kind in CLASSES)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_comes_back_from_the_wire_as_itself(kind: type[SparkVSRError]):
    back = ErrorReport.of(kind("It rained; wait.", field="sky")).to_error()
    assert type(back) is kind
    assert (str(back), back.message, back.details) == (
        "It rained; wait.",
        "It rained; wait.",
        {"field": "sky"},
    )
    assert 0 < back.exit_status < 256


def test_an_unknown_code_keeps_its_name_and_sentence():
    back = error_from_dict({"code": "sun_too_bright", "message": "Draw the curtain."})
    assert type(back) is SparkVSRError
    assert back.to_dict() == {"code": "sun_too_bright", "message": "Draw the curtain.", "details": {}}


@pytest.mark.parametrize("data", [{}, {"code": 3, "details": "x"}, {"message": None}])
def test_a_report_that_makes_no_sense_is_an_error_all_the_same(data: dict[str, object]):
    assert error_from_dict(data).message


def test_errors_pass_between_processes():
    back = pickle.loads(pickle.dumps(OutOfMemory("Too small.", suggested_tile_size=256)))
    assert (type(back), back.message, back.details) == (
        OutOfMemory,
        "Too small.",
        {"suggested_tile_size": 256},
    )


def test_exit_statuses_are_the_command_lines():
    assert (EngineLost.exit_status, errors.InvalidSettings.exit_status, JobCancelled.exit_status) == (
        1,
        2,
        130,
    )
