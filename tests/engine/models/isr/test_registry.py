import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings, KeyframeMakingFailed, ModelMissing, UnknownModel
from sparkvsr_engine.models.isr import default_isr, isr_identity, make_keyframe, open_isr
from sparkvsr_engine.models.isr.bundled_models.bundled import BUNDLED
from sparkvsr_engine.models.isr.locating import fetched_folder


def test_nothing_named_opens_the_default():
    assert open_isr("", "cpu").name == default_isr("cpu")


@pytest.mark.parametrize("name", ["nothing-like-it", "span", "model.onnx", "some/folder"])
def test_a_name_nobody_knows_is_refused_with_the_known_ones(name):
    with pytest.raises(UnknownModel, match="crisp, balanced, realesr-animevideov3, span-x4") as caught:
        open_isr(name, "cpu")
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(("width", "height"), [(288, 224), (72, 56), (130, 77), (432, 300)])
def test_a_keyframe_has_the_size_asked_for_and_looks_like_its_source(picture, width, height):
    keyframe = make_keyframe(open_isr("span-x4", "cpu"), picture, width, height)
    assert keyframe.shape == (height, width, 3)
    assert keyframe.dtype == np.float32
    np.testing.assert_allclose(keyframe.mean((0, 1)), picture.mean((0, 1)), atol=0.01)


def test_values_outside_the_range_go_past_the_model(picture):
    upscaler, bright = open_isr("", "cpu"), picture * 3 - 1
    keyframe = make_keyframe(upscaler, bright, 72, 56)
    inside = make_keyframe(upscaler, np.clip(bright, 0, 1), 72, 56)
    assert 0 <= inside.min() <= inside.max() <= 1
    np.testing.assert_array_equal(keyframe - inside != 0, bright != np.clip(bright, 0, 1))


def test_pixels_that_are_not_numbers_are_refused(picture):
    picture[3, 4, 1] = np.nan
    with pytest.raises(KeyframeMakingFailed, match="not numbers"):
        make_keyframe(open_isr("", "cpu"), picture, 72, 56)


def test_a_request_is_classified_before_anything_is_loaded(tmp_path):
    first, second = tmp_path / "a.pth", tmp_path / "b.safetensors"
    first.write_bytes(b"one")
    second.write_bytes(b"two")
    command = f'cmd:"{sys.executable}" {{input}} {{output}}'
    named = ["", "crisp", "balanced", "span-x4", "span-x2"]
    requests = [*named, str(first), str(second), command, command + " --fast"]
    identities = [isr_identity(name) for name in requests]
    assert len(set(identities)) == len(requests)
    assert identities == [isr_identity(name) for name in requests]
    assert isr_identity("span-x4", "cpu") != isr_identity("span-x4", "cuda")


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("nothing-like-it", UnknownModel),
        ("realesrgan-x4plus", ModelMissing),
        ("absent.pth", ModelMissing),
        ("cmd:no-such-tool-here {input} {output}", ModelMissing),
        ("cmd:tool {input}", InvalidSettings),
    ],
)
def test_a_request_that_cannot_work_is_refused_at_planning(tmp_path, monkeypatch, name, error):
    monkeypatch.setattr("importlib.util.find_spec", lambda module: None)
    with pytest.raises(error):
        isr_identity(name, "auto", tmp_path)


def test_the_default_is_another_once_the_large_model_was_fetched(tmp_path, monkeypatch):
    before = isr_identity("", "auto", tmp_path)
    model = BUNDLED["realesrgan-x4plus"]
    monkeypatch.setitem(BUNDLED, model.name, replace(model, size_bytes=3))
    fetched_folder(tmp_path).mkdir(parents=True)
    (fetched_folder(tmp_path) / model.file).write_bytes(b"abc")
    assert isr_identity("", "auto", tmp_path) != before


def test_planning_and_listing_load_no_heavy_library():
    code = (
        "import sys; from sparkvsr_engine.models.isr import isr_identity, list_isr;"
        "list_isr(); isr_identity(); isr_identity('span-x2');"
        "print(sorted({'torch', 'cv2', 'ncnn', 'spandrel', 'torchvision'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
