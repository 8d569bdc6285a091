"""The release archives: what is inside, for which Blender, the same bytes every time."""

from __future__ import annotations

import tomllib
import zipfile
from pathlib import Path

import pytest

from plugins.release import wheels
from plugins.release.archives import BuildFailed, plugin_files
from plugins.release.blender.archives import BLENDER_VARIANTS, build_blender
from sparkvsr_bridge.version import __version__


def put_wheels(folder: Path) -> None:
    """Files that are named as the wheels are; their content is no matter here."""
    for variant in BLENDER_VARIANTS:
        wheel = variant.wheel
        tag = f"cp{wheel.python.replace('.', '')}-{wheel.abi}-{wheel.platforms[0]}"
        (folder / f"pyzmq-{wheels.PYZMQ_VERSION}-{tag}.whl").write_bytes(b"wheel")


@pytest.fixture
def archives(tmp_path: Path) -> list[Path]:
    put_wheels(tmp_path)
    return build_blender(tmp_path / "dist", tmp_path)


def manifest_of(archive: Path) -> dict[str, object]:
    with zipfile.ZipFile(archive) as result:
        return tomllib.loads(result.read("blender_manifest.toml").decode())


def test_every_blender_from_the_oldest_on_has_one_archive_per_platform(archives: list[Path]):
    for platform in ("linux", "macos", "windows"):
        result = [manifest_of(path) for path in archives if platform in path.name]
        limits = sorted(
            (str(item["blender_version_min"]), item.get("blender_version_max")) for item in result
        )
        # The highest version is excluded, so that no version is between two archives or in both.
        assert limits == [("4.2.0", "5.1.0"), ("5.1.0", None)]


def test_the_manifest_names_the_wheel_that_is_inside(archives: list[Path]):
    for path in archives:
        manifest = manifest_of(path)
        assert manifest["version"] == __version__
        with zipfile.ZipFile(path) as archive:
            inside = [f"./{name}" for name in archive.namelist() if name.endswith(".whl")]
        assert manifest["wheels"] == inside
        assert len(inside) == 1


def test_an_archive_has_the_bridge_and_nothing_that_was_built(archives: list[Path]):
    with zipfile.ZipFile(archives[0]) as archive:
        names = archive.namelist()
    assert {
        "__init__.py",
        "LICENSE",
        "_vendor/bridge/client.py",
        "_vendor/bridge/transport/__init__.py",
    } <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.startswith("_vendor/bridge/timeline")]


def test_notes_of_macos_beside_a_plugins_files_are_not_packed(tmp_path: Path):
    for name in ("panel.py", "._panel.py", "panel.pyc"):
        (tmp_path / name).touch()
    assert [path.name for path in plugin_files(tmp_path)] == ["panel.py"]


def test_the_same_files_make_the_same_bytes(archives: list[Path], tmp_path: Path):
    first = [path.read_bytes() for path in archives]
    again = build_blender(tmp_path / "again", tmp_path)
    assert [path.read_bytes() for path in again] == first


def test_a_wheel_that_cannot_be_fetched_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(BuildFailed, match="pip cannot fetch pyzmq"):
        wheels.fetch_wheel(BLENDER_VARIANTS[0].wheel, tmp_path / "wheels")
