"""Frames whose result the bound had to limit are named once, when the job ends."""

from itertools import islice
from pathlib import Path

import av
import pytest
import torch

from sparkvsr_bridge.messages import JobWarning
from sparkvsr_engine import cli
from sparkvsr_engine.models import lite
from sparkvsr_engine.models.lite.opening import open_lite
from sparkvsr_engine.models.lite.planner import LitePlanner
from sparkvsr_engine.models.lite.restorer import LiteRestorer
from sparkvsr_engine.models.lite.weight_mixer import LiteWeights
from sparkvsr_engine.models.precision import choose_precision
from sparkvsr_engine.models.source_bound import TRACE
from tests.fakes.jobs import Workshop, write_plate
from tests.fakes.lite_shots import small_network
from tests.fakes.media import write_picture


@pytest.fixture
def workshop(tmp_path, monkeypatch):
    monkeypatch.setattr("sparkvsr_engine.jobs.running.runner.TRACE", TRACE)
    result = Workshop(tmp_path / "home")
    yield result
    result.close()


def warnings_of(workshop, source, target):
    ran = workshop.render(workshop.spec(source, target, {}))
    return [report.message for report in ran.reports if isinstance(report, JobWarning)]


@pytest.mark.parametrize(("frames", "place"), [(3, "In 3 frames, the first of them 0,"), (1, "In frame 0,")])
def test_a_network_that_bursts_is_reported_once(workshop, tmp_path, frames, place):
    network = small_network()
    with torch.no_grad():
        network.blind.head.weight.mul_(300)
    bursting = LiteRestorer(LiteWeights(network), LitePlanner(), choose_precision("cpu"))
    workshop.pool.restorer = lambda model, device: bursting
    messages = warnings_of(workshop, write_plate(tmp_path / "plate", frames), tmp_path / "out" / "%04d.png")
    (limited,) = [message for message in messages if "limited" in message]
    assert limited.startswith(place)


def test_footage_gets_no_warning(workshop, tmp_path):
    clip = Path(cli.__file__).parent / "demo_clip" / "bunny.mp4"
    (tmp_path / "plate").mkdir()
    with av.open(str(clip)) as container:
        for number, frame in enumerate(islice(container.decode(video=0), 2)):
            small = frame.to_ndarray(format="rgb24")[100:196, 100:228]
            write_picture(tmp_path / "plate" / f"{number:04d}.png", small)
    shipped = Path(lite.__file__).parent / "weights" / "lite.safetensors"
    trained = open_lite("cpu", shipped)
    workshop.pool.restorer = lambda model, device: trained
    messages = warnings_of(workshop, str(tmp_path / "plate" / "%04d.png"), tmp_path / "out" / "%04d.png")
    assert not [message for message in messages if "limited" in message]
