"""Which device a name means."""

from __future__ import annotations

import pytest
import torch

from bridge.errors import InvalidSettings
from sparkvsr_engine.models import devices
from sparkvsr_engine.models.devices import WITH_METAL, find_device, multiplies_bfloat16
from sparkvsr_engine.models.lite.precision import choose_precision


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
def test_a_machine_without_it_uses_the_processor_and_says_so_when_asked():
    assert find_device("auto", WITH_METAL).type in ("cpu", "cuda")
    with pytest.raises(InvalidSettings, match="no device mps here"):
        find_device("mps", WITH_METAL)


@pytest.mark.parametrize(
    ("limit", "is_taken"),
    [(None, True), ("ALL", True), ("AVX512_CORE_AMX", True), ("AVX512_CORE_BF16", True), ("avx2", False)],
)
@pytest.mark.parametrize("name", ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"])
def test_bfloat16_is_for_processors_whose_instructions_may_be_used(
    monkeypatch: pytest.MonkeyPatch, name: str, limit: str | None, is_taken: bool
):
    """oneDNN emulates it below them, which made the demonstration ten times slower."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True}, raising=False)
    for variable in ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"):
        monkeypatch.delenv(variable, raising=False)
    if limit is not None:
        monkeypatch.setenv(name, limit)
    assert multiplies_bfloat16() == is_taken
    assert (choose_precision("cpu").dtype == torch.bfloat16) == is_taken
