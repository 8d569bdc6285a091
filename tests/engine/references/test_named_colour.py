"""A keyframe in a colour space of its own: the same light as its source gives the same model values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.media import ImageRef, PixelFormat, SourceMedia
from sparkvsr_bridge.settings import Keyframe, OutputTarget, UpscaleSettings
from sparkvsr_engine.media.base import ColourWish, OutputRequest
from sparkvsr_engine.media.colours import primaries
from sparkvsr_engine.media.colours.curves import srgb_decode
from sparkvsr_engine.media.images import read_image
from sparkvsr_engine.media.opening import plan_output
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.references.colour import supplied_to_model
from sparkvsr_engine.references.named_colour import (
    named_colour,
    require_named_colours,
    require_pictures,
    with_stated_colours,
)
from tests.fakes.media import write_picture
from tests.fakes.ocio_configs import write_studio_config

pytest.importorskip("PyOpenColorIO")
CODES = np.linspace(0.05, 0.95, 48, dtype=np.float32)[None, :, None].repeat(32, 0).repeat(3, 2)
CODES[..., 1] *= 0.5
LIGHT = srgb_decode(CODES)
ON_AP1 = LIGHT @ primaries.conversion(primaries.REC709, primaries.AP1).T


@pytest.fixture
def plates(tmp_path: Path) -> dict[str, Path]:
    return {
        "display": write_picture(tmp_path / "plate.png", np.rint(CODES * 65535).astype(np.uint16)),
        "linear": write_picture(tmp_path / "plate.exr", LIGHT.astype(np.float32)),
        "ap1": write_picture(tmp_path / "ap1.exr", ON_AP1.astype(np.float32)),
        # The light of the plate as a config's log space has it, whose table is the square of the code.
        "log": write_picture(tmp_path / "log.exr", np.sqrt(LIGHT).astype(np.float32)),
    }


def brought(picture: Path, plate: Path, name: str, tmp_path: Path, **settings: str):
    """A keyframe in a named space, and its source, in model space."""
    info = probe(SourceMedia(str(plate)))
    options = UpscaleSettings(**settings)
    target = OutputTarget(str(tmp_path / f"out{plate.suffix}"))
    request = OutputRequest(target, info.span, 48, 32, tmp_path, ColourWish.of(options))
    colour = plan_output(info, request).colour
    own_values = colour.to_model(read_image(plate).pixels)[..., :3]
    way = named_colour(name, options, info)
    pixels = read_image(picture).pixels
    return supplied_to_model(picture, pixels, info, colour, bool(options.input_colour), way), own_values


@pytest.mark.parametrize("plate", ["display", "linear"])
def test_a_picture_on_other_primaries_for_a_plate_nobody_named(plates, tmp_path: Path, plate: str):
    result, own_values = brought(plates["ap1"], plates[plate], "ACEScg", tmp_path)
    assert (result.shape, result.dtype) == ((32, 48, 3), np.float32)
    assert np.abs(result - own_values).max() < 0.004


def test_unnamed_the_same_picture_is_misread(plates, tmp_path: Path):
    """What the field is for: a linear EXR without primaries in its header counts as Rec.709."""
    info = probe(SourceMedia(str(plates["linear"])))
    target = OutputTarget(str(tmp_path / "out.exr"))
    colour = plan_output(info, OutputRequest(target, info.span, 48, 32, tmp_path)).colour
    pixels = read_image(plates["ap1"]).pixels
    misread = supplied_to_model(plates["ap1"], pixels, info, colour, is_named=False)
    own_values = colour.to_model(read_image(plates["linear"]).pixels)
    assert np.abs(misread - own_values).max() > 0.02


def test_a_linear_picture_for_a_log_plate_of_a_studio_config(plates, tmp_path: Path):
    config = str(write_studio_config(tmp_path / "show"))
    colours = {"ocio_config": config, "input_colour": "show_log", "output_colour": "show_log"}
    result, own_values = brought(plates["linear"], plates["log"], "show_linear", tmp_path, **colours)
    assert np.abs(result - own_values).max() < 0.004
    result, own_values = brought(plates["log"], plates["linear"], "show_log", tmp_path, ocio_config=config)
    assert np.abs(result - own_values).max() < 0.004


def test_codes_of_a_plate_of_integers_are_not_left(plates, tmp_path: Path):
    bright = write_picture(tmp_path / "bright.exr", (LIGHT * 40).astype(np.float32))
    named = {"input_colour": "sRGB - Texture"}
    result, _ = brought(bright, plates["display"], "Linear Rec.709 (sRGB)", tmp_path, **named)
    assert 0 <= result.min() <= result.max() <= 1


def test_alpha_is_taken_out_before_colours_are_converted(plates, tmp_path: Path):
    alpha = np.full((32, 48, 1), 0.5, np.float32)
    half = np.concatenate([ON_AP1 * 0.5, alpha], axis=2).astype(np.float32)
    picture = write_picture(tmp_path / "half.exr", half)
    result, own_values = brought(picture, plates["display"], "ACEScg", tmp_path)
    assert np.abs(result - own_values).max() < 0.004


def test_identities_follow_names_and_config(plates, tmp_path: Path):
    info = probe(SourceMedia(str(plates["linear"])))
    item, two = (str(write_studio_config(tmp_path / name, power)) for name, power in (("a", 2.0), ("b", 3.0)))
    plain = UpscaleSettings()
    identities = {
        named_colour("ACEScg", plain, info).identity,
        named_colour("Linear Rec.2020", plain, info).identity,
        named_colour("show_log", replace(plain, ocio_config=item), info).identity,
        named_colour("show_log", replace(plain, ocio_config=two), info).identity,
        named_colour("show_half", replace(plain, ocio_config=item), info).identity,
    }
    assert len(identities) == 5


def test_an_unknown_name_names_the_keyframe_and_near_names(plates):
    info = probe(SourceMedia(str(plates["linear"])))
    keyframes = (Keyframe(3), Keyframe(7, ImageRef(path="/k.exr"), colour="ACESgc"))
    with pytest.raises(InvalidSettings, match=r"Keyframe 7: no colour space is called 'ACESgc'.*'ACEScg'"):
        require_named_colours(keyframes, UpscaleSettings(), info)


def test_a_space_without_a_picture_is_refused():
    with pytest.raises(InvalidSettings, match=r"Keyframe 7 .* has no picture"):
        require_pictures((Keyframe(3), Keyframe(7, colour="ACEScg")))


def test_the_space_stated_with_a_picture_in_memory_is_its_own():
    pixels = PixelFormat(48, 32, 3, "float16", "ACEScg")
    stated = Keyframe(3, ImageRef(buffer=0, format=pixels))
    assert with_stated_colours((stated, replace(stated, colour="ACES2065-1"), Keyframe(5))) == (
        replace(stated, colour="ACEScg"),
        replace(stated, colour="ACES2065-1"),
        Keyframe(5),
    )
