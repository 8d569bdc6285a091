"""An array in a file: its values, what is held of it, and a folder that has no room."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_engine.storage.mapped_array import MappedArray, MappedArrays


@pytest.mark.parametrize("shape", [(1,), (3, 5), (1, 3, 7, 2)])
@pytest.mark.parametrize("kind", [np.float32, np.uint8, np.float16])
def test_it_holds_the_values_also_after_its_pages_were_released(shape: tuple[int, ...], kind: type):
    values = np.random.default_rng(0).uniform(0, 255, shape).astype(kind)
    array = MappedArray(values)
    array.release_pages()
    np.testing.assert_array_equal(array.values, values)
    assert array.values.dtype == values.dtype
    array.release_pages()
    np.testing.assert_array_equal(array.values, values)


def test_a_view_outlives_the_array():
    view = MappedArray(np.arange(10_000)).values[5:]
    np.testing.assert_array_equal(view, np.arange(5, 10_000))


def test_rows_that_are_no_block_are_taken_in_their_order():
    turned = np.arange(12.0).reshape(3, 4).T
    np.testing.assert_array_equal(MappedArray(turned).values, turned)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_released_pages_are_not_held():
    array = MappedArray(np.ones(32 * 2**20, np.uint8))
    assert array.values.sum() == 32 * 2**20
    held = file_bytes_held()
    array.release_pages()
    assert held - file_bytes_held() > 30 * 2**20


def test_where_there_is_no_room_it_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(FileNotFoundError):
        MappedArray(np.ones(4))


def test_arrays_that_belong_together_stay_in_memory_where_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    arrays, values = MappedArrays(), np.arange(12.0)
    first = arrays.moved(values)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    second = arrays.moved(values)
    arrays.release_pages()
    assert len(arrays) == 1
    assert first is not values
    assert second is values
    np.testing.assert_array_equal(first, second)
    assert "96 bytes stay in memory" in caplog.text


def file_bytes_held() -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssFile"))
