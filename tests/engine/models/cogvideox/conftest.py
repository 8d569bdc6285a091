"""A toy checkpoint in the published layout, made once, and restorers over it."""

from __future__ import annotations

import pytest

from tests.fakes.cogvideox import make_checkpoint

pytest.importorskip("diffusers", reason="the published model needs the cogvideox extra")


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    return make_checkpoint(tmp_path_factory.mktemp("published") / "model")
