"""Frames in shared files: seen by another process, owned, unlinked by whom the protocol names."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sparkvsr_bridge.connections import shared_memory
from sparkvsr_bridge.connections.shared_memory import (
    has_marker,
    make_marker,
    new_frame,
    open_frame,
    sweep,
    unlink,
    write_frame,
)
from sparkvsr_bridge.errors import DiskFull, MediaUnreadable, OutputUnwritable
from tests.fakes.systems import IS_WINDOWS, is_root, make_link

ROOT = Path(__file__).resolve().parents[2]
READ = """
import sys
from pathlib import Path
from sparkvsr_bridge.connections.shared_memory import open_frame
with open_frame(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), take=sys.argv[4] == "take") as pixels:
    print(sum(pixels))
"""


def read_elsewhere(folder: Path, name: str, nbytes: int, how: str) -> int:
    """The sum of a frame's bytes as another process sees it, which then ends."""
    command = [sys.executable, "-c", READ, str(folder), name, str(nbytes), how]
    return int(subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60).stdout)


def age(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    return child.pid


def test_another_process_sees_the_bytes_and_the_frame_survives_its_end(tmp_path: Path):
    name = write_frame(tmp_path, memoryview(bytes([1, 2, 3])))
    assert read_elsewhere(tmp_path, name, 3, "look") == 6
    assert read_elsewhere(tmp_path, name, 3, "look") == 6


def test_a_receiver_that_takes_a_frame_unlinks_it(tmp_path: Path):
    name = write_frame(tmp_path, memoryview(bytes([1, 2, 3])))
    assert read_elsewhere(tmp_path, name, 3, "take") == 6
    assert list(tmp_path.iterdir()) == []


def test_a_frame_is_the_owners_alone_and_goes_with_its_block(tmp_path: Path):
    with new_frame(tmp_path, 8) as (name, pixels):
        pixels[:] = b"12345678"
        assert (tmp_path / name).stat().st_mode & 0o777 == (0o666 if IS_WINDOWS else 0o600)
        with open_frame(tmp_path, name, 8) as seen:
            assert bytes(seen) == b"12345678"
            assert seen.readonly
    assert list(tmp_path.iterdir()) == []


def test_a_frame_kept_stays_unless_its_making_fails(tmp_path: Path):
    with new_frame(tmp_path, 8, keep=True) as (name, _):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with pytest.raises(ZeroDivisionError), new_frame(tmp_path, 8, keep=True):
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_bytes_kept_beyond_the_block_stay_readable(tmp_path: Path):
    name = write_frame(tmp_path, memoryview(b"abcd"))
    with open_frame(tmp_path, name, 4, take=True) as pixels:
        remaining = pixels[1:3]
    assert bytes(remaining) == b"bc"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../etc/passwd",
        "/etc/passwd",
        "sparkvsr-1-short",
        "sparkvsr-1-0123456789abcdeX",
        "x/sparkvsr-1-0123456789abcdef",
    ],
)
def test_names_that_are_not_ours_are_refused(tmp_path: Path, name: str):
    with pytest.raises(MediaUnreadable, match="no name of a shared frame"), open_frame(tmp_path, name, 1):
        pass
    unlink(tmp_path, name)


def test_links_short_files_and_absent_ones_are_refused(tmp_path: Path):
    precious = tmp_path / "precious"
    precious.write_bytes(b"1234")
    link = "sparkvsr-1-0123456789abcdef"
    make_link(tmp_path / link, precious)
    short = write_frame(tmp_path, memoryview(b"12"))
    for name, nbytes in [(link, 4), (short, 4), ("sparkvsr-1-fedcba9876543210", 4)]:
        with pytest.raises(MediaUnreadable), open_frame(tmp_path, name, nbytes):
            pass


@pytest.mark.skipif(not is_root(), reason="only root can make a file another user owns")
def test_frames_of_another_user_are_refused_and_left_alone(tmp_path: Path):
    name = write_frame(tmp_path, memoryview(b"1234"))
    os.chown(tmp_path / name, 12345, 12345)
    with pytest.raises(MediaUnreadable, match="not yours"), open_frame(tmp_path, name, 4):
        pass
    age(tmp_path / name, 10_000)
    assert sweep(tmp_path) == 0
    assert not has_marker(tmp_path, name)


def test_no_room_is_an_error_before_anything_is_mapped(tmp_path: Path):
    with pytest.raises(DiskFull, match="no room for a frame"), new_frame(tmp_path, 1 << 60):
        pass
    assert list(tmp_path.iterdir()) == []


def test_room_is_reserved_without_the_system_call_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    nbytes = shared_memory._BLOCK_BYTES + 5
    with new_frame(tmp_path, nbytes) as (name, pixels):
        pixels[-1] = 7
        assert (tmp_path / name).read_bytes() == bytes(nbytes - 1) + b"\x07"


def test_a_frame_larger_than_the_disk_is_refused_before_a_byte_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    written: list[int] = []
    monkeypatch.setattr(shared_memory, "_write", lambda handle, pixels: written.append(pixels.nbytes))
    with pytest.raises(DiskFull, match="no room for a frame"), new_frame(tmp_path, 1 << 60):
        pass
    assert written == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_write_without_room_is_an_error_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shared_memory, "_make_file", lambda folder: ("x", os.open("/dev/full", os.O_RDWR)))
    with pytest.raises(DiskFull, match="no room for a frame of 100 bytes"):
        write_frame(tmp_path, memoryview(bytes(100)))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_no_files_is_named(tmp_path: Path):
    with pytest.raises(OutputUnwritable, match="takes no shared frames"):
        write_frame(tmp_path / "absent", memoryview(b"1"))


def test_sweeping_takes_what_dead_processes_left_and_nothing_else(tmp_path: Path):
    dead = dead_pid()
    orphans = [tmp_path / f"sparkvsr-{dead}-{'0' * 16}", tmp_path / f"sparkvsr-engine-{dead}-{'1' * 16}"]
    young = tmp_path / f"sparkvsr-{dead}-{'2' * 16}"
    foreign = tmp_path / "sparkvsr-notes.txt"
    for path in (*orphans, young, foreign):
        path.touch()
    marker = tmp_path / make_marker(tmp_path)
    alive = tmp_path / write_frame(tmp_path, memoryview(b"1"))
    for path in (*orphans, foreign, marker, alive):
        age(path, 120)
    assert sweep(tmp_path) == 2
    assert set(tmp_path.iterdir()) == {young, foreign, marker, alive}


def test_frames_nobody_took_are_swept_but_markers_stay(tmp_path: Path):
    frame = tmp_path / write_frame(tmp_path, memoryview(b"1"))
    marker = tmp_path / make_marker(tmp_path)
    for path in (frame, marker):
        age(path, shared_memory.UNCLAIMED_SECONDS + 1)
    assert sweep(tmp_path) == 1
    assert list(tmp_path.iterdir()) == [marker]


def test_a_marker_is_found_where_it_lies_only(tmp_path: Path):
    marker = make_marker(tmp_path)
    assert has_marker(tmp_path, marker)
    assert not has_marker(tmp_path / "elsewhere", marker)
    assert not has_marker(tmp_path, "")
    make_link(tmp_path / f"{marker[:-1]}X", tmp_path / marker)
    assert not has_marker(tmp_path, f"{marker[:-1]}X")


def test_a_frame_can_be_mapped_by_anything_that_maps_files(tmp_path: Path):
    name = write_frame(tmp_path, memoryview(b"12345678"))
    with (tmp_path / name).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as seen:
        assert seen[:] == b"12345678"
