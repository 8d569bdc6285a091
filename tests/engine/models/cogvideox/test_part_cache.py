"""Parts on disk: exact, bounded, and never in the way."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from sparkvsr_engine.models.cogvideox.part_cache import PartCache
from sparkvsr_engine.storage.disk_cache import DiskCache

VALUES = np.arange(1000, dtype=np.float32).reshape(10, 100)


def entry(folder: Path, key: str = "key") -> Path:
    """The file of an entry."""
    return next(folder.rglob(f"{key}.safetensors"))


def test_an_entry_comes_back_as_it_was_whatever_its_strides(tmp_path):
    cache = PartCache(tmp_path / "parts", 10**6)
    cache.put("key", {"values": VALUES.T, "half": VALUES.astype(np.float16)})
    result = cache.get("key")
    assert np.array_equal(result["values"], VALUES.T)
    assert result["half"].dtype == np.float16


def test_an_unknown_entry_is_none(tmp_path):
    assert PartCache(tmp_path / "never made", 10**6).get("key") is None


def test_a_damaged_entry_is_dropped(tmp_path, caplog):
    cache = PartCache(tmp_path, 10**6)
    cache.put("key", {"values": VALUES})
    entry(tmp_path).write_bytes(b"damaged")
    assert cache.get("key") is None
    assert "made again" in caplog.text
    assert cache.held_bytes() == 0


def test_an_entry_of_an_earlier_version_is_read_and_counted(tmp_path):
    """Up to 0.1.0 entries lay right in the folder."""
    save_file({"values": VALUES}, tmp_path / "key.safetensors")
    cache = PartCache(tmp_path, 10**6)
    assert np.array_equal(cache.get("key")["values"], VALUES)
    assert cache.held_bytes() > VALUES.nbytes
    (tmp_path / "key.safetensors").write_bytes(b"damaged")
    assert cache.get("key") is None
    assert cache.held_bytes() == 0


def test_the_jobs_cache_counts_parts_as_a_kind_of_its_own(tmp_path):
    PartCache(tmp_path / "parts", 10**6).put("key", {"values": VALUES})
    states = DiskCache(tmp_path, 10**6).states()
    assert [(state.kind, state.entries) for state in states] == [("parts", 1)]


def test_the_entries_used_longest_ago_go_first(tmp_path):
    cache = PartCache(tmp_path, 10_000)
    for age, key in enumerate("ab"):
        cache.put(key, {"values": VALUES})
        os.utime(entry(tmp_path, key), (100 + age, 100 + age))
    cache.get("a")
    cache.put("c", {"values": VALUES})
    assert cache.held_bytes() <= 10_000
    assert cache.get("b") is None
    assert cache.get("a") is not None


def test_what_is_larger_than_the_budget_is_not_kept(tmp_path):
    cache = PartCache(tmp_path, 100)
    cache.put("key", {"values": VALUES})
    assert cache.held_bytes() == 0


def test_a_folder_that_takes_nothing_is_reported_once_and_does_not_stop_the_render(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    PartCache(tmp_path / "file", 10**6).put("key", {"values": VALUES})
    assert "goes on without" in caplog.text
