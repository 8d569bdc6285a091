"""Every request has a row, and each role may do what its row allows."""

from __future__ import annotations

import pytest

from sparkvsr_bridge.errors import NotPermitted
from sparkvsr_bridge.messages import MESSAGE_KINDS
from sparkvsr_engine.access.roles import ADDS_A_JOB, CHANGES_A_JOB, ROLE_OF_MESSAGE, ROLES, require_role

REQUESTS = [kind for kind in MESSAGE_KINDS if kind.endswith("_request")]
LOOKING = {
    "hello_request",
    "describe_job_request",
    "list_jobs_request",
    "watch_job_request",
    "confidence_request",
    "suggest_next_request",
    "list_models_request",
    "describe_engine_request",
}


def may(kind: str, role: str) -> bool:
    try:
        require_role(kind, role, "anna")
    except NotPermitted:
        return False
    return True


def test_every_request_has_a_row_and_nothing_else_has():
    assert set(ROLE_OF_MESSAGE) == set(REQUESTS)
    assert set(ROLE_OF_MESSAGE.values()) == set(ROLES)
    assert set(REQUESTS) >= ADDS_A_JOB | CHANGES_A_JOB


@pytest.mark.parametrize("kind", REQUESTS)
def test_who_may_send_a_request(kind: str):
    roles = {role for role in ROLES if may(kind, role)}
    if kind in LOOKING:
        assert roles == {"watch", "submit", "administer"}
    elif kind == "shutdown_request":
        assert roles == {"administer"}
    else:
        assert roles == {"submit", "administer"}


@pytest.mark.parametrize("kind", ["job_changed_event", "ok_reply", "", "delete_everything_request"])
def test_a_message_without_a_row_is_nobodys(kind: str):
    assert not any(may(kind, role) for role in ROLES)


def test_a_role_nobody_knows_may_do_nothing():
    assert not any(may(kind, "owner") for kind in REQUESTS)
