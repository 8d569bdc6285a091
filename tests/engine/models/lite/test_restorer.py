"""What `lite` promises whatever its weights: exact blindness, exact keyframes, any frame alone, any size."""

import numpy as np
import pytest
from safetensors.numpy import load, save

from sparkvsr_engine.core.dependency import neighbours
from sparkvsr_engine.models.base import Guidance, Prediction
from sparkvsr_engine.models.lite.motion.motion_walk import BLOCK
from tests.fakes.lite_shots import Rendering
from tests.fakes.moving import pan

WIDTH, HEIGHT = 30, 22
pytestmark = pytest.mark.usefixtures("every_backend")
STEP = 1 / 255


def clip(count=6, width=WIDTH, height=HEIGHT, seed=0):
    return pan(count, width, height, (0.6, 0.4), seed)


def picture(rendering, seed=0):
    """A keyframe of no likeness to anything, at output size."""
    size = (rendering.geometry.height, rendering.geometry.width, 3)
    return np.random.default_rng(seed).random(size, np.float32)


def with_keyframes(network, frames, at, scale=4):
    bare = Rendering(network, frames, scale)
    return Rendering(network, frames, scale, {frame: picture(bare, frame) for frame in at})


def everything(rendering, order=None, guidance=None):
    return {frame: rendering.pixels(frame, guidance) for frame in order or rendering.reader.span}


class TestGuidance:
    @pytest.mark.parametrize("at", [(0,), (5,), (2,), (0, 5), (1, 2, 4)])
    def test_zero_is_the_blind_result_bit_for_bit(self, network, at):
        frames = clip()
        blind = everything(Rendering(network, frames))
        picture = everything(with_keyframes(network, frames, at), guidance=Guidance(0.0))
        assert all(np.array_equal(picture[frame], blind[frame]) for frame in blind)

    def test_a_keyframe_of_strength_zero_is_not_there(self, network):
        frames = clip()
        picture = everything(with_keyframes(network, frames, (2,)), guidance=Guidance(1.0, {2: 0.0}))
        blind = everything(Rendering(network, frames))
        assert all(np.array_equal(picture[frame], blind[frame]) for frame in blind)

    def test_a_keyframe_changes_every_frame_of_its_shot(self, network):
        frames = clip()
        blind = everything(Rendering(network, frames))
        picture = everything(with_keyframes(network, frames, (2,)))
        assert all(np.abs(picture[frame] - blind[frame]).mean() > STEP / 4 for frame in blind)

    def test_influence_grows_evenly(self, network):
        rendering = with_keyframes(network, clip(), (0, 5))
        prediction, source = rendering.predict(3)
        none, half, whole, twice = (
            rendering.shot.decode(prediction, source, Guidance(value))[0].pixels for value in (0, 0.5, 1, 2)
        )
        # But where the bound or the range of display values acts: a network of random weights reaches both.
        inside = np.logical_and.reduce([(np.abs(p - 0.5) < 0.499).all(2) for p in (none, half, whole, twice)])
        assert inside.mean() > 0.4
        assert np.isclose(half, (none + whole) / 2, atol=1e-5)[inside].mean() > 0.99
        assert np.isclose(twice - none, 2 * (whole - none), atol=1e-5)[inside].mean() > 0.99

    def test_decoding_changes_neither_prediction_nor_source(self, network):
        rendering = with_keyframes(network, clip(), (0, 5))
        prediction, source = rendering.predict(3)
        first = rendering.shot.decode(prediction, source, Guidance())[0].pixels
        rendering.shot.decode(prediction, source, Guidance(0.3))
        assert np.array_equal(rendering.shot.decode(prediction, source, Guidance())[0].pixels, first)


class TestKeyframesOwnFrame:
    @pytest.mark.parametrize("scale", [1, 2.37, 4])
    def test_it_is_the_keyframes_picture(self, network, scale):
        rendering = with_keyframes(network, clip(), (2, 4), scale)
        for frame in (2, 4):
            apart = np.abs(rendering.pixels(frame) - rendering.keyframes[frame]).max()
            assert apart < STEP / 4

    def test_it_is_trusted_fully_and_depends_on_no_other_keyframe(self, network):
        frames = clip()
        both, alone = (with_keyframes(network, frames, at) for at in ((2, 4), (2,)))
        assert np.array_equal(both.pixels(2), alone.pixels(2))
        assert (both.frame(2).confidence == 1).all()


class TestAnyFrameAlone:
    @pytest.mark.slow
    @pytest.mark.parametrize("order", ["as shot", "backwards", "shuffled"])
    def test_a_frame_does_not_depend_on_what_was_rendered_before(self, network, order):
        # Long enough that walks from both keyframes leave and reuse marks.
        count = 2 * BLOCK + 6
        frames = clip(count, 24, 20)
        at = (0, count - 2)
        turned = list(range(count))
        if order == "backwards":
            turned.reverse()
        if order == "shuffled":
            np.random.default_rng(4).shuffle(turned)
        whole = everything(with_keyframes(network, frames, at), turned)
        for frame in (1, 2, BLOCK, BLOCK + 1, count - BLOCK - 2, count - 3, count - 1):
            assert np.array_equal(with_keyframes(network, frames, at).pixels(frame), whole[frame])

    def test_a_keyframe_elsewhere_changes_nothing_here(self, network):
        frames = clip(12)
        two, three = (with_keyframes(network, frames, at) for at in ((0, 6), (0, 6, 10)))
        for frame in range(7):
            assert np.array_equal(two.pixels(frame), three.pixels(frame))

    def test_frames_are_counted_from_the_shots_own_start(self, network):
        frames = clip()
        early, late = Rendering(network, frames), Rendering(network, frames, start=1000)
        assert np.array_equal(early.pixels(3), late.pixels(1003))

    def test_no_frame_outside_the_shot_is_asked_for(self, network):
        rendering = with_keyframes(network, clip(), (0,))
        everything(rendering)
        assert set(rendering.reader.was_read) == set(rendering.reader.span)


class TestSizes:
    @pytest.mark.parametrize("scale", [1, 1.5, 2, 2.37, 3, 4])
    @pytest.mark.parametrize("size", [(31, 17), (40, 24)])
    def test_any_scale_gives_its_size_from_any_size(self, network, scale, size):
        rendering = with_keyframes(network, clip(3, *size), (0,), scale)
        for frame in (0, 1):
            pixels = rendering.pixels(frame)
            assert pixels.shape == (rendering.geometry.height, rendering.geometry.width, 3)
            assert pixels.dtype == np.float32
            assert np.isfinite(pixels).all()

    @pytest.mark.parametrize("size", [(1, 1), (3, 5), (12, 9), (15, 64)])
    @pytest.mark.parametrize("scale", [1, 4])
    def test_frames_too_small_for_a_motion_search_are_restored(self, network, size, scale):
        rendering = with_keyframes(network, clip(4, *size), (1,), scale)
        restored = everything(rendering)
        assert all(np.isfinite(pixels).all() for pixels in restored.values())
        assert np.abs(restored[1] - rendering.keyframes[1]).max() < STEP

    def test_a_shot_of_one_frame_is_restored(self, network):
        frames = clip(1)
        blind = Rendering(network, frames).frame(0)
        assert blind.confidence is None
        assert np.isfinite(blind.pixels).all()
        keyed = with_keyframes(network, frames, (0,))
        assert np.abs(keyed.pixels(0) - keyed.keyframes[0]).max() < STEP

    def test_what_pads_the_canvas_is_not_seen(self, network):
        frames = clip(2, 13, 11)
        restored = Rendering(network, frames, 1).pixels(0)
        assert restored.shape == (11, 13, 3)
        assert np.abs(restored - frames[0]).max() < 0.5


class TestKeyframes:
    def test_two_keyframes_may_come_in_either_order(self, network):
        rendering = with_keyframes(network, clip(), (1, 5))
        planned, turned = rendering.frame(3), rendering.frame(3, keyframes=(5, 1))
        assert np.isfinite(turned.pixels).all()
        assert 0 <= turned.confidence.min() <= turned.confidence.max() <= 1
        # Strengths find their keyframe whatever its place.
        alone = rendering.frame(3, Guidance(1.0, {5: 0.0}), keyframes=(5, 1))
        assert not np.array_equal(alone.pixels, turned.pixels)
        assert np.array_equal(
            rendering.pixels(3, Guidance(1.0, {1: 0.0, 5: 0.0}), keyframes=(5, 1)),
            rendering.pixels(3, Guidance(0.0)),
        )
        assert planned.confidence.shape == turned.confidence.shape

    def test_windows_look_at_the_nearest_keyframe_on_either_side(self, network):
        rendering = with_keyframes(network, clip(), (1, 5))
        for frame in rendering.reader.span:
            near = tuple(k for k in neighbours(frame, [1, 5], rendering.reader.span) if k is not None)
            assert rendering.window(frame).keyframes == near

    def test_confidence_is_coarse_and_between_nothing_and_all(self, network):
        rendering = with_keyframes(network, clip(), (1, 5))
        confidence = rendering.frame(3).confidence
        assert confidence.shape == (22, 30)
        assert 0 < confidence.min() <= confidence.max() <= 1
        assert Rendering(network, clip()).frame(3).confidence is None

    def test_a_keyframe_changes_nothing_where_its_matte_is_black(self, network):
        frames = pan(5, 32, 24, (0.0, 0.0))
        rendering = with_keyframes(network, frames, (0,))
        matte = np.zeros((96, 128), np.float32)
        matte[:, :48] = 1
        picture = rendering.pixels(3, Guidance(1.0, {}, {0: matte}))
        blind, whole = rendering.pixels(3, Guidance(0.0)), rendering.pixels(3)
        # A pixel of colour and one of flow beyond the matte's edge.
        assert np.array_equal(picture[:, 56:], blind[:, 56:])
        assert picture[:, :40] == pytest.approx(whole[:, :40], abs=1e-5)
        assert np.abs(whole[:, 56:] - blind[:, 56:]).mean() > STEP

    def test_a_matte_follows_what_it_lies_on(self, network):
        frames = pan(7, 40, 24, (1.0, 0.0))
        rendering = with_keyframes(network, frames, (0,))
        matte = np.zeros((96, 160), np.float32)
        matte[:, 80:112] = 1
        moved = rendering.pixels(6, Guidance(1.0, {}, {0: matte})) != rendering.pixels(6, Guidance(0.0))
        columns = np.nonzero(moved[16:80].any((0, 2)))[0]
        # Six frames of one source pixel, four output pixels each, to the left.
        assert columns.min() == pytest.approx(80 - 24, abs=6)
        assert columns.max() == pytest.approx(111 - 24, abs=6)

    def test_an_own_frames_matte_lets_the_blind_result_show(self, network):
        rendering = with_keyframes(network, clip(), (2,))
        matte = np.zeros((88, 120), np.float32)
        matte[:44] = 1
        picture = rendering.frame(2, Guidance(1.0, {}, {2: matte}))
        assert np.array_equal(picture.pixels[44:], rendering.pixels(2, Guidance(0.0))[44:])
        assert np.array_equal(picture.pixels[:44], rendering.pixels(2)[:44])
        assert picture.confidence[0].min() == 1
        assert picture.confidence[-1].max() == 0


class TestStorage:
    @pytest.mark.parametrize("frame", [0, 3, 5])
    def test_a_stored_prediction_decodes_to_the_same_pixels(self, network, frame):
        rendering = with_keyframes(network, clip(), (0, 4))
        prediction, source = rendering.predict(frame)
        stored = save({name: np.ascontiguousarray(array) for name, array in prediction.parts.items()})
        back = Prediction(prediction.window, load(stored), 0)
        for guidance in (Guidance(), Guidance(0.4, {4: 1.5})):
            (first,), (second,) = (rendering.shot.decode(p, source, guidance) for p in (prediction, back))
            assert np.array_equal(first.pixels, second.pixels)
            assert np.array_equal(first.confidence, second.confidence)


@pytest.mark.parametrize("frame", [0, 3])
def test_parts_are_laid_out_as_they_are_read_back(network, frame):
    prediction, _ = with_keyframes(network, clip(), (0, 4)).predict(frame)
    assert all(array.flags.c_contiguous for array in prediction.parts.values())


def test_a_prediction_depends_on_no_guidance_but_counts_one_pass(network):
    prediction, _ = with_keyframes(network, clip(), (0, 4)).predict(2)
    assert prediction.passes == 1
    assert prediction.window.span.start == 2
