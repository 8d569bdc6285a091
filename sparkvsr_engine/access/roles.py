"""What each role may ask for: a table from message to the smallest role. One without a row is refused."""

from __future__ import annotations

from sparkvsr_bridge.errors import NotPermitted

ROLES = ("watch", "submit", "administer")
"""From the smallest to the largest; each may do what those before it may."""

ROLE_OF_MESSAGE = {
    "hello_request": "watch",
    "describe_job_request": "watch",
    "list_jobs_request": "watch",
    "watch_job_request": "watch",
    "confidence_request": "watch",
    "suggest_next_request": "watch",
    "list_models_request": "watch",
    "describe_engine_request": "watch",
    "submit_job_request": "submit",
    "revise_job_request": "submit",
    "cancel_job_request": "submit",
    "pause_job_request": "submit",
    "resume_job_request": "submit",
    "set_playhead_request": "submit",
    "preview_request": "submit",
    "suggest_keyframes_request": "submit",
    "describe_media_request": "submit",
    "shutdown_request": "administer",
}

CHANGES_A_JOB = frozenset(
    {
        "revise_job_request",
        "cancel_job_request",
        "pause_job_request",
        "resume_job_request",
        "set_playhead_request",
    }
)
"""Of somebody else's job these need `administer`."""

ADDS_A_JOB = frozenset({"submit_job_request", "revise_job_request", "resume_job_request"})
"""These count against the limit of open jobs."""


def require_role(kind: str, role: str, name: str) -> None:
    """Raise NotPermitted unless a client of this role may send such a message.

    Args:
        kind: of the message.
        role: the key's.
        name: the key's, for the sentence.
    """
    smallest = ROLE_OF_MESSAGE.get(kind)
    if smallest is None:
        raise NotPermitted(f"'{kind}' is not for remote clients; use it on the engine's own machine.")
    if role not in ROLES or ROLES.index(role) < ROLES.index(smallest):
        raise NotPermitted(
            f"The key '{name}' has the role '{role}', and '{kind}' needs '{smallest}'; ask the engine's"
            " administrator for it."
        )
