"""Which device a name means."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest
import torch

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.models import devices
from sparkvsr_engine.models.devices import WITH_METAL, find_device, multiplies_bfloat16
from sparkvsr_engine.models.precision import choose_precision


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose torch warps pictures on Metal and has no CUDA."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(devices, "warps_on_metal", lambda: True)


@pytest.mark.usefixtures("mac")
def test_a_macs_graphics_are_taken_by_what_runs_on_them_alone():
    assert find_device("auto", WITH_METAL) == torch.device("mps")
    assert find_device("auto") == torch.device("cpu")
    assert find_device("cpu", WITH_METAL) == torch.device("cpu")
    with pytest.raises(InvalidSettings, match="does not run on mps"):
        find_device("mps")


@pytest.mark.usefixtures("mac")
def test_lite_runs_in_single_precision_there():
    precision = choose_precision("auto")
    assert (precision.device, precision.dtype) == (torch.device("mps"), torch.float32)


@pytest.mark.parametrize("name", ["mps:0", "mps:1", "metal"])
@pytest.mark.usefixtures("mac")
def test_a_mac_has_one_such_device_and_one_name_for_it(name: str):
    with pytest.raises(InvalidSettings, match="use auto, cpu"):
        find_device(name, WITH_METAL)


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="this machine has it")
def test_a_machine_without_it_uses_the_processor_and_refuses_an_explicit_choice():
    assert find_device("auto", WITH_METAL).type in ("cpu", "cuda")
    with pytest.raises(InvalidSettings, match="no device mps here"):
        find_device("mps", WITH_METAL)


def test_bfloat16_is_for_processors_whose_instructions_may_be_used(monkeypatch: pytest.MonkeyPatch):
    """oneDNN emulates it below them, which made the demonstration ten times slower."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True}, raising=False)
    for is_taken in (True, False):
        monkeypatch.setattr(devices, "_onednn_takes_bfloat16", lambda is_taken=is_taken: is_taken)
        assert multiplies_bfloat16() == is_taken
        assert (choose_precision("cpu").dtype == torch.bfloat16) == is_taken


@pytest.mark.slow
@pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="the limit is of x86")
def test_onednn_is_asked_under_its_own_limit():
    program = "from sparkvsr_engine.models.devices import multiplies_bfloat16; print(multiplies_bfloat16())"
    environment = {**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
