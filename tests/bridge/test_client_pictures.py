"""Pixels that go with requests and come with events, by shared memory or in buffers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.connection import read_connection
from sparkvsr_bridge.connections.shared_memory import make_marker
from sparkvsr_bridge.errors import (
    KeyframeRejected,
    RequestTimedOut,
)
from sparkvsr_bridge.media import ImageRef, PixelFormat, SourceMedia
from sparkvsr_bridge.settings import JobSpec, Keyframe, OutputTarget
from tests.fakes.launching import Collector, Engines

SPEC = JobSpec(SourceMedia("plate.%04d.png"), OutputTarget("out.mov"))
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mode", ["auto", "buffer"])
def test_pixels_go_to_the_engine_and_come_back(engines: Engines, collector: Collector, mode: str):
    client = engines.client()
    client.add_listener(collector)
    layout = PixelFormat(320, 200, 4, "uint16")
    pixels = os.urandom(layout.nbytes)
    keyframe = Keyframe(3, image=client.image_ref(memoryview(pixels).cast("H"), layout, mode))
    client.request(m.PreviewRequest(SPEC.source, keyframes=(keyframe,)), m.PreviewAccepted)
    collector.wait_for(lambda result: bool(result.of(m.PreviewReady)))
    [envelope] = [result for result in collector.envelopes if isinstance(result.message, m.PreviewReady)]
    picture = envelope.message.image
    assert bool(picture.shared), "the engine knows that this client sees its memory"
    with client.open_image(envelope, picture) as seen:
        assert bytes(seen) == pixels
    folder = Path(read_connection(engines.home / "run").shared_folder)
    remaining = [path.name for path in folder.glob(f"sparkvsr-{os.getpid()}-*")]
    assert remaining == [], "the client takes its frames away"
    assert not (folder / picture.shared).exists(), "and the ones it was sent"


def test_a_client_that_does_not_see_the_engines_memory_sends_and_gets_buffers(
    engines: Engines, collector: Collector
):
    engines.client()
    elsewhere = engines.home / "other memory"
    elsewhere.mkdir()
    make_marker(elsewhere)
    connection = read_connection(engines.home / "run")
    connection = type(connection).from_dict({**connection.to_dict(), "shared_folder": str(elsewhere)})
    client = engines.keep(EngineClient(connection))
    client.hello()
    client.add_listener(collector)
    assert not client.shares_memory
    layout = PixelFormat(2048, 3000, 3)
    pixels = os.urandom(layout.nbytes)
    keyframe = Keyframe(3, image=client.image_ref(pixels, layout))
    client.request(m.PreviewRequest(SPEC.source, keyframes=(keyframe,)), m.PreviewAccepted)
    collector.wait_for(lambda result: bool(result.of(m.PreviewReady)))
    envelope = collector.envelopes[-1]
    assert isinstance(envelope.message, m.PreviewReady)
    with client.open_image(envelope, envelope.message.image) as seen:
        assert bytes(seen) == pixels


def test_frames_of_a_refused_request_are_taken_away_too(engines: Engines):
    client = engines.client("--silent-on", "suggest_keyframes_request")
    picture = client.image_ref(bytes(12), PixelFormat(2, 2))
    request = m.SuggestKeyframesRequest(SPEC.source, keyframes=(Keyframe(1, image=picture),))
    with pytest.raises(RequestTimedOut):
        client.request(request, m.KeyframesReply, 0.1)
    with pytest.raises(KeyframeRejected):
        client.request(m.PreviewRequest(SPEC.source, keyframes=(Keyframe(1, ImageRef("k.png")),)), m.OkReply)
    folder = Path(read_connection(engines.home / "run").shared_folder)
    assert list(folder.glob(f"sparkvsr-{os.getpid()}-*")) == []
