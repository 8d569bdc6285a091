"""Requests as they are kept and compared: what only a new job can change, and what a version can."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sparkvsr_bridge.hosts.requests import (
    ShotKeyframe,
    ShotRequest,
    is_change,
    learning_again,
    revision_between,
)
from sparkvsr_bridge.hosts.result_records import TimelineRecord
from sparkvsr_bridge.hosts.timing import Placement

OPTIONS = {"scale": 2.0, "model": "lite", "guidance": 1.0, "policy": {"name": "manual", "budget": 0}}
WISHES = (ShotKeyframe(1003), ShotKeyframe(1008, "/shots/key.png", 0.5, 7))
REQUEST = ShotRequest("/shots/plate.%04d.png", 1001, 1012, OPTIONS, WISHES)
ORDER = TimelineRecord(
    "Scene", "a1", "plate", REQUEST, 0, Placement(10, 12, 10, 22), ".png", "sRGB", 96, 64, "plate 2x"
)


def test_an_order_outlives_being_kept_as_text():
    assert TimelineRecord.from_json(ORDER.to_json()) == ORDER


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"asked": "{}"}', '{"scene": "Scene"}'])
def test_text_of_another_version_is_no_order(text: str):
    assert TimelineRecord.from_json(text) is None


def test_nothing_changed_is_no_change():
    assert not is_change(revision_between(REQUEST, REQUEST))


def test_an_edited_picture_a_new_and_a_dropped_keyframe_are_a_revision():
    now = replace(REQUEST, keyframes=(replace(WISHES[1], stamp=8), ShotKeyframe(1010)))
    revision = revision_between(REQUEST, now)
    assert [item.frame for item in revision.set_keyframes] == [1008, 1010]
    assert revision.drop_keyframes == (1003,)


def test_guidance_and_range_are_a_revision():
    now = replace(REQUEST, last=1010, options={**OPTIONS, "guidance": 0.5})
    revision = revision_between(REQUEST, now)
    assert (revision.guidance, revision.first_frame, revision.last_frame) == (0.5, None, 1010)


@pytest.mark.parametrize("change", [{"scale": 3.0}, {"look": "propagate"}, {"model": "sparkvsr"}])
def test_size_look_and_model_need_a_new_job(change: dict[str, object]):
    assert revision_between(REQUEST, replace(REQUEST, options={**OPTIONS, **change})) is None


@pytest.mark.parametrize(
    ("before", "now", "damage", "judges"),
    [
        ({}, {"damage": 0.0}, 0.0, False),
        ({"damage": 0.0}, {"damage": 0.5}, 0.5, False),
        ({"damage": 0.0}, {}, None, True),
        ({"damage": 0.5}, {"damage": 0.5}, None, False),
    ],
)
def test_damage_set_or_estimated_again_is_a_revision(
    before: dict[str, float], now: dict[str, float], damage: float | None, judges: bool
):
    revision = revision_between(*(replace(REQUEST, options={**OPTIONS, **text}) for text in (before, now)))
    assert (revision.damage, revision.judges_damage) == (damage, judges)
    assert is_change(revision) == (before != now)


@pytest.mark.parametrize(
    ("before", "now", "learn"),
    [({}, {"learn": "auto"}, "again"), ({"learn": "auto"}, {}, "off"), ({}, {}, None)],
)
def test_learning_turned_on_or_off_is_a_revision(
    before: dict[str, str], now: dict[str, str], learn: str | None
):
    revision = revision_between(*(replace(REQUEST, options={**OPTIONS, **text}) for text in (before, now)))
    assert revision.learn == learn


def test_learning_again_is_a_revision_even_where_nothing_else_changed():
    learning = replace(REQUEST, options={**OPTIONS, "learn": "auto"})
    again = learning_again(revision_between(learning, replace(learning, keyframes=WISHES[:1])))
    assert (again.learn, again.drop_keyframes) == ("again", (1008,))
    assert is_change(learning_again(revision_between(learning, learning)))


def test_another_source_needs_a_new_job():
    assert revision_between(REQUEST, replace(REQUEST, path="/shots/other.%04d.png")) is None
