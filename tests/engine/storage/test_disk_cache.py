from __future__ import annotations

import os
import time

import pytest

from sparkvsr_engine.storage.disk_cache import DiskCache


@pytest.fixture
def cache(tmp_path):
    return DiskCache(tmp_path, 1000)


def age(path, seconds):
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_an_entry_is_found_by_kind_and_key(cache):
    assert cache.write("parts", "abc", ".x", b"content")
    assert cache.read("parts", "abc", ".x") == b"content"
    assert cache.read("parts", "abd", ".x") is None
    assert cache.read("other", "abc", ".x") is None


def test_another_process_finds_it(cache, tmp_path):
    cache.write("parts", "abc", ".x", b"content")
    assert DiskCache(tmp_path, 1000).read("parts", "abc", ".x") == b"content"


def test_those_used_longest_ago_go_first_whatever_their_kind(cache):
    for index in range(5):
        kind = ("parts", "references")[index % 2]
        cache.write(kind, f"k{index}", ".x", bytes(300))
        if cache.path(kind, f"k{index}", ".x").exists():
            age(cache.path(kind, f"k{index}", ".x"), 100 - index)
    cache.trim()
    remaining = sorted(path.stem for path in cache.folder.rglob("*.x"))
    assert remaining == ["k2", "k3", "k4"]


def test_reading_an_entry_keeps_it(cache):
    for key in ("old", "new"):
        cache.write("parts", key, ".x", bytes(450))
        age(cache.path("parts", key, ".x"), 50 if key == "new" else 100)
    cache.read("parts", "old", ".x")
    DiskCache(cache.folder, 500).trim()
    assert cache.read("parts", "old", ".x") is not None
    assert cache.read("parts", "new", ".x") is None


def test_what_was_written_never_goes_far_beyond_the_budget(tmp_path):
    cache = DiskCache(tmp_path, 10_000)
    for index in range(100):
        cache.write("parts", f"key{index}", ".x", bytes(900))
        assert sum(state.bytes for state in cache.states()) <= 10_000


def test_a_budget_of_nothing_keeps_nothing(tmp_path):
    cache = DiskCache(tmp_path, 0)
    assert not cache.write("parts", "abc", ".x", b"")
    assert list(tmp_path.rglob("*")) == []


def test_an_entry_larger_than_the_budget_is_not_kept(cache):
    assert not cache.write("parts", "abc", ".x", bytes(1001))


def test_a_disk_without_room_takes_nothing(cache, monkeypatch):
    monkeypatch.setattr(DiskCache, "_spare_bytes", lambda _: 10)
    assert not cache.write("parts", "abc", ".x", bytes(11))
    assert cache.write("parts", "abc", ".x", bytes(9))


def test_a_full_disk_gives_back_what_the_cache_holds(cache, monkeypatch):
    cache.write("parts", "abc", ".x", bytes(500))
    monkeypatch.setattr(DiskCache, "_spare_bytes", lambda _: -200)
    assert cache.trim() == 500


def test_a_folder_that_takes_no_files_is_no_error(tmp_path):
    (tmp_path / "parts").write_bytes(b"a file where a folder should be")
    assert not DiskCache(tmp_path, 1000).write("parts", "abc", ".x", b"x")


def test_what_a_killed_process_left_goes_after_an_hour(cache):
    folder = cache.path("parts", "abc", ".x").parent
    folder.mkdir(parents=True)
    stale, fresh = folder / "abc.1-2.partial", folder / "abd.1-2.partial"
    for path in (stale, fresh):
        path.write_bytes(b"half")
    age(stale, 4000)
    cache.trim()
    assert not stale.exists()
    assert fresh.exists()


def test_reading_what_a_killed_process_left_does_not_preserve_it(cache):
    stale = cache.path("parts", "abc", ".x").with_name("abc.1-2.partial")
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"half")
    # As a virus scanner leaves it, where the file system notes who reads.
    os.utime(stale, (time.time(), time.time() - 4000))
    cache.trim()
    assert not stale.exists()


def test_clearing_takes_one_kind_or_all(cache):
    cache.write("parts", "abc", ".x", bytes(100))
    cache.write("references", "abc", ".x", bytes(200))
    assert [(state.kind, state.entries, state.bytes) for state in cache.states()] == [
        ("parts", 1, 100),
        ("references", 1, 200),
    ]
    assert cache.clear("parts") == 100
    assert cache.read("references", "abc", ".x") is not None
    assert cache.clear() == 200
    assert cache.states() == []
