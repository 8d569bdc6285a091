"""Footage and a bank of scenes, made once for all training tests of a process."""

from __future__ import annotations

import pytest

from sparkvsr_engine.training.scenes.bank import Bank, SceneRecipe
from sparkvsr_engine.training.scenes.footage import photographs, prepare_clips, read_manifest
from tests.fakes.footage import write_footage

SCENES = 3


@pytest.fixture(scope="session")
def footage(tmp_path_factory):
    return write_footage(tmp_path_factory.mktemp("footage"))


@pytest.fixture(scope="session")
def entries(footage):
    return read_manifest(footage)


@pytest.fixture(scope="session")
def bank_folder(tmp_path_factory):
    """Laid out as a run's own bank is."""
    return tmp_path_factory.mktemp("bank")


@pytest.fixture(scope="session")
def cache(bank_folder):
    return bank_folder / "footage"


@pytest.fixture(scope="session")
def clips(footage, entries, cache):
    return prepare_clips(footage, entries, cache)


@pytest.fixture(scope="session")
def open_bank(footage, entries, cache, clips):
    """Opens a bank in a folder, by the recipe of `fakes.footage` but for what is given."""

    def open_(folder, **changes):
        recipe = SceneRecipe(**{"seed": 7, "farthest": 3, "made_share": 0.0, **changes})
        return Bank(folder, recipe, cache, clips, photographs(footage, entries))

    return open_


@pytest.fixture(scope="session")
def bank(open_bank, bank_folder):
    """A bank whose first scenes are there."""
    bank = open_bank(bank_folder / "scenes")
    for number in range(SCENES):
        bank.scene(number)
    return bank
