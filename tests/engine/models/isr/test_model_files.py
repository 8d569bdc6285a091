"""Users' model files through the real spandrel; only torchvision is a stand-in where it does not load."""

import importlib.util
import sys
import warnings

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from sparkvsr_bridge.errors import ModelMissing, UnknownModel
from sparkvsr_engine.models.isr import make_keyframe, open_isr
from sparkvsr_engine.models.isr.bundled_models.networks import RRDBNet, SRVGGNetCompact

needs_spandrel = pytest.mark.skipif(
    importlib.util.find_spec("spandrel") is None, reason="spandrel is not installed"
)


@pytest.fixture
def compact_file(tmp_path):
    """A tiny SRVGGNetCompact under the published parameter names."""
    torch.manual_seed(0)
    network = SRVGGNetCompact(8, 2, 4).requires_grad_(False)
    path = tmp_path / "mine.safetensors"
    save_file(network.state_dict(), path)
    return path, network


def run(network, picture):
    planes = torch.from_numpy(picture.transpose(2, 0, 1).copy())[None]
    return network(planes)[0].permute(1, 2, 0).clamp(0, 1).numpy()


@needs_spandrel
@pytest.mark.usefixtures("torchvision_stand_in")
def test_a_safetensors_file_runs_as_its_network(compact_file, picture):
    path, network = compact_file
    upscaler = open_isr(str(path), "cpu")
    assert upscaler.scale == 4
    np.testing.assert_allclose(upscaler.upscale(picture), run(network, picture), atol=1e-5)
    assert make_keyframe(upscaler, picture, 144, 112).shape == (112, 144, 3)


@needs_spandrel
@pytest.mark.usefixtures("torchvision_stand_in")
def test_a_pth_file_under_published_names_is_recognised(tmp_path, picture):
    torch.manual_seed(0)
    network = RRDBNet(8, 1).requires_grad_(False)
    path = tmp_path / "esrgan.pth"
    torch.save({"params_ema": network.state_dict()}, path)
    upscaler = open_isr(str(path), "cpu")
    np.testing.assert_allclose(upscaler.upscale(picture), run(network, picture), atol=1e-5)


@needs_spandrel
@pytest.mark.usefixtures("torchvision_stand_in")
def test_a_transformer_saved_by_spandrels_own_network_runs_at_odd_sizes(tmp_path, picture):
    from spandrel.architectures.SwinIR import SwinIR

    torch.manual_seed(0)
    sizes = {"img_size": 16, "window_size": 8, "embed_dim": 12, "depths": [2], "num_heads": [2]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = SwinIR(upscale=2, upsampler="pixelshuffledirect", **sizes)
    path = tmp_path / "swin.pth"
    torch.save(model.state_dict(), path)
    upscaler = open_isr(str(path), "cpu")
    assert upscaler.upscale(picture[:21, :33]).shape == (42, 66, 3)


@needs_spandrel
@pytest.mark.usefixtures("torchvision_stand_in")
def test_identity_follows_the_content_of_the_file(compact_file, tmp_path):
    path, network = compact_file
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(path.read_bytes())
    first = open_isr(str(path), "cpu").identity
    assert open_isr(str(copy), "cpu").identity == first
    network.body[0].bias[0] += 1
    save_file(network.state_dict(), copy)
    assert open_isr(str(copy), "cpu").identity != first


@needs_spandrel
@pytest.mark.usefixtures("torchvision_stand_in")
@pytest.mark.parametrize("content", [b"", b"not a model", None], ids=["empty", "damaged", "unknown network"])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_file_that_is_no_model_is_refused(tmp_path, content, suffix):
    path = tmp_path / f"broken{suffix}"
    if content is None:
        save = save_file if suffix == ".safetensors" else torch.save
        save({"some.weight": torch.zeros(3)}, path)
    else:
        path.write_bytes(content)
    with pytest.raises(UnknownModel, match=f"broken{suffix} cannot be used") as caught:
        open_isr(str(path), "cpu")
    assert "\n" not in caught.value.message


@needs_spandrel
@pytest.mark.usefixtures("torchvision_stand_in")
def test_a_pth_that_would_run_code_is_refused(tmp_path):
    class Malicious:
        def __reduce__(self):
            return (print, ("pwned",))

    path = tmp_path / "evil.pth"
    torch.save({"params": Malicious()}, path)
    with pytest.raises(UnknownModel):
        open_isr(str(path), "cpu")


@pytest.mark.usefixtures("broken_torchvision")
def test_without_torchvision_the_pip_line_is_named(compact_file):
    with pytest.raises(ModelMissing, match=r'pip install "sparkvsr\[isr\]"'):
        open_isr(str(compact_file[0]), "cpu")


def test_without_spandrel_the_pip_line_is_named(compact_file, monkeypatch):
    monkeypatch.setitem(sys.modules, "spandrel", None)
    with pytest.raises(ModelMissing, match=r'pip install "sparkvsr\[isr\]"'):
        open_isr(str(compact_file[0]), "cpu")


def test_a_file_that_is_not_there_is_reported(tmp_path):
    with pytest.raises(ModelMissing, match=r"absent\.pth cannot be read"):
        open_isr(str(tmp_path / "absent.pth"), "cpu")
