"""Colour spaces by name, in the engine's own config and in the configs studios have."""

from __future__ import annotations

import builtins
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.media.colours import ocio
from sparkvsr_engine.media.colours.ocio import BUILT_IN, OcioTransform, colour_config
from tests.fakes.ocio_configs import write_first_config, write_studio_config, write_table

pytest.importorskip("PyOpenColorIO")
GREY = np.full((2, 3, 3), 0.18, np.float32)


def transform(config, source: str, target: str) -> OcioTransform:
    step = config.transform(source, target)
    assert step is not None
    return step


@pytest.mark.parametrize("name", ["ACEScg", "acescg", "lin_ap1", "scene_linear", "ACES - ACEScg"])
def test_names_aliases_and_roles_are_known(name: str):
    assert colour_config().canonical_name(name) == "ACEScg"


def test_an_unknown_name_is_refused_with_close_ones():
    with pytest.raises(InvalidSettings, match="'ACEScg'"):
        colour_config().canonical_name("ACESgc")


def test_a_space_for_data_is_refused(tmp_path: Path):
    for config, name in ((colour_config(), "Raw"), (studio(tmp_path), "show_raw")):
        with pytest.raises(InvalidSettings, match="data"):
            config.canonical_name(name)


def test_a_transform_has_the_known_values_and_leaves_its_input_alone():
    grey = GREY.copy()
    result = transform(colour_config(), "ACEScg", "sRGB - Texture")(grey)
    assert result == pytest.approx(np.full_like(grey, 0.4614), abs=1e-3)
    assert (grey == np.float32(0.18)).all()


def studio(folder: Path, power: float = 2.0):
    return colour_config(str(write_studio_config(folder, power)))


def test_a_config_of_a_file_has_its_own_names_and_lists_near_ones(tmp_path: Path):
    config = studio(tmp_path)
    assert config.canonical_name("Plate_Linear") == "show_linear"
    with pytest.raises(InvalidSettings, match=r"'shw_log' in .*config\.ocio; did you mean 'show_log'"):
        config.canonical_name("shw_log")
    with pytest.raises(InvalidSettings, match="no colour space is called 'ACEScg'"):
        config.canonical_name("ACEScg")


def test_a_lookup_table_beside_the_config_is_applied(tmp_path: Path):
    codes = np.full((1, 1, 3), 0.5, np.float32)
    result = transform(studio(tmp_path), "show_log", "show_linear")(codes)
    assert result == pytest.approx(np.full_like(codes, 0.25), abs=1e-3)


def test_a_config_counts_by_its_content_and_that_of_its_tables(tmp_path: Path):
    first = studio(tmp_path / "a")
    moved = shutil.copytree(tmp_path / "a", tmp_path / "b") / "config.ocio"
    second = colour_config(str(moved))
    assert first.identity == second.identity != ""
    item, two = (transform(config, "show_log", "show_linear") for config in (first, second))
    assert item.identity == two.identity != ""
    moved.write_text(moved.read_text() + "# another show\n")
    assert colour_config(str(moved)).identity != first.identity


def test_a_table_that_changed_gives_other_pixels_and_another_identity(tmp_path: Path):
    codes = np.full((1, 1, 3), 0.5, np.float32)
    before = transform(studio(tmp_path), "show_log", "show_linear")
    table = tmp_path / "luts" / "log.spi1d"
    write_table(table, 3.0)
    os.utime(table, (1, 1))
    after = transform(colour_config(str(tmp_path / "config.ocio")), "show_log", "show_linear")
    assert after.identity != before.identity
    assert after(codes) == pytest.approx(np.full_like(codes, 0.125), abs=1e-3)


def test_linear_spaces_are_known_where_a_config_names_no_encodings(tmp_path: Path):
    config = colour_config(str(write_first_config(tmp_path)))
    linear = {name: config.is_scene_linear(name) for name in ("linear", "linear_double", "gamma22")}
    assert linear == {"linear": True, "linear_double": True, "gamma22": False}


def test_a_built_in_config_by_name_is_the_same_as_the_engines_own():
    named = colour_config(BUILT_IN)
    assert not named.is_built_in
    expected = transform(colour_config(), "ACEScg", "sRGB - Texture")(GREY)
    assert np.array_equal(transform(named, "ACEScg", "sRGB - Texture")(GREY), expected)


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        (str(Path("/not/there/config.ocio").absolute()), r"cannot be read .*check its path"),
        ("show/config.ocio", "is no full path"),
        ("ocio://cg-config-v2.1.0_aces-v1.3_ocio-v2.9", "for example ocio://cg-config-v2"),
    ],
)
def test_a_config_that_cannot_be_used_is_refused_in_a_sentence(location: str, sentence: str):
    with pytest.raises(InvalidSettings, match=sentence):
        colour_config(location)


def test_a_broken_config_and_a_missing_table_are_refused_in_a_sentence(tmp_path: Path):
    path = write_studio_config(tmp_path)
    (tmp_path / "luts" / "log.spi1d").unlink()
    with pytest.raises(InvalidSettings, match=r"cannot convert 'show_log' to 'show_linear' .*log\.spi1d"):
        colour_config(str(path)).transform("show_log", "show_linear")
    path.write_text("ocio_profile_version: 2\ncolorspaces: [\n")
    with pytest.raises(InvalidSettings, match=r"cannot be used .*mend the config"):
        colour_config(str(path))


def test_the_engines_own_environment_counts_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OCIO", str(write_studio_config(tmp_path)))
    ocio._built_in.cache_clear()
    assert colour_config().canonical_name("lin_ap1") == "ACEScg"


def test_a_missing_library_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    real = builtins.__import__

    def refuse(name, *arguments):
        if name == "PyOpenColorIO":
            raise ImportError(name)
        return real(name, *arguments)

    ocio._library.cache_clear()
    ocio._built_in.cache_clear()
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(InvalidSettings, match=r"sparkvsr\[colour\]"):
        colour_config()
