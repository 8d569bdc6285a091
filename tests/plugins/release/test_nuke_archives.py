"""The Nuke plugin's archives: what is inside, and each wheel imported in the Python it is for."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from plugins.release.archives import BuildFailed
from plugins.release.nuke import archives
from plugins.release.wheels import PLATFORM_TAGS, PYZMQ_VERSION, this_platform
from sparkvsr_bridge.version import __version__
from tests.fakes.host_pythons import WHEELS, fetched_wheel, require_python, run_python

PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13")
# As the plugin does when the engine is first needed, in the way it lies in the archive.
USE = f"""
import importlib, sys
from pathlib import Path
root = Path(sys.path[1])
sys.path.insert(0, str(root))
assert "zmq" not in sys.modules
vendored = root / "sparkvsr_nuke" / "_vendor"
tag = f"cp{{sys.version_info[0]}}{{sys.version_info[1]}}"
folder = vendored / "wheels" / tag
sys.path.append(str(folder if folder.is_dir() else vendored / "wheels" / "abi3"))
bridge = importlib.import_module("sparkvsr_nuke._vendor.bridge")
assert "zmq" not in sys.modules, "pyzmq came with the bridge"
client = bridge.EngineClient
import zmq
assert zmq.__version__ == "{PYZMQ_VERSION}", zmq.__version__
assert Path(zmq.__file__).is_relative_to(vendored) if sys.version_info >= (3, 9) else True
with zmq.Context() as context, context.socket(zmq.PAIR) as one, context.socket(zmq.PAIR) as other:
    one.bind("inproc://test")
    other.connect("inproc://test")
    other.send(b"hello")
    assert one.recv() == b"hello"
print(zmq.zmq_version(), zmq.has("curve"))
"""


def names_in(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as content:
        return content.namelist()


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """Small zips named as the wheels are: what is in them is no matter for what they are put beside."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for platform in PLATFORM_TAGS:
        for wheel in archives.wheels_of(platform):
            tag = f"cp{wheel.python.replace('.', '')}-{wheel.abi}-{wheel.platforms[0]}"
            with zipfile.ZipFile(folder / f"pyzmq-{PYZMQ_VERSION}-{tag}.whl", "w") as content:
                content.writestr("zmq/__init__.py", f"# {tag}\n")
    return folder


def test_one_archive_per_platform_with_a_wheel_for_every_python(plugin: Path, wheels: Path, tmp_path: Path):
    built = archives.build_nuke(tmp_path / "dist", wheels, plugin)
    assert [path.name for path in built] == [
        f"sparkvsr-{__version__}-nuke-{platform}.zip" for platform in PLATFORM_TAGS
    ]
    for path, platform in zip(built, PLATFORM_TAGS, strict=True):
        names = names_in(path)
        assert {"sparkvsr/init.py", "sparkvsr/menu.py", "sparkvsr/sparkvsr_nuke/__init__.py"} <= set(names)
        inside = "sparkvsr/sparkvsr_nuke/_vendor"
        assert {f"{inside}/bridge/hosts/session.py", f"{inside}/bridge/client.py"} <= set(names)
        assert not [name for name in names if "__pycache__" in name or "/bridge/timeline/" in name]
        assert not [name for name in names if "GPL" in name or "blender" in name]
        with zipfile.ZipFile(path) as content:
            for wheel in archives.wheels_of(platform):
                text = content.read(f"{inside}/wheels/{wheel.abi}/zmq/__init__.py").decode()
                assert text.strip().endswith(wheel.platforms[0])


def test_the_same_files_make_the_same_bytes(plugin: Path, wheels: Path, tmp_path: Path):
    first, again = (archives.build_nuke(tmp_path / name, wheels, plugin) for name in ("one", "two"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]


def test_without_wheels_there_is_one_archive_for_all(plugin: Path, tmp_path: Path):
    (built,) = archives.build_nuke(tmp_path / "dist", None, plugin)
    assert built.name == f"sparkvsr-{__version__}-nuke-any.zip"
    assert not [name for name in names_in(built) if "/wheels/" in name]


def test_missing_sources_are_reported(tmp_path: Path):
    with pytest.raises(BuildFailed, match="The Nuke plugin is missing"):
        archives.build_nuke(tmp_path / "dist", None, tmp_path / "nothing")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This machine's archive with the real wheels, unpacked as an artist does."""
    for wheel in archives.wheels_of(this_platform()):
        fetched_wheel(wheel)
    source = tmp_path_factory.mktemp("source")
    (source / archives.PACKAGE).mkdir()
    for name in ("init.py", "menu.py", f"{archives.PACKAGE}/__init__.py"):
        (source / name).touch()
    entries = archives.plugin_entries(WHEELS, source=source)
    folder = tmp_path_factory.mktemp("unpacked")
    for name, content in entries:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("version", PYTHONS)
def test_each_python_of_nuke_loads_the_wheel_that_is_for_it(unpacked: Path, version: str):
    done = run_python(require_python(version), USE, unpacked)
    assert done.returncode == 0, done.stderr
    # Engines of other machines are reached with keys.
    assert done.stdout.split()[1] == "True"


def test_this_python_is_one_of_those():
    assert f"{sys.version_info[0]}.{sys.version_info[1]}" in (*PYTHONS, "3.14")
