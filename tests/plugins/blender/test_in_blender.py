"""The extension in a real Blender with the real engine and real files: every scenario of `scenarios/`."""

from __future__ import annotations

import pytest

from tests.plugins.blender.conftest import Play, scenarios


@pytest.mark.slow
@pytest.mark.parametrize("scenario", scenarios())
def test_in_blender(play: Play, scenario: str):
    play(scenario)
