"""From what was decided about a clip to what the engine is asked."""

from __future__ import annotations

from sparkvsr_bridge.hosts.requests import ShotKeyframe, ShotRequest
from sparkvsr_bridge.settings import KeyframePolicy, UpscaleSettings
from sparkvsr_window.model.documents.records import Document, KeyframeMark

# What a document without a policy of its own is rendered by.
_UNNAMED = ("manual", "adaptive")


def shot_request(document: Document, before: ShotRequest | None = None) -> ShotRequest:
    """The whole request of a document's marked range.

    Keyframes are those that were set, and those of the policy; without one the engine chooses (`adaptive`)
    where none is set.

    Args:
        document: what was decided.
        before: the request of an earlier version. Without a policy in the document its own is kept: another
            one would be another job.
    """
    settings = document.settings
    record = UpscaleSettings(
        scale=settings.scale,
        model=settings.model,
        guidance=settings.guidance,
        look=settings.look,
        isr=settings.isr,
        input_colour=settings.input_colour,
        ocio_config=settings.ocio_config if settings.input_colour else "",
        learn=settings.learn,
        policy=_policy_of(document, before),
    )
    wishes = tuple(shot_keyframe(mark) for mark in document.keyframes)
    return ShotRequest(document.clip.path, document.first, document.last, record.to_dict(), wishes)


def shot_keyframe(mark: KeyframeMark) -> ShotKeyframe:
    """A keyframe as a request names it."""
    return ShotKeyframe(mark.frame, mark.image, mark.strength, mark.stamp, mark.colour, mark.matte)


def _policy_of(document: Document, before: ShotRequest | None) -> KeyframePolicy:
    if document.settings.policy:
        return KeyframePolicy(document.settings.policy)
    policy = before.settings().policy if before is not None else None
    if policy is not None and policy.name in _UNNAMED:
        return policy
    return KeyframePolicy("manual" if document.keyframes else "adaptive")
