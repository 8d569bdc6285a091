"""A picture that shows another frame than its name has is reported; one of its own frame is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.references.alignment import align_picture
from sparkvsr_engine.references.frame_shown import REACH, frame_shown
from tests.fakes.scenes import scene, softened, with_noise

AVAILABLE = FrameSpan(1001, 1061)
NAMED = 1030


def fine(number):
    """At output size; it slides against a frame that stands still."""
    picture = scene(number - 1001, 192, 144)
    picture[:24] = scene(0, 192, 144, seed=4)[:24]
    return picture


class Source:
    """Reads frames at half the size and counts them. broken: frames that cannot be read."""

    def __init__(self, broken=()):
        self.read: list[int] = []
        self._broken = broken

    def __call__(self, number):
        self.read.append(number)
        if number in self._broken:
            raise MediaUnreadable(f"frame {number} cannot be read.")
        small = cv2.resize(fine(number), (96, 72), interpolation=cv2.INTER_AREA)
        return with_noise(small, 3, seed=number).astype(np.float32) / 255


def shown_by(picture, source, named=NAMED, available=AVAILABLE):
    unit = picture.astype(np.float32) / 255
    own_values = source(named)
    placed, _ = align_picture(unit, own_values)
    source.read.clear()
    return frame_shown(unit, placed, own_values, named, available, source)


@pytest.mark.slow
@pytest.mark.parametrize("away", [-20, -3, -1, 1, 2, 12, REACH])
def test_another_frame_is_reported_by_its_number(away):
    result = shown_by(fine(NAMED + away), Source())
    assert result.frame == NAMED + away
    assert result.agreement > result.named_agreement
    assert f"at {NAMED} looks like frame {NAMED + away}:" in result.warning


def own_pictures():
    true = fine(NAMED)
    painted = true.copy()
    painted[40:90, 60:120] = 128
    across = np.array([[1, 0, -3], [0, 1, 5]], np.float32)
    shifted = cv2.warpAffine(true, across, (192, 144), borderMode=cv2.BORDER_REPLICATE)
    return {
        "true": true,
        "soft": softened(true),
        "noisy": with_noise(true, 12),
        "painted": painted,
        "shifted": shifted,
    }


@pytest.mark.slow
@pytest.mark.parametrize("kind", own_pictures())
def test_a_picture_of_its_own_frame_gets_no_report(kind):
    assert shown_by(own_pictures()[kind], Source()) is None


def test_of_a_true_picture_no_other_frame_is_read_and_of_a_painted_one_its_neighbours():
    pictures = own_pictures()
    for kind, read in (("true", set()), ("painted", {NAMED - 1, NAMED + 1})):
        source = Source()
        assert shown_by(pictures[kind], source) is None
        assert set(source.read) == read


@pytest.mark.slow
def test_something_else_altogether_is_no_other_frame():
    foreign = np.random.default_rng(3).integers(0, 256, (144, 192, 3), np.uint8)
    assert shown_by(foreign, Source()) is None


@pytest.mark.slow
def test_frames_that_cannot_be_read_are_passed_over():
    source = Source(broken=(NAMED + 1, NAMED - 4))
    assert shown_by(fine(NAMED + 2), source).frame == NAMED + 2
    assert shown_by(fine(NAMED + 1), source) is None


@pytest.mark.slow
def test_a_black_frame_nearby_agrees_with_nothing():
    class Fading(Source):
        def __call__(self, number):
            return super().__call__(number) * (0.0 if number > NAMED + 3 else 1.0)

    assert shown_by(own_pictures()["painted"], Fading()) is None
    assert shown_by(np.random.default_rng(3).integers(0, 256, (144, 192, 3), np.uint8), Fading()) is None
    assert shown_by(fine(NAMED + 2), Fading()).frame == NAMED + 2


@pytest.mark.slow
def test_at_an_end_and_in_a_source_of_one_frame_only_what_is_there_is_read():
    source = Source()
    assert shown_by(fine(1002), source, named=1001).frame == 1002
    assert min(source.read) == 1002
    assert shown_by(fine(1003), source, named=1001, available=FrameSpan(1001, 1002)) is None
    assert source.read == []
