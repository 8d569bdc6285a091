"""Keyframes of kinds people have and names they give, in variants nobody asked about yet, through the real
command line.
"""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.compatibility.claims import covers
from tests.compatibility.command_line import upscaled
from tests.fakes.exr import texture
from tests.fakes.systems import skip_without_name

RGB = Image.fromarray(np.rint(texture(24, 16) * 255).astype(np.uint8))


def keyed(folder, keyframe):
    for number in (1, 2):
        RGB.save(folder / f"a.{number:04d}.png")
    options = ("--keyframe", f"1={keyframe}")
    return upscaled(folder / "a.%04d.png", folder / "o" / "%04d.png", *options, model="lite", scale=2)


LARGE = RGB.resize((48, 32), Image.Resampling.BICUBIC)


@covers(
    "kinds of pictures",
    "L. Damage, and one reader for one file",
    variants="keyframes: animated PNG, WebP and GIF, TIFF of several pages; AVIF, HEIC, a movie, a text",
    result="the first picture, with a warning; others are refused for what they are",
)
@pytest.mark.parametrize("extension", ["png", "webp", "gif", "tif"])
def test_the_first_of_several_pictures_of_a_keyframe_is_used_and_named(tmp_path, extension):
    LARGE.save(tmp_path / f"k.{extension}", save_all=True, append_images=[LARGE.rotate(180)])
    assert "first of several pictures" in " ".join(keyed(tmp_path, tmp_path / f"k.{extension}").warnings)


@pytest.mark.parametrize("extension", ["webp", "tga", "bmp", "tif", "jp2", "gif", "ppm"])
def test_a_keyframe_of_one_picture_is_taken_without_a_word(tmp_path, extension):
    LARGE.save(tmp_path / f"k.{extension}")
    text = keyed(tmp_path, tmp_path / f"k.{extension}")
    assert (text.status, [warning for warning in text.warnings if "several" in warning]) == (0, [])


@pytest.mark.parametrize("name", ["k.avif", "k.heic", "k.mp4", "k.txt"])
def test_a_keyframe_of_a_format_that_is_not_read_is_refused_for_it(tmp_path, name):
    (tmp_path / name).write_bytes(b"whatever it holds")
    text = keyed(tmp_path, tmp_path / name)
    assert text.status == 1
    assert "of a format that is not read as a picture" in text.error


@pytest.mark.parametrize(
    ("target", "advice"),
    [
        ("<F4>.png", "%04d.png"),
        ("o.[0001-0002].png", "o.%04d.png"),
        ("o.png", "o.%04d.png"),
        ("o.{frame}.tif", "o.%04d"),
    ],
)
def test_a_target_in_another_programs_spelling_is_refused_with_ours(tmp_path, target, advice):
    for number in (1, 2):
        RGB.save(tmp_path / f"a.{number:04d}.png")
    text = upscaled(tmp_path / "a.%04d.png", tmp_path / target)
    assert text.status == 2
    assert f"write {advice}" in text.error


@pytest.mark.parametrize("name", ["a?b", "a[1]", "a:b", "a#b", "a@b", "a$F", "-a", "50%", "a\nb", "\u65e5"])
def test_signs_in_names_are_names(tmp_path, name):
    skip_without_name(name)
    for number in (1, 2):
        RGB.save(tmp_path / f"{name}.{number:04d}.png")
    target = tmp_path / "o" / f"{name}.%04d.png"
    assert upscaled(tmp_path / f"{name}.%04d.png", target).status == 0
    assert sorted(path.name for path in target.parent.iterdir()) == [f"{name}.{at:04d}.png" for at in (1, 2)]
