"""Weights follow how damaged the footage looks, and nothing else does."""

import numpy as np
import pytest
import torch

from sparkvsr_engine.core.crops import Rectangle
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.interactive.preview_sessions import CroppedFrames
from sparkvsr_engine.models.lite.damage import DamageJudge, judged_plane, statistics_of
from sparkvsr_engine.models.lite.loading import load_weights
from sparkvsr_engine.models.lite.pixels.source_planes import SourcePlanes
from sparkvsr_engine.models.lite.planner import shipped_weights
from sparkvsr_engine.models.lite.weight_mixer import DamageEstimator, LiteWeights, WeightMixer
from sparkvsr_engine.models.precision import choose_precision
from tests.fakes.lite_shots import MemoryReader, Rendering, small_network
from tests.fakes.moving import pan

FRAMES = pan(5, 24, 20)


class FixedJudge(DamageJudge):
    """Judges by a function of a frame's statistics; counts the frames it judged."""

    def __init__(self, logit):
        super().__init__()
        self.logit = logit
        self.frames_judged = 0

    def forward(self, statistics):
        self.frames_judged += len(statistics)
        return self.logit(statistics[0]).reshape(1)


def luma_of_picture(picture):
    return judged_plane(picture)


def always(logit):
    return FixedJudge(lambda message: torch.tensor(float(logit)))


@pytest.fixture(scope="module")
def pair():
    """A network for damaged sources and one for clean ones."""
    return small_network(0), small_network(1)


def mixer_of(pair, judge):
    return WeightMixer(LiteWeights(pair[0], pair[1], judge), choose_precision("cpu"))


def meter_of(judge, frames=FRAMES, damage=None):
    height, width = frames[0].shape[:2]
    planes = SourcePlanes(MemoryReader(frames), Geometry.scaled(width, height, 4))
    return DamageEstimator(judge, damage, planes, choose_precision("cpu"))


def blind_luma(weights, damage=None):
    """The luma that is added to frame 2 of a still without keyframes, at scale 2."""
    with torch.inference_mode():
        return (
            Rendering(weights, [FRAMES[2]] * 5, 2, damage=damage)
            .shot.work.restored(2, None, ())
            .residual.luma
        )


def test_sure_judgements_get_the_weights_as_they_were_trained(pair):
    mixer = mixer_of(pair, always(0))
    for share, network in ((1.0, pair[0]), (0.0, pair[1])):
        for name, value in mixer.at(share).state_dict().items():
            assert torch.equal(value, network.state_dict()[name])


def test_between_them_weights_are_mixed_and_kept(pair):
    mixer = mixer_of(pair, always(0))
    mixed = mixer.at(0.25)
    assert mixer.at(0.26) is mixed
    for name, value in mixed.state_dict().items():
        damaged, clean = (network.state_dict()[name] for network in pair)
        assert torch.allclose(value, 0.25 * damaged + 0.75 * clean)


def test_weights_for_drawn_pictures_are_mixed_in_by_their_share(pair):
    drawn = small_network(2)
    mixer = WeightMixer(LiteWeights(pair[0], pair[1], always(0), drawn), choose_precision("cpu"))
    damaged, clean = (network.state_dict() for network in pair)
    mixtures = {name: mixer.at(0.25, 0.5).state_dict()[name] for name in damaged}
    for name, third in drawn.state_dict().items():
        assert torch.equal(mixer.at(0.7, 1.0).state_dict()[name], third)
        assert torch.equal(mixer.at(0.0, 0.0).state_dict()[name], clean[name])
        assert torch.allclose(mixtures[name], 0.5 * third + 0.125 * damaged[name] + 0.375 * clean[name])


def test_no_more_mixtures_are_held_than_one_scale_has_steps(pair):
    mixer = WeightMixer(LiteWeights(pair[0], pair[1], always(0), small_network(2)), choose_precision("cpu"))
    first = mixer.at(1 / 16, 1 / 16)
    for step in range(2, 15):
        mixer.at(step / 16, 0.5)
    assert mixer.at(1 / 16, 1 / 16) is first
    for step in range(1, 16):
        mixer.at(0.25, step / 16)
        mixer.at(0.75, step / 16)
    assert mixer.at(1 / 16, 1 / 16) is not first


def test_what_is_learnt_of_a_shot_reaches_the_weights_for_drawn_pictures(pair):
    drawn = small_network(2)
    mixer = WeightMixer(LiteWeights(pair[0], pair[1], always(0), drawn), choose_precision("cpu"))
    bias = drawn.blind.head.bias.detach().clone()
    taught = mixer.taught({"blind.head.bias": torch.ones_like(bias)})
    assert torch.allclose(taught.at(0.0, 1.0).blind.head.bias, bias + 1)
    assert torch.equal(mixer.at(0.0, 1.0).blind.head.bias, bias)


def test_weights_of_one_kind_are_used_whatever_the_footage(pair):
    mixer = mixer_of((pair[0], None), None)
    assert all(mixer.at(damage) is mixer.at(1.0) for damage in (0.0, 0.4, 1.0))
    assert meter_of(None).damage(2) == 1.0


@pytest.mark.parametrize(("logit", "least", "most"), [(-9.0, 0.0, 0.02), (0.0, 0.5, 0.5), (9.0, 0.98, 1.0)])
def test_damage_is_the_judges_estimate(logit, least, most):
    assert least <= meter_of(always(logit)).damage(2) <= most


def test_each_frame_is_judged_once_while_it_is_near():
    judge = always(1)
    meter = meter_of(judge)
    for frame in range(len(FRAMES)):
        meter.damage(frame)
    assert judge.frames_judged == len(FRAMES)


def test_one_odd_frame_does_not_outvote_its_neighbours():
    noisy = FRAMES[2] + np.random.default_rng(0).normal(0, 0.1, FRAMES[2].shape).astype(np.float32)
    plain = statistics_of(luma_of_picture(FRAMES[1]))
    frames = [noisy if at == 2 else FRAMES[1] for at in range(5)]
    meter = meter_of(
        FixedJudge(lambda message: torch.tensor(-2.0 if torch.allclose(message, plain) else 50.0)), frames
    )
    assert 0.12 < meter.damage(2) < 0.5


def test_damage_does_not_depend_on_the_order_frames_are_asked_for():
    torch.manual_seed(0)
    judge = DamageJudge()
    message = [meter_of(judge).damage(frame) for frame in range(5)]
    backwards = meter_of(judge)
    assert [backwards.damage(frame) for frame in reversed(range(5))] == message[::-1]


def test_a_shot_is_restored_by_the_weights_its_footage_calls_for(pair):
    damaged, clean = blind_luma(LiteWeights(pair[0])), blind_luma(LiteWeights(pair[1]))
    assert not np.allclose(damaged, clean, atol=1e-3)
    assert np.allclose(blind_luma(LiteWeights(pair[0], pair[1], always(9))), 0.96 * damaged, atol=1e-5)
    assert np.array_equal(blind_luma(LiteWeights(pair[0], pair[1], always(-9))), clean)


@pytest.mark.parametrize("scale", [1, 4.5, 6])
def test_where_the_clean_weights_are_not_at_home_nobody_judges(pair, scale):
    judge = always(-9)
    result = Rendering(LiteWeights(pair[0], pair[1], judge), FRAMES, scale).pixels(2)
    assert np.array_equal(result, Rendering(pair[0], FRAMES, scale).pixels(2))
    assert judge.frames_judged == 0


@pytest.mark.parametrize("scale", [1.5, 2, 3, 4])
def test_at_home_the_footage_decides(pair, scale):
    result = Rendering(LiteWeights(pair[0], pair[1], always(-9)), FRAMES, scale).pixels(2)
    assert np.array_equal(result, Rendering(pair[1], FRAMES, scale).pixels(2))


def test_damaged_footage_has_weights_of_its_own_at_four_times_the_source_alone(pair):
    damaged = small_network(3)
    sets = LiteWeights(pair[0], pair[1], always(9), damaged=damaged)
    assert np.allclose(blind_luma(sets), blind_luma(LiteWeights(damaged, pair[1], always(9))), atol=1e-6)
    clean = LiteWeights(pair[0], pair[1], always(-9), damaged=damaged)
    assert np.array_equal(blind_luma(clean), blind_luma(LiteWeights(pair[1])))
    for scale in (1, 6):
        result = Rendering(sets, FRAMES, scale).pixels(2)
        assert np.array_equal(result, Rendering(pair[0], FRAMES, scale).pixels(2))


def test_light_is_restored_by_the_weights_for_all_footage_and_those_for_clean_sources(pair):
    sets = LiteWeights(pair[0], pair[1], always(0), damaged=small_network(3))
    mixer, whole = WeightMixer(sets, choose_precision("cpu")), mixer_of(pair, always(0))
    for damage in (0.0, 0.25, 1.0):
        mixed = mixer.at(damage, is_light=True).state_dict()
        assert all(torch.equal(mixed[name], value) for name, value in whole.at(damage).state_dict().items())
    assert mixer.at(0.25) is not mixer.at(0.25, is_light=True)


def test_what_is_learnt_of_a_shot_reaches_the_weights_for_damaged_footage(pair):
    damaged = small_network(3)
    mixer = WeightMixer(LiteWeights(pair[0], pair[1], always(0), damaged=damaged), choose_precision("cpu"))
    bias = damaged.blind.head.bias.detach().clone()
    taught = mixer.taught({"blind.head.bias": torch.ones_like(bias)})
    assert torch.allclose(taught.at(1.0).blind.head.bias, bias + 1)
    whole = pair[0].blind.head.bias
    assert torch.allclose(taught.at(1.0, is_native=False).blind.head.bias, whole + 1)


@pytest.mark.parametrize(("damage", "network", "share"), [(0.0, 1, 1.0), (1.0, 0, 0.96)])
def test_the_artists_damage_goes_before_any_estimate(pair, damage, network, share):
    judge = always(-9 if damage else 9)
    result = blind_luma(LiteWeights(pair[0], pair[1], judge), damage)
    assert np.allclose(result, share * blind_luma(LiteWeights(pair[network])), atol=1e-6)
    assert judge.frames_judged == 0


def test_of_what_is_added_to_a_damaged_frame_a_little_is_left_out(pair):
    shares = [mixer_of(pair, always(0)).used_share(damage) for damage in (0.0, 0.01, 0.5, 1.0)]
    assert shares == pytest.approx([1, 1, 0.98, 0.96])
    assert mixer_of((pair[0], None), None).used_share(1.0) == 1


@pytest.mark.parametrize("scale", [1, 6])
def test_the_artists_damage_has_no_effect_without_a_judge(pair, scale):
    result = Rendering(LiteWeights(pair[0], pair[1], always(9)), FRAMES, scale, damage=0.0).pixels(2)
    assert np.array_equal(result, Rendering(pair[0], FRAMES, scale).pixels(2))


def test_a_damage_between_0_and_1_is_between_both(pair):
    assert meter_of(always(9), damage=0.25).damage(2) == 0.25


def test_frames_beyond_the_shot_are_its_nearest():
    reader = MemoryReader(FRAMES, start=10)
    height, width = FRAMES[0].shape[:2]
    planes = SourcePlanes(reader, Geometry.scaled(width, height, 4))
    assert reader.span == FrameSpan(10, 15)
    assert [planes.inside(at) for at in (8, 10, 14, 16)] == [10, 10, 14, 14]


def test_a_part_of_a_frame_is_judged_as_all_of_it():
    torch.manual_seed(0)
    judge = DamageJudge()
    frames = [np.ascontiguousarray(np.kron(frame, np.ones((4, 4, 1), np.float32))) for frame in FRAMES]
    part = CroppedFrames(MemoryReader(frames), Rectangle(8, 12, 40, 32))
    planes = SourcePlanes(part, Geometry.scaled(40, 32, 4))
    message = DamageEstimator(judge, None, planes, choose_precision("cpu")).damage(2)
    assert message == meter_of(judge, frames).damage(2)
    assert message != meter_of(judge, [np.ascontiguousarray(frame[12:44, 8:48]) for frame in frames]).damage(
        2
    )
    assert planes.planes(2).luma.shape == (1, 1, 32, 40)


def test_each_frame_is_read_once_for_its_part_and_for_all_of_it():
    reader = MemoryReader(FRAMES)
    part = CroppedFrames(reader, Rectangle(0, 0, 8, 8))
    assert np.array_equal(part.read(3), part.whole(3)[:8, :8])
    assert reader.was_read == [3]


def test_the_verdict_is_the_same_from_within_a_networks_passes():
    judge = load_weights(shipped_weights()).judge
    frames = pan(5, 96, 64, seed=3)
    outside = meter_of(judge, frames).damage(2)
    with torch.autocast("cpu", torch.bfloat16):
        inside = meter_of(judge, frames).damage(2)
    assert inside == outside
