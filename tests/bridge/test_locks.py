"""The lock between processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sparkvsr_bridge.system.locks import FileLock, holding, is_held
from tests.fakes.systems import make_link

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys
from pathlib import Path
from sparkvsr_bridge.system.locks import FileLock
print(FileLock(Path(sys.argv[1])).take(), flush=True)
sys.stdin.read()
"""


def test_a_lock_has_one_holder_and_can_be_taken_after_it(tmp_path: Path):
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.take()
    assert not second.take(0.05)
    first.release()
    assert second.take()
    second.release()


def test_taking_twice_is_a_mistake_of_the_caller(tmp_path: Path):
    lock = FileLock(tmp_path / "lock")
    assert lock.take()
    with pytest.raises(RuntimeError, match="held by this object"):
        lock.take()
    lock.release()
    lock.release()


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path):
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "True"
        assert is_held(path)
        holder.kill()
    assert not is_held(path)


def test_a_child_program_does_not_inherit_the_lock(tmp_path: Path):
    lock = FileLock(tmp_path / "lock")
    assert lock.take()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        lock.release()
        assert not is_held(tmp_path / "lock")
        child.kill()


def test_a_lock_nobody_ever_took_is_not_held(tmp_path: Path):
    assert not is_held(tmp_path / "lock")
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path):
    make_link(tmp_path / "lock", tmp_path / "elsewhere")
    with pytest.raises(OSError, match="lock"):
        FileLock(tmp_path / "lock").take()
    assert not (tmp_path / "elsewhere").exists()


def test_a_block_knows_whether_it_holds_the_lock_and_lets_go(tmp_path: Path):
    path = tmp_path / "lock"
    with holding(FileLock(path), 0.0) as used, holding(FileLock(path), 0.0) as taken_again:
        assert (used, taken_again) == (True, False)
    assert not is_held(path)
