"""Fetching through huggingface_hub from a hub that runs in the test."""

from __future__ import annotations

import pytest

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.models.cogvideox.checkpoints.fetch import fetch_cogvideox
from tests.fakes.hub import serving

REPOSITORY = "someone/SparkVSR"


@pytest.fixture
def hub(checkpoint, monkeypatch):
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    with serving(checkpoint, REPOSITORY) as result:
        yield result


def test_a_checkpoint_is_fetched_and_checked(hub, tmp_path):
    report = fetch_cogvideox(tmp_path / "model", REPOSITORY, endpoint=hub.address)
    assert report.is_usable
    assert (tmp_path / "model/empty_prompt.safetensors").exists()
    fetched = sorted(hub.sent)
    assert len([name for name in fetched if name.startswith("transformer/")]) > 2


def test_a_second_fetch_sends_nothing_again(hub, tmp_path):
    fetch_cogvideox(tmp_path / "model", REPOSITORY, endpoint=hub.address)
    hub.sent.clear()
    fetch_cogvideox(tmp_path / "model", REPOSITORY, endpoint=hub.address)
    assert hub.sent == []


def test_the_text_encoder_stays_where_it_is_unless_asked_for(hub, tmp_path, checkpoint):
    encoder = checkpoint / "text_encoder/config.json"
    encoder.parent.mkdir(exist_ok=True)
    encoder.write_text("{}")
    try:
        fetch_cogvideox(tmp_path / "without", REPOSITORY, endpoint=hub.address)
        fetch_cogvideox(tmp_path / "with", REPOSITORY, with_text_encoder=True, endpoint=hub.address)
    finally:
        encoder.unlink()
        encoder.parent.rmdir()
    assert not (tmp_path / "without/text_encoder").exists()
    assert (tmp_path / "with/text_encoder/config.json").exists()


def test_a_hub_without_the_model_is_reported_in_one_sentence(hub, tmp_path):
    with pytest.raises(ModelMissing, match=r"someone/else could not be fetched .* what has arrived is kept"):
        fetch_cogvideox(tmp_path / "model", "someone/else", endpoint=hub.address)


def test_a_missing_hub_is_reported_in_one_sentence(tmp_path):
    with pytest.raises(ModelMissing, match="could not be fetched"):
        fetch_cogvideox(tmp_path / "model", REPOSITORY, endpoint="http://127.0.0.1:9")
