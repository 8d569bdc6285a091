"""The empty-prompt embedding computed from a text encoder, once."""

from __future__ import annotations

import json
import shutil

import pytest

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.models.cogvideox.checkpoints import prompt
from sparkvsr_engine.models.cogvideox.checkpoints.prompt import load_embedding

LENGTH, WIDTH = 5, 16


def test_without_transformers_the_error_names_what_to_install(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "transformers", None)
    for name in ("text_encoder", "tokenizer"):
        (tmp_path / name).mkdir()
    with pytest.raises(ModelMissing, match="install the packages transformers and sentencepiece"):
        load_embedding(tmp_path, LENGTH, WIDTH)


def test_it_is_computed_from_the_folders_encoder_and_kept(tmp_path):
    pytest.importorskip("transformers")
    make_text_encoder(tmp_path)
    first = load_embedding(tmp_path, LENGTH, WIDTH)
    shutil.rmtree(tmp_path / "text_encoder")
    assert first.shape == (1, LENGTH, WIDTH)
    assert first.abs().max() > 0
    assert load_embedding(tmp_path, LENGTH, WIDTH).equal(first)
    assert prompt.find_embedding(tmp_path) == tmp_path / prompt.EMBEDDING_NAME


def make_text_encoder(folder):
    """A T5 encoder of one layer, and a tokenizer that knows its end and its padding."""
    from transformers import T5Config, T5EncoderModel

    config = T5Config(vocab_size=8, d_model=WIDTH, d_kv=4, d_ff=8, num_layers=1, num_heads=2)
    T5EncoderModel(config).save_pretrained(folder / "text_encoder")
    vocabulary = {"<pad>": 0, "</s>": 1, "<unk>": 2}
    tokenizer = folder / "tokenizer"
    tokenizer.mkdir()
    model = {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"}
    added = [
        {
            "id": index,
            "content": token,
            "special": True,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
        }
        | {"normalized": False}
        for token, index in vocabulary.items()
    ]
    (tokenizer / "tokenizer.json").write_text(
        json.dumps({"version": "1.0", "model": model, "added_tokens": added})
    )
    names = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>", "eos_token": "</s>"}
    (tokenizer / "tokenizer_config.json").write_text(json.dumps({**names, "unk_token": "<unk>"}))
