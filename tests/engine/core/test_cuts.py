"""Cut detection on shots made here: panned textures, cut, faded, dissolved and flashed."""

import subprocess
import sys

import cv2
import numpy as np
import pytest

from sparkvsr_engine.core.cuts import CutDetector

RATE = 24.0


def make_shot(seed, frames, speed=2):
    """A textured picture of its own colours, panned; uint8 [frames, 54, 96, 3]."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(20, 236, (5, 16, 3)).astype(np.uint8)
    wide = cv2.resize(coarse, (600, 54), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    wide = np.clip(wide + rng.integers(-2, 3, wide.shape), 0, 255).astype(np.uint8)
    return np.stack([wide[:, speed * i : speed * i + 96] for i in range(frames)])


def cuts_in(frames, first=0):
    detector = CutDetector(RATE)
    message = [
        cut for frame, picture in enumerate(frames, start=first) for cut in detector.add(frame, picture)
    ]
    return sorted([*message, *detector.finish()])


def lit(frames, gain, lift=0):
    return np.clip(frames * np.float32(gain) + lift, 0, 255).astype(np.uint8)


def test_a_panning_shot_has_no_cut():
    assert cuts_in(make_shot(1, 60, speed=4)) == []


def test_hard_cuts_are_found_on_their_frame():
    clip = np.concatenate([make_shot(1, 30), make_shot(2, 25), make_shot(3, 40)])
    assert cuts_in(clip) == [30, 55]


def test_cuts_are_numbered_as_the_source_is():
    clip = np.concatenate([make_shot(1, 30), make_shot(2, 25)])
    assert cuts_in(clip, first=1001) == [1031]
    assert cuts_in(clip, first=-5) == [25]


@pytest.mark.parametrize("length", [3, 5, 8])
def test_two_cuts_a_few_frames_apart_are_both_found(length):
    clip = np.concatenate([make_shot(1, 30), make_shot(2, length), make_shot(3, 30)])
    assert cuts_in(clip) == [30, 30 + length]


@pytest.mark.parametrize("length", [4, 8])
def test_a_short_shot_between_parts_of_another_is_separated(length):
    around = make_shot(1, 60)
    clip = np.concatenate([around[:30], make_shot(2, length), around[30:]])
    assert cuts_in(clip) == [30, 30 + length]


@pytest.mark.parametrize("tail", [1, 2])
def test_a_stray_frame_at_either_end_is_its_own_shot(tail):
    clip = np.concatenate([make_shot(2, tail), make_shot(1, 40), make_shot(3, tail)])
    assert cuts_in(clip) == [tail, tail + 40]


@pytest.mark.parametrize("length", [1, 2, 4])
def test_a_flash_is_no_cut(length):
    clip = make_shot(1, 60)
    clip[30 : 30 + length] = lit(clip[30 : 30 + length], 0.3, 180)
    assert cuts_in(clip) == []


def test_a_white_frame_between_two_pictures_makes_one_cut():
    white = np.full((1, 54, 96, 3), 255, np.uint8)
    assert len(cuts_in(np.concatenate([make_shot(1, 30), white, make_shot(2, 30)]))) == 1


def test_a_jolt_of_the_camera_is_no_cut():
    clip = make_shot(1, 60, speed=1)
    clip[30:] = np.roll(clip[30:], 9, axis=2)
    assert cuts_in(clip) == []


def test_a_flash_that_dies_away_is_no_cut():
    clip = make_shot(1, 60)
    for offset, lift in enumerate((180, 140, 100, 60, 30)):
        clip[30 + offset] = lit(clip[30 + offset], 0.5 + 0.1 * offset, lift)
    assert cuts_in(clip) == []


def test_a_light_switched_on_is_no_cut():
    clip = make_shot(1, 60)
    clip[30:] = lit(clip[30:], 0.6, 90)
    assert cuts_in(clip) == []


def test_a_dropped_frame_is_no_cut():
    clip = make_shot(1, 60)
    clip[30] = 0
    assert cuts_in(clip) == []


@pytest.mark.parametrize("length", [4, 8, 16])
def test_a_dissolve_is_no_cut(length):
    first, second = make_shot(1, 40).astype(np.float32), make_shot(2, 40).astype(np.float32)
    weight = np.linspace(0, 1, length + 2)[1:-1, None, None, None]
    mixed = first[-length:] * (1 - weight) + second[:length] * weight
    assert cuts_in(np.concatenate([first[:-length], mixed, second[length:]]).astype(np.uint8)) == []


def test_one_mixed_frame_makes_one_cut():
    first, second = make_shot(1, 40), make_shot(2, 40)
    mixed = (first[-1:].astype(int) + second[:1]) // 2
    result = cuts_in(np.concatenate([first, mixed.astype(np.uint8), second]))
    assert result in ([40], [41])


@pytest.mark.parametrize("level", [0, 255])
def test_a_fade_through_black_or_white_to_another_picture_is_one_cut_in_its_middle(level):
    first, second = make_shot(1, 42), make_shot(2, 42)
    for offset, gain in enumerate(np.linspace(1, 0, 12)):
        first[30 + offset] = lit(first[30 + offset], gain, level * (1 - gain))
        second[11 - offset] = lit(second[11 - offset], gain, level * (1 - gain))
    result = cuts_in(np.concatenate([first, second]))
    assert len(result) == 1
    assert 38 <= result[0] <= 46


def test_a_fade_to_black_and_back_to_the_same_picture_is_no_cut():
    clip = make_shot(1, 80, speed=0)
    for offset, gain in enumerate(np.concatenate([np.linspace(1, 0, 10), np.linspace(0, 1, 10)])):
        clip[30 + offset] = lit(clip[30 + offset], gain)
    assert cuts_in(clip) == []


def test_cuts_are_reported_soon_after_they_are_passed():
    clip = np.concatenate([make_shot(1, 30), make_shot(2, 60)])
    detector = CutDetector(RATE)
    reported_at = next(frame for frame, picture in enumerate(clip) if detector.add(frame, picture))
    assert reported_at <= 30 + 0.5 * RATE


@pytest.mark.parametrize("shape", [(54, 96), (400, 720), (90, 20)])
def test_the_size_of_the_frames_does_not_matter(shape):
    clip = np.concatenate([make_shot(1, 20), make_shot(2, 20)])
    resized = [cv2.resize(frame, shape[::-1], interpolation=cv2.INTER_AREA) for frame in clip]
    assert cuts_in(resized) == [20]


def test_no_frames_and_one_frame_have_no_cut():
    assert cuts_in([]) == []
    assert cuts_in(make_shot(1, 1)) == []
    assert CutDetector(RATE).finish() == []


def test_a_gap_in_the_numbers_is_refused():
    detector = CutDetector(RATE)
    detector.add(4, make_shot(1, 1)[0])
    with pytest.raises(ValueError, match="frame 6 does not follow 4"):
        detector.add(6, make_shot(1, 1)[0])


def test_a_rate_of_zero_is_refused():
    with pytest.raises(ValueError, match="a rate of 0"):
        CutDetector(0)


def test_the_detector_library_is_loaded_only_when_asked_for():
    program = "import sys, sparkvsr_engine.core.cuts; sys.exit('scenedetect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
