"""A file swapped for a link between check and use."""

from __future__ import annotations

import io
import os
import sys
import threading
from pathlib import Path

import pytest

from sparkvsr_bridge.errors import DiskFull, NotPermitted
from sparkvsr_engine.access import boundary
from sparkvsr_engine.access.boundary import bound, copy_from, read_head, require_beside, require_inside
from sparkvsr_engine.access.roots import Roots
from sparkvsr_engine.media.faults import media_faults
from sparkvsr_engine.media.images import write_image
from sparkvsr_engine.media.movies.frame_index.index import open_movie
from sparkvsr_engine.media.sequences.picture_files.pictures import opened, picture_faults

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")


@pytest.fixture
def roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Roots:
    monkeypatch.setattr(boundary, "_bounded", {})
    for name in ("shots/a", "secret/a"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "1.mov").write_text(name.split("/")[0])
    root = str(tmp_path / "shots")
    return Roots(read=(root,), write=(root,))


def swap_folder(base: Path) -> None:
    (base / "shots" / "a").rename(base / "shots" / "before")
    (base / "shots" / "a").symlink_to(base / "secret" / "a")


def swap_file(base: Path) -> None:
    (base / "shots" / "a" / "1.mov").unlink()
    (base / "shots" / "a" / "1.mov").symlink_to(base / "secret" / "a" / "1.mov")


@pytest.mark.parametrize("swap", [swap_folder, swap_file])
def test_what_leads_out_since_the_check_is_not_opened(roots: Roots, tmp_path: Path, swap):
    path = tmp_path / "shots" / "a" / "1.mov"
    checked = roots.resolve(str(path))
    bound([checked], roots)
    require_inside(checked)
    swap(tmp_path)
    with pytest.raises(NotPermitted):
        require_inside(checked)
    with pytest.raises(NotPermitted), media_faults(checked, writing=False):
        raise AssertionError("opened")
    with pytest.raises(NotPermitted):
        open_movie(checked)
    with pytest.raises(NotPermitted), picture_faults(path), opened(path):
        raise AssertionError("opened")
    with pytest.raises(NotPermitted):
        copy_from(checked, str(tmp_path / "shots"), io.BytesIO(), 1000)
    with pytest.raises(NotPermitted):
        read_head(checked, str(tmp_path / "shots"), 10)


def test_a_result_is_not_written_through_a_folder_swapped_for_a_link(roots: Roots, tmp_path: Path):
    import numpy as np

    target = tmp_path / "shots" / "a" / "0001.png"
    bound([roots.resolve(str(target.with_name("%04d.png")), writing=True)], roots)
    swap_folder(tmp_path)
    with pytest.raises(NotPermitted):
        write_image(target, np.zeros((4, 4, 3), np.uint8))
    assert not (tmp_path / "secret" / "a" / "0001.png").exists()


def test_files_of_this_machines_own_jobs_are_left_alone(roots: Roots, tmp_path: Path):
    bound([str(tmp_path / "shots" / "a" / "1.mov")], roots)
    require_inside(tmp_path / "secret" / "a" / "1.mov")


def test_a_copy_is_the_files_bytes_and_bounded(roots: Roots, tmp_path: Path):
    path, root = str(tmp_path / "shots" / "a" / "1.mov"), str(tmp_path / "shots")
    content = io.BytesIO()
    assert copy_from(path, root, content, 5) == 5
    assert content.getvalue() == b"shots"
    with pytest.raises(DiskFull, match="5 bytes"):
        copy_from(path, root, io.BytesIO(), 4)
    os.mkfifo(tmp_path / "shots" / "pipe")
    with pytest.raises(NotPermitted):
        copy_from(str(tmp_path / "shots" / "pipe"), root, io.BytesIO(), 1000)


def test_a_copy_never_holds_the_secret_however_fast_links_are_swapped(roots: Roots, tmp_path: Path):
    """The folder and a link take turns under one name while copies are made."""
    path, root = str(tmp_path / "shots" / "a" / "1.mov"), str(tmp_path / "shots")
    link, folder, place = (tmp_path / "shots" / name for name in ("link", "folder", "a"))
    link.symlink_to(tmp_path / "secret" / "a")
    is_done = threading.Event()

    def swap() -> None:
        while not is_done.is_set():
            place.rename(folder)
            link.rename(place)
            place.rename(link)
            folder.rename(place)

    thread = threading.Thread(target=swap)
    thread.start()
    contents = set()
    try:
        for _ in range(2000):
            content = io.BytesIO()
            try:
                copy_from(path, root, content, 1000)
                contents.add(content.getvalue())
            except Exception as error:
                contents.add(type(error).__name__)
    finally:
        is_done.set()
        thread.join()
    content = io.BytesIO()
    copy_from(path, root, content, 1000)
    assert content.getvalue() == b"shots"
    assert b"secret" not in contents


def test_a_colour_config_names_tables_below_the_roots_alone(roots: Roots, tmp_path: Path):
    folder = str(tmp_path / "shots" / "a")
    bound([f"{folder}/config.ocio"], roots)
    require_beside(folder, [f"{folder}/luts/a.cube"])
    with pytest.raises(NotPermitted, match="lookup table"):
        require_beside(folder, [str(tmp_path / "secret" / "a.cube")])
    require_beside(str(tmp_path / "secret"), [str(tmp_path / "secret" / "a.cube")])


def test_a_remote_clients_colour_config_with_a_table_elsewhere_gives_no_pixels(roots: Roots, tmp_path: Path):
    pytest.importorskip("PyOpenColorIO")
    from sparkvsr_engine.media.colours.ocio import colour_config

    folder = tmp_path / "shots" / "a"
    table = "LUT_1D_SIZE 2\n0 0 0\n1 1 1\n"
    (folder / "own.cube").write_text(table)
    (tmp_path / "secret" / "a" / "other.cube").write_text(table)
    cube = tmp_path / "secret" / "a" / "other.cube"

    def write_config(path: str) -> None:
        space = f"  - !<ColorSpace>\n    name: own\n    to_reference: !<FileTransform> {{src: {path}}}\n"
        raw = "  - !<ColorSpace>\n    name: raw\n"
        text = f"ocio_profile_version: 2\nsearch_path: .\nroles:\n  default: raw\ncolorspaces:\n{raw}{space}"
        (folder / "config.ocio").write_text(text)

    write_config("own.cube")
    bound([str(folder / "config.ocio")], roots)
    assert colour_config(str(folder / "config.ocio")).transform("own", "raw") is not None
    write_config(str(cube))
    with pytest.raises(NotPermitted, match="lookup table"):
        colour_config(str(folder / "config.ocio"))
    write_config("linked.cube")
    (folder / "linked.cube").symlink_to(folder / "own.cube")
    config = colour_config(str(folder / "config.ocio"))
    (folder / "linked.cube").unlink()
    (folder / "linked.cube").symlink_to(cube)
    with pytest.raises(NotPermitted, match="lookup table"):
        config.transform("own", "raw")
