import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.evaluation.measures.weights import MetricWeights
from sparkvsr_engine.evaluation.metrics import METRICS, MetricOptions


def test_an_unknown_metric_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(InvalidSettings, match=r"no metric 'vmaf'; there are psnr_y, ssim_y"):
        MetricOptions(MetricWeights(tmp_path), names=("psnr_y", "vmaf"))


@pytest.mark.parametrize("bad", [{"border": -1}, {"costly_step": 0}, {"costly_crop": -1}])
def test_numbers_out_of_range_are_refused(bad, tmp_path):
    with pytest.raises(InvalidSettings):
        MetricOptions(MetricWeights(tmp_path), **bad)


def test_every_metric_is_named_after_its_key():
    assert all(name == traits.name for name, traits in METRICS.items())
