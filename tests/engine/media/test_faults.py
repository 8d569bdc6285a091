import errno
import os
import shutil
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from sparkvsr_bridge.errors import DiskFull, InvalidSettings, MediaUnreadable, OutputUnwritable
from sparkvsr_engine.media import images
from sparkvsr_engine.media.faults import media_faults, replace_file, require_replaceable
from sparkvsr_engine.media.file_names import (
    long_path_reason,
    require_short_name,
    require_windows_name,
)
from sparkvsr_engine.media.movies.writing.codecs import MovieTraits, Picture, make_encoding
from sparkvsr_engine.media.movies.writing.segments import write_segment
from sparkvsr_engine.storage.whole_files import partial_name
from tests.compatibility.claims import covers
from tests.fakes.media import FILM_RATE, numbered_picture


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of 256 kB, where the system lets us make one."""
    if shutil.which("mount") is None:
        pytest.skip("this system mounts no small disks")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (errno.ENOSPC, DiskFull, "disk is full"),
        (errno.EACCES, OutputUnwritable, "permission"),
        (errno.EROFS, OutputUnwritable, "read-only"),
        (errno.ENOENT, OutputUnwritable, "folder is not there"),
    ],
)
def test_writing_errors_name_the_remedy(tmp_path, code, kind, words):
    with pytest.raises(kind, match=words), media_faults(tmp_path / "out.mp4", writing=True):
        raise OSError(code, "reason")


class OpenElsewhere(PermissionError):
    """As Windows refuses to replace a file that another program has open."""

    winerror = 32


@pytest.mark.slow
@pytest.mark.parametrize("tries", [3, 10_000])
def test_a_target_that_is_open_elsewhere_is_waited_for_and_then_named(tmp_path, monkeypatch, tries):
    partial, final = tmp_path / "m.partial.mp4", tmp_path / "m.mp4"
    partial.write_text("new")
    refusals = iter(range(tries))
    rename = os.replace

    def replace(source, target):
        if next(refusals, None) is not None:
            raise OpenElsewhere(errno.EACCES, "The process cannot access the file")
        rename(source, target)

    monkeypatch.setattr(os, "replace", replace)
    if tries == 3:
        replace_file(partial, final)
        assert final.read_text() == "new"
        return
    with pytest.raises(OutputUnwritable, match="another program has it open; close it there and run"):
        replace_file(partial, final)
    assert partial.exists(), "nothing rendered is lost"


def test_a_source_another_program_keeps_to_itself_is_no_matter_of_permissions(tmp_path):
    with (
        pytest.raises(MediaUnreadable, match="another program keeps it to itself"),
        media_faults(tmp_path / "m.mp4", writing=False),
    ):
        raise OpenElsewhere(errno.EACCES, "The process cannot access the file")
    with (
        pytest.raises(MediaUnreadable, match="permission to read it is denied"),
        media_faults(tmp_path / "m.mp4", writing=False),
    ):
        raise PermissionError(errno.EACCES, "Permission denied")


def test_a_path_too_long_for_windows_is_called_so():
    assert "260 characters" in long_path_reason("C:/" + "a" * 257, is_windows=True)
    assert long_path_reason("C:/short", is_windows=True) == ""
    assert long_path_reason("\\\\?\\" + "a" * 300, is_windows=True) == ""
    assert long_path_reason("/" + "a" * 300, is_windows=False) == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("C:/out/NUL.mp4", "names a device"),
        ("C:/out/aux.0001.png", "names a device"),
        ("C:/con/o.0001.png", "names a device"),
        ("C:/out/shot:v2.mp4", "holds a colon"),
        ("C:/shot 1./o.png", "ends in a dot or a space"),
        ("C:/out/is it.mp4?", "holds a character"),
    ],
)
def test_a_target_windows_has_no_file_for_is_refused(name: str, reason: str):
    with pytest.raises(OutputUnwritable, match=reason):
        require_windows_name(name, is_windows=True)
    require_windows_name(name, is_windows=False)


def test_a_result_that_is_marked_read_only_is_named_before_anything_is_rendered(tmp_path):
    """Windows replaces no such file, every other system does."""
    target = tmp_path / "m.mp4"
    require_replaceable(target)
    target.write_text("old")
    target.chmod(0o444)
    if os.name != "nt":
        require_replaceable(target)
        return
    with pytest.raises(OutputUnwritable, match="marked read-only"):
        require_replaceable(target)
    (tmp_path / "new").write_text("new")
    with pytest.raises(OutputUnwritable, match="marked read-only"):
        replace_file(tmp_path / "new", target)
    target.chmod(0o666)


def test_errors_of_pyav_are_translated_too(tmp_path):
    with (
        pytest.raises(MediaUnreadable, match="no such file"),
        media_faults(tmp_path / "no.mp4", writing=False),
    ):
        av.open(str(tmp_path / "no.mp4"))


def test_an_empty_file_is_called_empty(tmp_path):
    (tmp_path / "zero.mp4").touch()
    with pytest.raises(MediaUnreadable, match="0 bytes"), media_faults(tmp_path / "zero.mp4", writing=False):
        av.open(str(tmp_path / "zero.mp4"))


def test_our_own_errors_and_defects_pass_untouched():
    with pytest.raises(InvalidSettings), media_faults("x", writing=True):
        raise InvalidSettings("as it was")
    with pytest.raises(ZeroDivisionError), media_faults("x", writing=True):
        raise ZeroDivisionError


def test_a_partial_name_keeps_its_folder_and_extension():
    assert partial_name(Path("out/plate.0001.exr")) == Path("out/plate.0001.partial.exr")


@pytest.mark.parametrize("is_reserved", [True, False])
@pytest.mark.parametrize(
    ("name", "sample"), [("a.png", "uint8"), ("a.png", "uint16"), ("a.tif", "uint16"), ("a.exr", "float32")]
)
def test_a_picture_on_a_full_disk_is_reported_and_leaves_nothing(
    tiny_disk, monkeypatch, name, sample, is_reserved
):
    if is_reserved:
        # The disk fills after it was asked for its room.
        monkeypatch.setattr(images, "require_space", lambda *_: None)
    noise = np.random.default_rng(1).random((480, 640, 3))
    pixels = (
        noise.astype(sample) if sample.startswith("float") else (noise * np.iinfo(sample).max).astype(sample)
    )
    with pytest.raises(DiskFull):
        images.write_image(tiny_disk / name, pixels)
    assert list(tiny_disk.iterdir()) == []


@pytest.mark.parametrize("name", ["a.jpg", "a.webp"])
def test_writers_that_do_not_survive_a_full_disk_are_not_started_on_one(tiny_disk, name):
    with pytest.raises(DiskFull, match="MB are left"):
        images.write_image(tiny_disk / name, numbered_picture(1, 640, 480))
    assert list(tiny_disk.iterdir()) == []


def test_a_segment_on_a_full_disk_is_reported_and_leaves_nothing(tiny_disk):
    encoding = make_encoding("a.mov", "", 0, Picture(320, 240, 8), MovieTraits(FILM_RATE))
    frames = (numbered_picture(number, 320, 240, "uint16") for number in range(60))
    with pytest.raises(DiskFull):
        write_segment(tiny_disk / "a.mov", frames, encoding)
    assert list(tiny_disk.iterdir()) == []


@covers(
    "kinds of movies",
    "Names",
    variants="names of 244 to 255 bytes, in letters of three bytes",
    result="written under their names",
)
@pytest.mark.parametrize("name", ["a" * 251 + ".mp4", "\u984c" * 82 + ".mp4", "a" * 240 + ".mp4"])
def test_a_long_name_has_a_temporary_name_that_fits(tmp_path, name):
    final = tmp_path / name
    require_short_name(final)
    partial = partial_name(final)
    partial.write_bytes(b"")
    assert partial.suffix == final.suffix
    assert partial.name != final.name
    partial.replace(final)
    assert partial_name(final) == partial


def test_a_name_no_disk_takes_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(OutputUnwritable, match="256 bytes"):
        require_short_name(tmp_path / ("a" * 252 + ".mp4"))
