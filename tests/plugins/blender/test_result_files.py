"""Names, kinds and colour spaces of a result's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.blender.sequencer.result_files import result_colour, result_extension, result_target


@pytest.mark.parametrize(
    ("source", "requested", "extension"),
    [
        ("a.mp4", "AUTO", ".png"),
        ("a.%04d.exr", "AUTO", ".exr"),
        ("a.%04d.tiff", "AUTO", ".tif"),
        ("a.%04d.jpg", "AUTO", ".png"),
        ("a.mp4", "OPEN_EXR", ".exr"),
    ],
)
def test_a_result_has_its_sources_kind_or_the_one_that_is_wanted(source: str, requested: str, extension: str):
    assert result_extension(source, requested) == extension


def test_colour_changes_only_where_linear_meets_display():
    assert result_colour("a.exr", "ACEScg", ".exr") == "ACEScg"
    assert result_colour("a.png", "Non-Color", ".png") == "Non-Color"
    assert result_colour("a.png", "sRGB", ".exr") == "Linear Rec.709"
    assert result_colour("a.exr", "ACEScg", ".png") == "sRGB"


def test_a_target_has_a_folder_of_its_own_whatever_the_strip_is_called():
    folder = Path("/r")
    result = result_target(folder, "sh/010 %d*2x", "now", ".png")
    assert result == str(folder / "sh_010__d_2x-now" / "%06d.png")
    assert result_target(folder, "...", "now", ".png") == str(folder / "strip-now" / "%06d.png")
