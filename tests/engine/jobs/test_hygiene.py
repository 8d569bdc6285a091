"""What is found on an artist's keyframe reaches the artist, and is never silently mended away."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sparkvsr_bridge.media import ImageRef
from sparkvsr_bridge.messages import JobWarning
from sparkvsr_engine.media.images import write_image
from tests.fakes.jobs import write_plate
from tests.fakes.scenes import scene

WIDTH, HEIGHT, FRAME = 128, 96, 3


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_plate(tmp_path_factory.mktemp("plate"), 6, WIDTH, HEIGHT)


def warnings_on(workshop, source, folder, picture, **settings):
    path = folder / "key.png"
    write_image(path, picture)
    spec = workshop.spec(source, folder / "out" / "%04d.png", {FRAME: ImageRef(path=str(path))}, **settings)
    ran = workshop.render(spec)
    message = [report for report in ran.reports if isinstance(report, JobWarning)]
    assert [report.message for report in message] == list(workshop.store.version(ran.job).warnings)
    return message


def enlarged(frame=FRAME, seed=0):
    return cv2.resize(scene(frame, WIDTH, HEIGHT, seed=seed), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)


def test_a_fitting_keyframe_causes_no_warning(workshop, source, tmp_path):
    assert warnings_on(workshop, source, tmp_path, enlarged()) == []


def test_a_shifted_keyframe_is_moved_back_and_the_distance_reported(workshop, source, tmp_path):
    moved = np.roll(enlarged(), (0, 10), (0, 1))
    (message,) = warnings_on(workshop, source, tmp_path, moved)
    assert message.frame == FRAME
    assert "source pixels out of place" in message.message
    assert any(figure in message.message for figure in ("4.9", "5.0", "5.1"))


def test_a_keyframe_of_something_else_is_used_with_less_trust_and_the_figure_reported(
    workshop, source, tmp_path
):
    message = warnings_on(workshop, source, tmp_path, enlarged(seed=5))
    assert any(
        "agrees with its source frame by" in item.message and "trust" in item.message for item in message
    )


def test_a_graded_keyframe_under_lock_keeps_the_sources_colour_and_is_reported(workshop, source, tmp_path):
    warm = enlarged().astype(np.float32) * [1.25, 1.0, 0.7]
    message = warnings_on(workshop, source, tmp_path, np.clip(warm, 0, 255).astype(np.uint8))
    assert any("differs in colour by" in item.message for item in message)


def test_a_graded_keyframe_may_carry_its_look(workshop, source, tmp_path):
    warm = np.clip(enlarged().astype(np.float32) * [1.25, 1.0, 0.7], 0, 255).astype(np.uint8)
    message = warnings_on(workshop, source, tmp_path, warm, look="propagate")
    assert not any("colour" in item.message for item in message)
