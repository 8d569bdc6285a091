"""Pictures, tiny models and a stand-in for torchvision."""

import importlib
import sys
import types
from enum import Enum

import numpy as np
import pytest


@pytest.fixture
def picture():
    """A 72x56 picture with edges, a slope and fine texture: float32 [56, 72, 3], 0..1."""
    rng = np.random.default_rng(7)
    rows, columns = np.mgrid[0:56, 0:72].astype(np.float32)
    slope = np.stack([columns / 72, rows / 56, 1 - columns / 72], -1)
    stripes = 0.25 * np.sin(columns * rows / 40)[..., None]
    box = ((abs(rows - 30) < 12) & (abs(columns - 40) < 18))[..., None] * np.float32([0.4, -0.3, 0.2])
    return np.clip(slope + stripes + box + rng.normal(0, 0.03, slope.shape), 0, 1).astype(np.float32)


@pytest.fixture
def torchvision_stand_in(monkeypatch):
    """The three names of torchvision that spandrel imports, for machines where the real one does not load.

    Only architectures the tests do not build call them. What was imported meanwhile is forgotten again.
    """
    functional = types.ModuleType("torchvision.transforms.functional")
    functional.InterpolationMode = Enum("InterpolationMode", ["NEAREST", "BILINEAR"])
    functional.normalize = functional.rotate = _not_here
    transforms = types.ModuleType("torchvision.transforms")
    transforms.functional = functional
    package = types.ModuleType("torchvision")
    package.transforms = transforms
    for module in (package, transforms, functional):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    yield
    _forget_spandrel()


@pytest.fixture
def broken_torchvision(monkeypatch):
    """A torchvision whose import fails as one built for another torch does."""
    _forget_spandrel()
    monkeypatch.setitem(sys.modules, "torchvision", None)
    yield
    _forget_spandrel()


def _not_here(*_arguments, **_named):
    raise NotImplementedError("the stand-in for torchvision computes nothing")


def _forget_spandrel():
    for name in [name for name in sys.modules if name.split(".")[0] == "spandrel"]:
        del sys.modules[name]
    importlib.invalidate_caches()
