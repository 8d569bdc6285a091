"""Stages: rectangles of real clips, photographs that move, and the flows that come with them."""

import numpy as np
import pytest

from sparkvsr_engine.core.pictures.motion import warp
from sparkvsr_engine.training.scenes.footage import FLOW_FACTOR, open_clip
from sparkvsr_engine.training.scenes.stage_clips import STAGE_HEIGHT, STAGE_WIDTH, PhotographStage, RealStage
from tests.fakes.footage import FRAMES
from tests.fakes.moving import as_bytes, texture

SHAPE = (STAGE_HEIGHT, STAGE_WIDTH, 3)
PHOTOGRAPHS = [as_bytes(texture(720, 540, seed)) for seed in (3, 4, 5)]


@pytest.fixture(scope="module")
def clip(clips, cache):
    """The larger reduction, where there is room for a rectangle."""
    return open_clip(cache, clips[1])


def rng(seed=0):
    return np.random.default_rng(seed)


def reduced(picture):
    rows, columns = STAGE_HEIGHT // FLOW_FACTOR, STAGE_WIDTH // FLOW_FACTOR
    return picture.reshape(rows, FLOW_FACTOR, columns, FLOW_FACTOR, 3).mean((1, 3)).astype(np.float32)


class TestRealStage:
    def test_it_is_the_same_rectangle_of_every_frame(self, clip):
        stage = RealStage(clip, 16, 40, reversed=False)
        assert stage.length == FRAMES
        for index in range(FRAMES):
            expected = clip.frames[index, 40 : 40 + STAGE_HEIGHT, 16 : 16 + STAGE_WIDTH]
            assert np.array_equal(stage.frame(index), expected)

    def test_time_may_run_backwards(self, clip):
        forward, backward = (RealStage(clip, 0, 0, reversed=turned) for turned in (False, True))
        assert np.array_equal(forward.frame(1), backward.frame(FRAMES - 2))

    def test_drawn_rectangles_lie_inside_and_on_whole_cells(self, clip):
        height, width = clip.frames.shape[1:3]
        stages = [RealStage.at_random(clip, rng(seed)) for seed in range(40)]
        for stage in stages:
            assert stage.x % 8 == stage.y % 8 == 0
            assert stage.x <= width - STAGE_WIDTH
            assert stage.y <= height - STAGE_HEIGHT
        assert {stage.reversed for stage in stages} == {False, True}
        assert len({(stage.x, stage.y) for stage in stages}) > 10

    def test_a_clip_of_exactly_a_stage_can_be_used(self, clips, cache):
        stage = RealStage.at_random(open_clip(cache, clips[0]), rng())
        assert stage.frame(0).shape == SHAPE

    @pytest.mark.parametrize("turned", [False, True])
    @pytest.mark.parametrize(("start", "target"), [(1, 4), (5, 2), (3, 2)])
    def test_a_walk_brings_the_target_onto_the_start(self, clip, turned, start, target):
        stage = RealStage(clip, 32, 32, turned)
        flow = stage.walk(start, target)
        start_picture, target_picture = reduced(stage.frame(start)), reduced(stage.frame(target))
        inner = np.s_[12:-12, 12:-12]
        apart = np.abs(warp(target_picture, flow)[inner] - start_picture[inner]).mean()
        assert apart < 0.5 * np.abs(target_picture - start_picture)[inner].mean()

    def test_a_walk_to_itself_stands_still(self, clip):
        assert not RealStage(clip, 0, 0, reversed=False).walk(2, 2).any()


class TestPhotographStage:
    @pytest.mark.parametrize("count", [1, 2, 3])
    def test_its_frames_are_stage_sized_and_move(self, count):
        stage = PhotographStage.at_random(PHOTOGRAPHS[:count], rng(1))
        first, later = stage.frame(0), stage.frame(40)
        assert first.shape == SHAPE
        assert first.dtype == np.uint8
        assert not np.array_equal(first, later)

    def test_the_same_draw_gives_the_same_frames_in_any_order(self):
        first, second = (PhotographStage.at_random(PHOTOGRAPHS, rng(2)) for _ in range(2))
        late = first.frame(9)
        first.frame(0)
        assert np.array_equal(second.frame(9), late)
        assert np.array_equal(first.frame(9), late)

    def test_another_draw_gives_another_stage(self):
        first, second = (PhotographStage.at_random(PHOTOGRAPHS, rng(seed)) for seed in (2, 3))
        assert not np.array_equal(first.frame(0), second.frame(0))

    def test_an_object_lies_over_the_back_and_hides_it(self):
        black, white = np.zeros((540, 720, 3), np.uint8), np.full((540, 720, 3), 255, np.uint8)
        stage = PhotographStage.at_random([black, white], rng(4))
        seen = stage.frame(32)
        assert seen.min() == 0
        assert seen.max() == 255

    def test_its_motion_has_to_be_found(self):
        assert PhotographStage.at_random(PHOTOGRAPHS, rng()).walk(0, 5) is None
