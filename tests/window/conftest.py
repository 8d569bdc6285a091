"""A window's model with the real engine and the real reader, and the window itself without a screen."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sparkvsr_bridge.hosts.engine_place import EnginePlace
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_engine.cli import demo
from sparkvsr_window.model.window_model import WindowModel
from tests.end_to_end.conftest import (
    _engines_are_found,  # noqa: F401 - engines of a checkout are found
    shared_home,  # noqa: F401
    weights,  # noqa: F401
)

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
DEMO = Path(demo.__file__).parent / "demo_clip"
PATIENCE_SECONDS = 240.0


@pytest.fixture(scope="module")
def engine_home(shared_home: Path) -> Iterator[Path]:  # noqa: F811
    """A home folder whose engine ends with the file's last test."""
    yield shared_home
    EngineProcess(shared_home).stop()


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """The demonstration clip: 72 frames of 320x180."""
    return Path(shutil.copy(DEMO / "bunny.mp4", tmp_path / "bunny.mp4"))


@pytest.fixture
def opened_pictures() -> list[Path]:
    """What the editor was asked to open."""
    return []


@pytest.fixture
def make_model(
    engine_home: Path, tmp_path: Path, opened_pictures: list[Path]
) -> Iterator[Callable[[], WindowModel]]:
    """Makes models whose files lie in one folder, as one user's windows do; they are closed at the end."""
    models: list[WindowModel] = []

    def make() -> WindowModel:
        place = EnginePlace(sys.executable, str(engine_home), name="window test", is_own_python=True)
        models.append(WindowModel(tmp_path / "window", place, opened_pictures.append))
        return models[-1]

    yield make
    for model in models:
        model.close()


@pytest.fixture
def model(make_model: Callable[[], WindowModel]) -> WindowModel:
    """A model with nothing open."""
    return make_model()


def until(model: WindowModel, is_so: Callable[[], object]) -> None:
    """Poll until something is so, as the window's timer does."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < give_up, [message.text for message in model.core.messages]
        model.poll()
        time.sleep(0.005)


def open_clip(model: WindowModel, path: Path) -> None:
    """Open a clip and wait for its first picture."""
    model.open(str(path))
    until(model, lambda: model.document is not None and model.document.clip.path == str(path))
    until(model, lambda: (placed := model.pictures.placed(0)) is not None and placed.picture is not None)
