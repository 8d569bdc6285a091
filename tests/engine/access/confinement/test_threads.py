"""A confined thread opens nothing outside its places, whichever library opens; other threads do as ever."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from sparkvsr_bridge.errors import SparkVSRError
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.access.confinement import landlock
from sparkvsr_engine.access.confinement.places import Places
from sparkvsr_engine.access.confinement.threads import is_confined, is_enforced, run_confined, run_outside
from sparkvsr_engine.media.colours.ocio import colour_config
from sparkvsr_engine.media.images import read_image, write_image
from sparkvsr_engine.media.movies.frame_index.index import open_movie
from sparkvsr_engine.media.movies.writing.encoder_turns import encoder_turn
from sparkvsr_engine.media.probe import probe
from tests.end_to_end.clips import write_scenes
from tests.fakes.ocio_configs import STUDIO

pytestmark = pytest.mark.skipif(not is_enforced(), reason="the kernel has no Landlock")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A folder that may be used; `shots/led` is a link to one beside it that may not."""
    for name in ("shots", "secret"):
        (tmp_path / name).mkdir()
    (tmp_path / "shots" / "led").symlink_to(tmp_path / "secret")
    return Places(write=(str(tmp_path / "shots"),))


def read_picture(folder: Path) -> object:
    write_image(folder / "0001.png", np.full((8, 8, 3), 90, np.uint8))
    return lambda path: read_image(path / "0001.png").pixels.mean()


def read_exr(folder: Path) -> object:
    write_image(folder / "0001.exr", np.full((8, 8, 3), 0.5, np.float16))
    return lambda path: read_image(path / "0001.exr").pixels.mean()


def look_at_sequence(folder: Path) -> object:
    for number in (1, 2):
        write_image(folder / f"{number:04d}.png", np.full((8, 8, 3), 90, np.uint8))
    return lambda path: probe(SourceMedia(str(path / "%04d.png"))).media_info()


def decode_movie(folder: Path) -> object:
    write_scenes(folder / "a.mp4", [3])

    def decode(path: Path) -> object:
        with open_movie(path / "a.mp4") as movie:
            return next(movie.decode(video=0)).to_ndarray().mean()

    return decode


def look_at_movie(folder: Path) -> object:
    write_scenes(folder / "b.mov", [3])
    return lambda path: probe(SourceMedia(str(path / "b.mov"))).media_info()


def open_colour_config(folder: Path) -> object:
    write_config(folder)
    return lambda path: colour_config(str(path / "config.ocio"))


def write_config(folder: Path, table: str = "log.cube") -> None:
    (folder / "luts").mkdir()
    (folder / "luts" / "log.cube").write_text("LUT_1D_SIZE 2\n0 0 0\n1 1 1\n")
    (folder / "config.ocio").write_text(STUDIO.format(lut=table))


READINGS = [read_picture, read_exr, look_at_sequence, decode_movie, look_at_movie, open_colour_config]


@pytest.mark.parametrize("prepare", READINGS, ids=lambda prepare: prepare.__name__)
def test_what_a_link_leads_to_is_read_by_no_library(
    tmp_path: Path, places: Places, prepare: Callable[[Path], Callable[[Path], object]]
):
    """With no check at all: a link that was there all along is what one swapped after a check amounts to."""
    read = prepare(tmp_path / "secret")
    led = tmp_path / "shots" / "led"
    with pytest.raises((OSError, SparkVSRError)):
        run_confined(lambda: read(led), places)
    assert read(led) is not None


@pytest.mark.parametrize("prepare", READINGS, ids=lambda prepare: prepare.__name__)
def test_what_lies_in_its_places_is_read_as_ever(
    tmp_path: Path, places: Places, prepare: Callable[[Path], Callable[[Path], object]]
):
    read = prepare(tmp_path / "shots")
    assert run_confined(lambda: read(tmp_path / "shots"), places) is not None


def test_a_colour_configs_table_is_not_read_through_a_link(tmp_path: Path, places: Places):
    pytest.importorskip("PyOpenColorIO")
    write_config(tmp_path / "shots", "swapped.cube")
    table = tmp_path / "secret" / "swapped.cube"
    table.write_text("LUT_1D_SIZE 2\n0.25 0.25 0.25\n1 1 1\n")
    (tmp_path / "shots" / "luts" / "swapped.cube").symlink_to(table)
    config = colour_config(str(tmp_path / "shots" / "config.ocio"))
    with pytest.raises(SparkVSRError):
        run_confined(lambda: config.transform("show_log", "show_linear"), places)
    assert config.transform("show_log", "show_linear") is not None


def write_picture_there(folder: Path) -> None:
    write_image(folder / "made.png", np.zeros((8, 8, 3), np.uint8))


def write_movie_there(folder: Path) -> None:
    with av.open(str(folder / "made.mp4"), "w") as movie:
        stream = movie.add_stream("mpeg4", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        movie.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        movie.mux(stream.encode(None))


def make_folder_there(folder: Path) -> None:
    (folder / "made").mkdir()


def remove_there(folder: Path) -> None:
    (folder / "theirs").unlink()


def replace_there(folder: Path) -> None:
    (folder.parent / "own").write_text("own")
    (folder.parent / "own").replace(folder / "theirs")


def link_there(folder: Path) -> None:
    (folder.parent / "own").write_text("own")
    os.link(folder.parent / "own", folder / "made")


WRITINGS = [
    write_picture_there,
    write_movie_there,
    make_folder_there,
    remove_there,
    replace_there,
    link_there,
]


@pytest.mark.parametrize("write", WRITINGS, ids=lambda write: write.__name__)
def test_nothing_is_written_or_removed_through_a_link(
    tmp_path: Path, places: Places, write: Callable[[Path], None]
):
    (tmp_path / "secret" / "theirs").write_text("theirs")
    with pytest.raises((OSError, SparkVSRError)):
        run_confined(lambda: write(tmp_path / "shots" / "led"), places)
    assert [(path.name, path.read_text()) for path in (tmp_path / "secret").iterdir()] == [
        ("theirs", "theirs")
    ]
    inside = tmp_path / "shots" / "inside"
    inside.mkdir()
    (inside / "theirs").write_text("")
    run_confined(lambda: write(inside), places)


def test_what_may_be_read_alone_is_not_written(tmp_path: Path):
    (tmp_path / "a").write_text("a")
    places = Places(read=(str(tmp_path),))
    assert run_confined((tmp_path / "a").read_text, places) == "a"
    with pytest.raises(PermissionError):
        run_confined(lambda: (tmp_path / "a").write_text("b"), places)


def test_encoders_are_opened_as_ever(tmp_path: Path, places: Places):
    def write() -> Path:
        with encoder_turn():
            return write_scenes(tmp_path / "shots" / "a.mp4", [3])

    with open_movie(run_confined(write, places)) as movie:
        assert len(list(movie.decode(video=0))) == 3


def test_numbers_of_threads_are_listed_and_nothing_of_them_is_read(places: Places):
    tasks = Path("/proc/self/task")
    numbers = run_confined(lambda: [path.name for path in tasks.iterdir()], places)
    assert str(os.getpid()) in numbers
    with pytest.raises(PermissionError):
        run_confined((tasks / str(os.getpid()) / "environ").read_bytes, places)


def test_threads_of_a_confined_thread_are_confined_and_others_are_not(tmp_path: Path, places: Places):
    (tmp_path / "secret" / "a").write_text("secret")
    outcomes = dict[str, str]()

    def read(name: str) -> None:
        try:
            outcomes[name] = (tmp_path / "secret" / "a").read_text()
        except OSError as error:
            outcomes[name] = type(error).__name__

    def work() -> None:
        thread = threading.Thread(target=read, args=("inside",))
        thread.start()
        thread.join()
        run_outside(lambda: read("outside"))
        assert is_confined()

    run_confined(work, places)
    read("here")
    assert not is_confined()
    assert outcomes == {"inside": "PermissionError", "outside": "secret", "here": "secret"}


def test_confined_work_inside_work_that_is_done_outside_has_its_own_places(tmp_path: Path, places: Places):
    (tmp_path / "secret" / "a").write_text("secret")
    of_other = Places(read=(str(tmp_path / "secret"),))

    def preview() -> str:
        return run_outside(lambda: run_confined((tmp_path / "secret" / "a").read_text, of_other))

    assert run_confined(preview, places) == "secret"


def test_what_the_work_raises_is_raised(places: Places):
    with pytest.raises(ZeroDivisionError):
        run_confined(lambda: 1 / 0, places)
    with pytest.raises(ZeroDivisionError):
        run_confined(lambda: run_outside(lambda: 1 / 0), places)


def test_a_thread_that_the_kernel_does_not_confine_does_nothing(
    tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
):
    def refuse(result: int) -> int:
        raise OSError("refused")

    monkeypatch.setattr(landlock, "_checked", refuse)
    with pytest.raises(OSError, match="refused"):
        run_confined((tmp_path / "made").mkdir, places)
    assert not (tmp_path / "made").exists()


def test_the_systems_secrets_and_everybodys_temporary_files_are_outside(tmp_path: Path, places: Places):
    for path in ("/etc/passwd", "/proc/self/environ", "/root", "/home", "/tmp", "/dev/shm", "/var/log"):
        if os.access(path, os.R_OK):
            with pytest.raises(PermissionError):
                run_confined(lambda path=path: os.close(os.open(path, os.O_RDONLY)), places)
