import builtins

import numpy as np
import pytest

from bridge.errors import InvalidSettings
from sparkvsr_engine.media.colours import ocio

pytest.importorskip("PyOpenColorIO")


@pytest.mark.parametrize("name", ["ACEScg", "acescg", "lin_ap1", "scene_linear", "ACES - ACEScg"])
def test_names_aliases_and_roles_are_known(name):
    assert ocio.canonical_name(name) == "ACEScg"


def test_an_unknown_name_is_refused_with_close_ones():
    with pytest.raises(InvalidSettings, match="'ACEScg'"):
        ocio.canonical_name("ACESgc")


def test_a_space_for_data_is_refused():
    with pytest.raises(InvalidSettings, match="data"):
        ocio.canonical_name("Raw")


def test_a_transform_has_the_known_values_and_leaves_its_input_alone():
    grey = np.full((2, 3, 3), 0.18, np.float32)
    assert ocio.OcioTransform("ACEScg", "sRGB - Texture")(grey) == pytest.approx(
        np.full((2, 3, 3), 0.4614), abs=1e-3
    )
    assert (grey == np.float32(0.18)).all()


def test_a_missing_library_says_how_to_get_it(monkeypatch):
    real = builtins.__import__

    def refuse(name, *rest):
        if name == "PyOpenColorIO":
            raise ImportError(name)
        return real(name, *rest)

    ocio._library.cache_clear()
    ocio._config.cache_clear()
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(InvalidSettings, match=r"sparkvsr\[colour\]"):
        ocio.canonical_name("ACEScg")
