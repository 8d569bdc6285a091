"""From what was decided about a clip to what the engine is asked."""

from __future__ import annotations

from sparkvsr_bridge.hosts.requests import ShotKeyframe, ShotRequest
from sparkvsr_bridge.settings import KeyframePolicy, UpscaleSettings
from sparkvsr_window.model.documents.records import Document, KeyframeMark


def shot_request(document: Document, before: ShotRequest | None = None) -> ShotRequest:
    """The whole request of a document's marked range.

    Keyframes are those that were set; where none is, the engine chooses (`adaptive`).
    before: the request of an earlier version, whose policy is kept: another one would be another job.
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
        policy=before.settings().policy if before is not None else _policy_of(document),
    )
    wishes = tuple(shot_keyframe(mark) for mark in document.keyframes)
    return ShotRequest(document.clip.path, document.first, document.last, record.to_dict(), wishes)


def shot_keyframe(mark: KeyframeMark) -> ShotKeyframe:
    """A keyframe as a request names it."""
    return ShotKeyframe(mark.frame, mark.image, mark.strength, mark.stamp, mark.colour, mark.matte)


def _policy_of(document: Document) -> KeyframePolicy:
    return KeyframePolicy("manual" if document.keyframes else "adaptive")
