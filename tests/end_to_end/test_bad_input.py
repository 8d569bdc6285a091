"""What cannot be done is refused in one sentence with the remedy, before anything is changed."""

from __future__ import annotations

import shutil
import socket
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sparkvsr_bridge.errors import ProtocolMismatch
from sparkvsr_bridge.messages import HelloReply, HelloRequest
from sparkvsr_bridge.transport import make_keys
from tests.end_to_end.clips import decoded, plate
from tests.end_to_end.program import Program
from tests.end_to_end.watching import ensure
from tests.fakes.media import write_movie, write_picture
from tests.fakes.scenes import scene
from tests.fakes.systems import IS_WINDOWS, is_root, make_link


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A good sequence of frames 1001-1006."""
    return plate(tmp_path_factory.mktemp("good") / "in", 6)


def refused(program, source, target, *options, status, code):
    """The one sentence of a command that is refused."""
    done = program.upscale(source, target, *options, status=status)
    assert [event["event"] for event in done.events] == ["error"], done
    assert done.last["code"] == code
    sentence = done.last["message"]
    assert done.err == f"sparkvsr: {sentence}\n"
    assert "Traceback" not in sentence
    assert sentence[-1] in ".?"
    return sentence


def missing(folder):
    return folder / "nowhere.mov"


def empty(folder):
    path = folder / "empty.mp4"
    path.write_bytes(b"")
    return path


def no_movie(folder):
    path = folder / "notes.mp4"
    path.write_text("shot list\n" * 200)
    return path


def cut_short(folder):
    fast = {"movflags": "faststart"}
    whole = write_movie(folder / "whole.mp4", frames=40, options={"g": "8"}, container_options=fast)
    path = folder / "short.mp4"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    return path


def with_gap(folder):
    pattern = plate(folder / "gap", 6)
    (folder / "gap" / "1003.png").unlink()
    return pattern


def of_two_sizes(folder):
    pattern = plate(folder / "sizes", 4)
    write_picture(folder / "sizes" / "1004.png", scene(0, 80, 48))
    return pattern


def no_pictures(folder):
    """Damage costs a frame, but there has to be a whole one."""
    pattern = plate(folder / "damaged", 4)
    for path in (folder / "damaged").iterdir():
        path.write_bytes(b"not a picture at all")
    return pattern


def no_files(folder):
    return folder / "none" / "%04d.exr"


SOURCES = [
    (missing, "nowhere.mov", "check the path"),
    (empty, "empty.mp4", "0 bytes"),
    (no_movie, "notes.mp4", "export it again"),
    (cut_short, "cut short", "--frames 0-"),
    (with_gap, "1003", "--frames"),
    (of_two_sizes, "1004", "80x48"),
    (no_pictures, "1001.png", "export it again"),
    (no_files, "none", "path"),
]


@pytest.mark.parametrize(("make", "names", "advises"), SOURCES, ids=[make.__name__ for make, _, _ in SOURCES])
def test_a_source_that_cannot_be_read_is_refused(program, tmp_path, make, names, advises):
    target = tmp_path / "out" / "%04d.png"
    sentence = refused(program, make(tmp_path), target, status=1, code="media_unreadable")
    assert names in sentence
    assert advises in sentence
    assert not target.parent.exists()


OPTIONS = [
    (("--scale", 0), 2, "invalid_settings", "scale"),
    (("--scale", 0.5), 2, "invalid_settings", "1"),
    (("--scale", 1000), 2, "invalid_settings", "scale"),
    (("--size", "40x30"), 2, "invalid_settings", "smaller"),
    (("--size", "huge"), 2, "invalid_settings", "WxH"),
    (("--guidance", 3), 2, "invalid_settings", "guidance"),
    (("--keyframe", 2000), 2, "invalid_settings", "1001-1006"),
    (("--keyframe", "1002", "--frames", "1003-1004"), 2, "invalid_settings", "1003-1004"),
    (("--keyframe", "first"), 2, "invalid_settings", "N=IMAGE"),
    (("--frames", "1001-2000"), 2, "invalid_settings", "1001-1006"),
    (("--frames", "1006-1001"), 2, "invalid_settings", "1006"),
    (("--keyframes", "best"), 2, "invalid_settings", "adaptive"),
    (("--keyframe", "1002=nowhere.png"), 1, "keyframe_rejected", "nowhere.png"),
    (("--model", "nosuchmodel"), 2, "unknown_model", "nosuchmodel"),
    (("--isr", "nosuchisr", "--keyframe", "1002"), 2, "unknown_model", "nosuchisr"),
    (("--input-colour", "No Such Space"), 2, "invalid_settings", "No Such Space"),
]


@pytest.mark.parametrize(("options", "status", "code", "names"), OPTIONS, ids=lambda value: str(value)[:40])
def test_an_option_that_makes_no_sense_is_refused(program, clip, tmp_path, options, status, code, names):
    target = tmp_path / "out" / "%04d.png"
    assert names in refused(program, clip, target, *options, status=status, code=code)


def test_a_target_that_is_neither_movie_nor_pattern_is_refused(program, clip, tmp_path):
    for name in ("out.doc", "out.png", "out"):
        refused(program, clip, tmp_path / name, status=2, code="invalid_settings")


def test_the_source_is_never_its_own_target(program, clip, tmp_path):
    before = [path.read_bytes() for path in sorted(clip.parent.iterdir())]
    refused(program, clip, clip, "--overwrite", status=2, code="invalid_settings")
    movie = write_movie(tmp_path / "clip.mp4", frames=3)
    refused(program, movie, movie, "--overwrite", status=2, code="invalid_settings")
    link = tmp_path / "link.mp4"
    make_link(link, movie)
    refused(program, movie, link, "--overwrite", status=2, code="invalid_settings")
    folder = refused(program, clip.parent, clip, "--overwrite", status=2, code="invalid_settings")
    assert "the source" in folder
    assert [path.read_bytes() for path in sorted(clip.parent.iterdir())] == before


def test_a_keyframe_that_cannot_be_used_is_refused(program, clip, tmp_path):
    text = tmp_path / "note.png"
    text.write_text("no picture")
    tiny = write_picture(tmp_path / "tiny.png", scene(0, 8, 6))
    tall = write_picture(tmp_path / "tall.png", scene(0, 96, 192))
    for image, names in ((text, "note.png"), (tiny, "8x6"), (tall, "96x192")):
        target = tmp_path / "out" / "%04d.png"
        sentence = refused(
            program, clip, target, "--keyframe", f"1002={image}", status=1, code="keyframe_rejected"
        )
        assert names in sentence


def test_a_target_below_a_file_is_refused(program, clip, tmp_path):
    (tmp_path / "file").write_text("")
    sentence = refused(program, clip, tmp_path / "file" / "%04d.png", status=1, code="output_unwritable")
    assert "choose another" in sentence


@pytest.mark.skipif(IS_WINDOWS or is_root(), reason="root may write anywhere, and Windows has no modes")
def test_a_folder_without_permission_is_refused(program, clip, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    refused(program, clip, folder / "%04d.png", status=1, code="output_unwritable")


def test_damage_that_is_to_stop_ends_the_job_at_its_frame(program, tmp_path):
    pattern = plate(tmp_path / "in", 40, start=0)
    bad = Path(str(pattern) % 35)
    bad.write_bytes(bad.read_bytes()[:1200])
    options = ("--keyframes", "none", "--on-damage", "stop")
    done = program.upscale(pattern, tmp_path / "out" / "%04d.png", *options, status=1)
    assert done.last["code"] == "media_unreadable"
    assert "0035.png" in done.last["message"]
    assert "--on-damage conceal" in done.last["message"]
    bad.write_bytes(b"")
    sentence = refused(
        program, pattern, tmp_path / "new" / "%04d.png", *options, status=1, code="media_unreadable"
    )
    assert "0 bytes" in sentence
    assert not (tmp_path / "new").exists()


@contextmanager
def mounted(folder, size):
    """A file system of that size."""
    folder.mkdir(exist_ok=True)
    mount = shutil.which("mount")
    command = [mount, "-t", "tmpfs", "-o", f"size={size}", "none", folder]
    if mount is None or subprocess.run(command, check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def small_disk(tmp_path):
    """A disk for some of the frames."""
    with mounted(tmp_path / "small", "600k") as folder:
        yield folder


def fill(path):
    """Take all the space there is."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@pytest.mark.slow
def test_an_engine_without_space_of_its_own_reports_it_and_works_again_with_space(home, clip, tmp_path):
    with mounted(home, "3m"):
        program = Program(home)
        program.json("status")
        fill(home / "ballast")
        sentence = refused(program, clip, tmp_path / "%04d.png", status=1, code="disk_full")
        assert "SPARKVSR_HOME" in sentence
        (home / "ballast").unlink()
        assert program.upscale(clip, tmp_path / "%04d.png").last["event"] == "finished"
        program.end_engine()


@pytest.mark.slow
def test_a_full_disk_fails_the_job_and_keeps_what_is_finished(program, small_disk, tmp_path):
    source = plate(tmp_path / "in", 40, start=0)
    target = small_disk / "%04d.png"
    done = program.upscale(source, target, "--keyframes", "none", status=1)
    assert done.last["code"] == "disk_full"
    job = done.named("submitted")[0]["job"]
    report = program.json("status", job).last
    assert 0 < report["frames_done"] < 40
    whole = {path.name: path.read_bytes() for path in small_disk.iterdir()}
    assert not [name for name in whole if "partial" in name]
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    again = program.json("resume", job)
    assert again.last["frames_done"] == 40
    assert len(list(small_disk.iterdir())) == 40


@pytest.mark.slow
def test_a_movie_on_a_full_disk_is_joined_once_there_is_space(program, tmp_path):
    source = write_movie(tmp_path / "clip.mp4", frames=30)
    with mounted(tmp_path / "tiny", "8k") as folder:
        fill(folder / "ballast")
        target = folder / "clip.mp4"
        done = program.upscale(source, target, "--keyframes", "none", status=1)
        assert done.last["code"] == "disk_full"
        assert [path.name for path in folder.iterdir()] == ["ballast"]
        job = done.named("submitted")[0]["job"]
        subprocess.run(["mount", "-o", "remount,size=8m", folder], check=True)
        again = program.json("resume", job).last
        assert (again["event"], again["frames_done"]) == ("finished", 30)
        assert len(decoded(target)) == 30


def test_a_port_in_use_is_named(own_program, tmp_path):
    public = make_keys().public
    own_program.json("keys", "add", "anna", "--role", "submit", "--public", public)
    (own_program.home / "config.toml").write_text(f"[remote]\nread = ['{tmp_path}']\n")
    with socket.create_server(("127.0.0.1", 0)) as used:
        port = used.getsockname()[1]
        done = own_program.json("serve", "--listen", f"tcp://127.0.0.1:{port}", status=1)
    assert done.last["code"] == "endpoint_in_use"
    assert str(port) in done.last["message"]


def test_an_engine_that_would_be_unsafe_does_not_listen(own_program):
    done = own_program.json("serve", "--listen", "tcp://0.0.0.0:*", status=2)
    assert done.last["code"] == "invalid_settings"
    for part in ("every address", "no key is enrolled", "no folder is open"):
        assert part in done.last["message"]
    assert own_program.engine_pid() == 0


def test_a_client_of_another_protocol_is_refused(program):
    with ensure(program) as client, pytest.raises(ProtocolMismatch, match="update"):
        client.request(HelloRequest(protocol=(99, 0)), HelloReply)
