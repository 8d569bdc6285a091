"""Paths on the disk: links, devices and everything else that leads out of the roots."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from sparkvsr_bridge.errors import NotPermitted
from sparkvsr_engine.access.roots import Roots
from sparkvsr_engine.remote_config import RemoteConfig

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    """`shots` may be read, `results` written; `secret` lies beside them."""
    for name in ("shots/a", "results", "secret"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "secret" / "key.mov").write_text("secret")
    (tmp_path / "shots" / "a" / "1.mov").write_text("footage")
    return Roots.of(RemoteConfig(read=(str(tmp_path / "shots"),), write=(str(tmp_path / "results"),)))


def test_files_below_a_root_are_let_through_resolved(roots: Roots, tmp_path: Path):
    shots, results = tmp_path / "shots", tmp_path / "results"
    assert roots.resolve(str(shots / "a" / "." / "1.mov")) == str(shots / "a" / "1.mov")
    assert roots.resolve(str(shots / "a" / "absent.%04d.exr")) == str(shots / "a" / "absent.%04d.exr")
    assert roots.resolve(str(results / "new" / "%04d.png"), writing=True) == str(results / "new" / "%04d.png")
    assert roots.resolve(str(results / "1.mov")) == str(results / "1.mov"), "what may be written may be read"


def test_a_link_inside_the_roots_is_followed(roots: Roots, tmp_path: Path):
    (tmp_path / "shots" / "latest").symlink_to(tmp_path / "shots" / "a")
    assert roots.resolve(str(tmp_path / "shots" / "latest" / "1.mov")) == str(
        tmp_path / "shots" / "a" / "1.mov"
    )


def link(base: Path, name: str, target: Path | str) -> str:
    """A link in a folder of its own below the root that may be read."""
    folder = base / "shots" / f"of {name}"
    folder.mkdir()
    (folder / name).symlink_to(target)
    return str(folder / name)


def attacks(base: Path) -> dict[str, str]:
    """Paths that lead out, by what leads out."""
    shots, secret = base / "shots", base / "secret"
    key = secret / "key.mov"
    pictures = Path(link(base, "p.0001.png", key)).parent
    (shots / "pipes").mkdir()
    os.mkfifo(shots / "pipes" / "pipe.mov")
    folder = link(base, "folder", secret)
    return {
        "another folder": str(key),
        "a folder with the root's name and more": f"{shots}2/a.mov",
        "other case": str(shots).upper() + "/a/1.mov",
        "a link to a file": link(base, "link.mov", key),
        "a link to a folder": f"{folder}/key.mov",
        "a link to a link": link(base, "chain", folder) + "/key.mov",
        "a relative link": link(base, "relative", "../../secret") + "/key.mov",
        "a link to nothing": link(base, "dangling.mov", secret / "absent.mov"),
        "a loop of links": link(base, "loop", "loop"),
        "a numbered picture that is a link": str(pictures / "p.%04d.png"),
        "a folder of such pictures": str(pictures),
        "a pipe": str(shots / "pipes" / "pipe.mov"),
        "the system's files": "/etc/passwd",
        "the process's own root": f"/proc/self/root{shots}/a/1.mov",
        "climbing": str(shots / "a" / ".." / ".." / "secret" / "key.mov"),
        "a home folder": "~/key.mov",
        "a server's share": f"/{shots}/a/1.mov",
    }


def test_nothing_leads_out_of_what_may_be_read(roots: Roots, tmp_path: Path):
    let_in = []
    for name, path in attacks(tmp_path).items():
        try:
            roots.resolve(path)
        except NotPermitted:
            continue
        let_in.append(name)
    assert let_in == []


@pytest.mark.parametrize(
    "name", ["shots/a/1.mov", "shots/new.mov", "secret/new.mov", "results/out/new.mov", "results/f"]
)
def test_what_may_only_be_read_is_not_written(roots: Roots, tmp_path: Path, name: str):
    (tmp_path / "results" / "out").symlink_to(tmp_path / "secret")
    (tmp_path / "results" / "f").symlink_to(tmp_path / "secret" / "new.mov")
    with pytest.raises(NotPermitted):
        roots.resolve(str(tmp_path / name), writing=True)


def test_a_root_that_is_a_link_is_the_folder_it_leads_to(tmp_path: Path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "shots").symlink_to(tmp_path / "disk")
    (tmp_path / "disk" / "a.mov").write_text("footage")
    roots = Roots.of(RemoteConfig(read=(str(tmp_path / "shots"),)))
    assert roots.resolve(str(tmp_path / "shots" / "a.mov")) == str(tmp_path / "disk" / "a.mov")


def test_without_roots_nothing_is_open(tmp_path: Path):
    with pytest.raises(NotPermitted):
        Roots.of(RemoteConfig()).resolve(str(tmp_path))
