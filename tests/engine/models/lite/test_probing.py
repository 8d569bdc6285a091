"""The probe chooses what is faster, and stays with what it chose unless the gain is gone."""

import pytest

pytest.importorskip("openvino")

from sparkvsr_engine.models.backends.record import ProbeRecord, machine_name
from sparkvsr_engine.models.lite.networks import probing


@pytest.mark.parametrize(
    ("openvino_seconds", "before", "chosen"),
    [
        (0.5, None, "openvino"),
        (0.95, None, "torch"),
        (0.95, "openvino", "openvino"),
        (1.2, "openvino", "torch"),
    ],
)
def test_the_faster_backend_is_chosen(monkeypatch, openvino_seconds, before, chosen):
    durations = {"TorchPasses": 1.0, "OpenVinoPasses": openvino_seconds}
    monkeypatch.setattr(probing, "_run_of", lambda passes, _: type(passes).__name__)
    monkeypatch.setattr(probing, "_seconds", durations.__getitem__)
    earlier = None if before is None else ProbeRecord(before, 1.0, 1.0, machine_name())
    record = probing.probe_backends(earlier)
    assert (record.chosen, record.openvino_seconds) == (chosen, openvino_seconds)


def test_it_measures_both(monkeypatch):
    monkeypatch.setattr(probing, "_TURNS", 1)
    record = probing.probe_backends(None)
    assert record.torch_seconds > 0
    assert record.openvino_seconds > 0
    assert record.machine == machine_name()
