"""The probe chooses what is faster, and stays with what it chose unless the gain is gone."""

import pytest

pytest.importorskip("openvino")

from sparkvsr_engine.models.backends.record import ProbeRecord, machine_name
from sparkvsr_engine.models.lite.networks import probing


@pytest.mark.parametrize(
    ("openvino_seconds", "eight_bit_seconds", "before", "chosen"),
    [
        (0.5, 0.45, None, "openvino"),
        (0.95, 0.9, None, "torch"),
        (0.95, 0.9, "openvino", "openvino"),
        (1.2, 1.2, "openvino", "torch"),
        # Processors that multiply integers, and no bfloat16.
        (0.8, 0.25, None, "openvino:8bit"),
        (1.2, 0.5, "torch", "openvino:8bit"),
        (0.8, 0.5, None, "openvino"),
        (0.8, 0.5, "openvino:8bit", "openvino:8bit"),
        (0.8, 0.7, "openvino:8bit", "openvino"),
    ],
)
def test_the_faster_backend_is_chosen(monkeypatch, openvino_seconds, eight_bit_seconds, before, chosen):
    durations = {"torch": 1.0, "openvino": openvino_seconds, "openvino:8bit": eight_bit_seconds}
    order = iter(durations)
    monkeypatch.setattr(probing, "_run_of", lambda *_: next(order))
    monkeypatch.setattr(probing, "_seconds", durations.__getitem__)
    earlier = None if before is None else ProbeRecord(before, 1.0, 1.0, 1.0, machine_name())
    record = probing.probe_backends(earlier)
    assert (record.chosen, record.eight_bit_seconds) == (chosen, eight_bit_seconds)
    assert (record.torch_seconds, record.openvino_seconds) == (1.0, openvino_seconds)


def test_it_measures_all(monkeypatch):
    monkeypatch.setattr(probing, "_TURNS", 1)
    record = probing.probe_backends(None)
    assert min(record.torch_seconds, record.openvino_seconds, record.eight_bit_seconds) > 0
    assert record.machine == machine_name()
