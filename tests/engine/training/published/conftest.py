"""A toy checkpoint, clips of the shared footage, and runs of the toy recipe over them."""

from __future__ import annotations

import pytest

from sparkvsr_engine.training.published.clip_bank import ClipBank
from sparkvsr_engine.training.recipe import read_recipe
from sparkvsr_engine.training.scenes.bank import Bank
from sparkvsr_engine.training.scenes.footage import photographs
from tests.fakes.cogvideox import make_checkpoint
from tests.fakes.published_training import write_published_recipe


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    pytest.importorskip("diffusers", reason="the published model needs the cogvideox extra")
    return make_checkpoint(tmp_path_factory.mktemp("published") / "model")


@pytest.fixture(scope="session")
def published_recipe(tmp_path_factory):
    return read_recipe(write_published_recipe(tmp_path_factory.mktemp("recipe")))


@pytest.fixture(scope="session")
def open_clips(footage, entries, cache, clips):
    """Opens a bank of clips in a folder by a scene recipe."""

    def open_(folder, scene):
        stages = Bank(folder / "scenes", scene.stages, cache, clips, photographs(footage, entries))
        return ClipBank(folder / "clips", scene, stages)

    return open_


@pytest.fixture(scope="session")
def clip_bank(open_clips, published_recipe, tmp_path_factory):
    return open_clips(tmp_path_factory.mktemp("clips"), published_recipe.scene)
