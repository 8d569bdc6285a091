import numpy as np
import pytest

from sparkvsr_engine.evaluation.measures.weights import MetricWeights
from sparkvsr_engine.evaluation.metrics import METRICS, MetricOptions
from sparkvsr_engine.evaluation.pixels import resize_bicubic
from sparkvsr_engine.evaluation.streams import MetricKit
from tests.fakes.scenes import scene, softened

LIGHT = ("psnr_y", "ssim_y", "ewarp", "tof", "change_error", "colour_shift", "colour_shift_high")


def feed(options, count=4, with_source=True, **size):
    stream = MetricKit(options).open_stream()
    for number in range(count):
        truth = scene(number, **size)
        height, width = truth.shape[:2]
        source = resize_bicubic(truth, width // 4, height // 4) if with_source else None
        stream.feed(number, softened(truth), truth, source)
    return stream.rows


def test_every_metric_gives_a_number_per_frame(random_weights):
    rows = feed(MetricOptions(MetricWeights(random_weights), costly_crop=64), count=2, width=192, height=96)
    assert set(rows[1].values) == set(METRICS)
    assert set(METRICS) - set(rows[0].values) == {"ewarp", "tof", "change_error"}
    assert all(isinstance(value, float) for value in rows[1].values.values())


def test_missing_weights_cost_their_columns_and_leave_a_note(tmp_path):
    kit = MetricKit(MetricOptions(MetricWeights(tmp_path)))
    assert kit.names == LIGHT
    assert len(kit.notes) == 4
    assert "LPIPS is left out: lpips_alexnet.safetensors not found" in kit.notes[0]
    assert "models fetch metrics" in kit.notes[0]


def test_without_a_source_there_is_no_colour_shift(tmp_path):
    rows = feed(MetricOptions(MetricWeights(tmp_path)), count=2, with_source=False)
    assert set(rows[1].values) == set(LIGHT) - {"colour_shift", "colour_shift_high"}


def test_only_what_is_asked_for_is_measured(tmp_path):
    rows = feed(MetricOptions(MetricWeights(tmp_path), names=("psnr_y", "tof")))
    assert [set(row.values) for row in rows] == [{"psnr_y"}, *[{"psnr_y", "tof"}] * 3]


def test_costly_metrics_see_the_middle_frame_of_every_step(random_weights):
    options = MetricOptions(
        MetricWeights(random_weights), names=("lpips", "lpips_vgg"), costly_step=3, costly_crop=40
    )
    rows = feed(options, count=6)
    assert [row.frame for row in rows if "lpips_vgg" in row.values] == [1, 4]
    assert all("lpips" in row.values for row in rows)


def test_costly_metrics_can_see_the_middle_only(random_weights):
    weights = MetricWeights(random_weights)
    whole = MetricKit(MetricOptions(weights, names=("lpips_vgg",))).open_stream()
    middle = MetricKit(MetricOptions(weights, names=("lpips_vgg",), costly_crop=64)).open_stream()
    truth, result = scene(), scene()
    result[:20] = 0
    assert whole.feed(0, result, truth).values["lpips_vgg"] > 0.01
    assert middle.feed(0, result, truth).values["lpips_vgg"] == pytest.approx(0.0, abs=1e-6)


def test_a_picture_too_small_for_a_metric_leaves_it_out(random_weights):
    names = ("psnr_y", "lpips", "niqe")
    rows = feed(MetricOptions(MetricWeights(random_weights), names=names), count=1, width=28, height=24)
    assert set(rows[0].values) == {"psnr_y"}


def test_a_figure_that_does_not_exist_is_absent(random_weights):
    stream = MetricKit(MetricOptions(MetricWeights(random_weights), names=("niqe",))).open_stream()
    flat = np.full((192, 192, 3), 60, np.uint8)
    assert stream.feed(0, flat, flat).values == {}


def test_streams_of_a_kit_do_not_see_each_other(tmp_path):
    kit = MetricKit(MetricOptions(MetricWeights(tmp_path), names=("tof",)))
    kit.open_stream().feed(0, scene(0), scene(0))
    assert kit.open_stream().feed(0, scene(9), scene(9)).values == {}


def test_unequal_sizes_are_refused(tmp_path):
    stream = MetricKit(MetricOptions(MetricWeights(tmp_path), names=("psnr_y",))).open_stream()
    with pytest.raises(ValueError, match="must agree"):
        stream.feed(0, scene(), scene()[:100])
