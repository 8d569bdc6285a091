"""The wheel carries plugins and documentation: an installation without a checkout has the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from plugins.release.blender import archives
from scripts.build_release import LICENCES
from tests.plugins.test_build import put_wheels

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "THIRD_PARTY.md",
    "RELEASING.md",
    "bridge",
    "sparkvsr",
    "sparkvsr_engine",
    "plugins",
    "docs",
    "scripts",
    "mkdocs.yml",
    "pyproject.toml",
    "setup.py",
    "MANIFEST.in",
    "LICENSE",
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
)
# An editable installation on this machine would lend the build modules that it has not on another one.
WITHOUT_CHECKOUT = f"""import sys
is_editable = lambda finder: getattr(finder, "__module__", "").startswith("__editable__")
sys.meta_path[:] = [finder for finder in sys.meta_path if not is_editable(finder)]
sys.path[:] = [folder for folder in sys.path if folder not in {(str(ROOT), str(ROOT / "bridge"))!r}]
"""
MAKE = "import sys; from setuptools import build_meta; getattr(build_meta, sys.argv[1])(sys.argv[2])"
RUN = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from sparkvsr_engine.cli import main; sys.exit(main())"
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a wheel, made of nothing but the source archive, puts into a Python: its files, unpacked."""
    pytest.importorskip("setuptools", minversion="77")
    pytest.importorskip(
        "material", reason="a wheel carries the documentation; the extra docs is not installed"
    )
    checkout, place = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("installed")
    for name in PARTS:
        part = ROOT / name
        if part.is_dir():
            shutil.copytree(part, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(part, checkout)
    archives = tmp_path_factory.mktemp("archives")
    (archives / "sitecustomize.py").write_text(WITHOUT_CHECKOUT)
    make("build_sdist", checkout, archives)
    with tarfile.open(next(archives.glob("*.tar.gz"))) as archive:
        archive.extractall(archives, filter="data")
    make("build_wheel", next(archives.glob("sparkvsr-*/")), archives)
    with zipfile.ZipFile(next(archives.glob("*.whl"))) as archive:
        archive.extractall(place)
    return place


def make(step: str, source: Path, archives: Path) -> None:
    """Build one archive of a source folder, with what lies in it alone."""
    done = subprocess.run(
        [sys.executable, "-c", MAKE, step, str(archives)],
        cwd=source,
        env={**os.environ, "PYTHONPATH": str(archives)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow
def test_an_installation_builds_the_same_archives_as_a_checkout(installed: Path, tmp_path: Path):
    put_wheels(tmp_path)
    command = ["plugins", "build", "blender", "-o", str(tmp_path / "dist"), "--wheels", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUN, str(installed), *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    expected = archives.build_blender(tmp_path / "expected", tmp_path)
    assert sorted(path.name for path in (tmp_path / "dist").iterdir()) == sorted(
        path.name for path in expected
    )
    for path in expected:
        assert (tmp_path / "dist" / path.name).read_bytes() == path.read_bytes()


def test_the_wheel_has_the_licences_of_all_it_carries(installed: Path):
    folder = next(installed.glob("sparkvsr-*.dist-info")) / "licenses"
    assert not [text for text in LICENCES if not (folder.parent / text).is_file()]
    for weights in installed.rglob("*.safetensors"):
        assert list(weights.parent.glob("LICENSE*")), f"{weights.name} has no licence beside it"
    licences = folder.rglob("LICENSE")
    texts = [path.read_text("utf-8") for path in licences]
    assert any("Apache License" in text for text in texts)
    assert any("GNU GENERAL PUBLIC LICENSE" in text for text in texts)
    assert not list(installed.rglob("*_vendor*"))


def test_an_installation_opens_its_own_documentation(installed: Path, tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUN, str(installed), "docs", "--no-browser"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    page = Path(done.stdout.strip())
    assert page == installed / "sparkvsr_engine" / "documentation" / "index.html"
    text = page.read_text("utf-8")
    assert 'href="paths/artist.html"' in text
    assert (page.parent / "reference" / "commands.html").is_file()
    assert not list(page.parent.rglob("*.map"))
