"""Our networks against ncnn itself, on weights written the way published files are."""

import numpy as np
import pytest
import torch

from sparkvsr_engine.models.isr.bundled_models.ncnn_weights import FLOAT16_TAG, fill_from_ncnn
from sparkvsr_engine.models.isr.bundled_models.networks import SPAN, RRDBNet, SRVGGNetCompact

NETWORKS = {
    "compact": lambda: SRVGGNetCompact(5, 1, 2),
    "rrdb": lambda: RRDBNet(5, 1, growth=3),
    "span": lambda: SPAN(5, 1, 2),
}


def ncnn_content(network, half=True):
    """The `.bin` of a network: what ncnn's own writer leaves, layer by layer."""
    parts = [buffer.numpy().astype("<f4").tobytes() for _, buffer in network.named_buffers()]
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            weights = module.weight.numpy().astype("<f2" if half else "<f4").tobytes()
            tag = np.uint32(FLOAT16_TAG if half else 0).astype("<u4").tobytes()
            parts += [tag, weights, bytes(-len(weights) % 4), module.bias.numpy().astype("<f4").tobytes()]
        elif isinstance(module, torch.nn.PReLU):
            parts.append(module.weight.numpy().astype("<f4").tobytes())
    return b"".join(parts)


# The graph of SRVGGNetCompact(5, 1, 2), as Real-ESRGAN's published `.param` files write theirs.
COMPACT_GRAPH = """7767517
10 11
Input in 0 1 data
Split copies 1 2 data straight deep
Convolution c0 1 1 deep d0 0=5 1=3 4=1 5=1 6=135
PReLU p0 1 1 d0 d1 0=5
Convolution c1 1 1 d1 d2 0=5 1=3 4=1 5=1 6=225
PReLU p1 1 1 d2 d3 0=5
Convolution c2 1 1 d3 d4 0=12 1=3 4=1 5=1 6=540
PixelShuffle shuffle 1 1 d4 d5 0=2
Interp repeat 1 1 straight s0 0=1 1=2.0 2=2.0
BinaryOp sum 2 1 d5 s0 output
"""


def random_network(name, seed):
    torch.manual_seed(seed)
    network = NETWORKS[name]().requires_grad_(False)
    for tensor in network.state_dict().values():
        tensor.copy_(torch.randn_like(tensor).half())
    return network


@pytest.mark.parametrize("half", [True, False])
@pytest.mark.parametrize("name", NETWORKS)
def test_weights_come_back_value_for_value(name, half):
    written, read = random_network(name, 1), random_network(name, 2)
    fill_from_ncnn(read, ncnn_content(written, half))
    for key, value in written.state_dict().items():
        assert torch.equal(read.state_dict()[key], value), key


def test_ncnn_itself_computes_the_same_picture(tmp_path, picture):
    ncnn = pytest.importorskip("ncnn")
    torch.manual_seed(4)
    network = NETWORKS["compact"]().requires_grad_(False)
    (tmp_path / "net.param").write_text(COMPACT_GRAPH)
    (tmp_path / "net.bin").write_bytes(ncnn_content(network, half=False))
    net = ncnn.Net()
    net.opt.use_vulkan_compute = False
    assert net.load_param(str(tmp_path / "net.param")) == 0
    assert net.load_model(str(tmp_path / "net.bin")) == 0
    extractor = net.create_extractor()
    planes = np.ascontiguousarray(picture.transpose(2, 0, 1))
    # A Mat only borrows the array's memory; the copy owns its own.
    source = ncnn.Mat(planes).clone()
    extractor.input("data", source)
    _, result = extractor.extract("output")
    expected = network(torch.from_numpy(planes)[None])[0].numpy()
    np.testing.assert_allclose(np.array(result), expected, atol=2 / 255)


@pytest.mark.parametrize("cut", [1, 40, -4, -400])
def test_a_file_of_the_wrong_length_is_refused(cut):
    network = random_network("compact", 1)
    content = ncnn_content(network)
    with pytest.raises(ValueError, match=r"ends at byte|bytes more"):
        fill_from_ncnn(network, content + bytes(cut) if cut > 0 else content[:cut])


def test_weights_of_an_unknown_kind_are_refused():
    network = random_network("compact", 1)
    content = bytearray(ncnn_content(network))
    content[:4] = b"\x0d\xf0\xad\x8b"
    with pytest.raises(ValueError, match="0x8badf00d"):
        fill_from_ncnn(network, bytes(content))
