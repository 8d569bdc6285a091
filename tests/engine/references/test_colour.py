"""Pictures of one kind for sources of the other: the same light gives the same model values."""

from __future__ import annotations

import numpy as np
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import OutputTarget
from sparkvsr_engine.media.base import OutputRequest
from sparkvsr_engine.media.colours import primaries
from sparkvsr_engine.media.colours.curves import srgb_decode, srgb_encode
from sparkvsr_engine.media.images import write_image
from sparkvsr_engine.media.opening import plan_output
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.references.colour import supplied_to_model
from tests.fakes.media import write_picture

CODES = np.linspace(0.05, 0.95, 48, dtype=np.float32)[None, :, None].repeat(32, 0).repeat(3, 2)
LIGHT = srgb_decode(CODES)


@pytest.fixture
def plates(tmp_path):
    """The same grey ramp as a display-referred and as a scene-linear plate."""
    return {
        "display": write_picture(tmp_path / "plate.png", np.rint(CODES * 65535).astype(np.uint16)),
        "linear": write_picture(tmp_path / "plate.exr", LIGHT.astype(np.float16)),
    }


def brought(picture, plate, tmp_path, is_named=False):
    info = probe(SourceMedia(str(plate)))
    target = OutputTarget(str(tmp_path / f"out{plate.suffix}"))
    colour = plan_output(info, OutputRequest(target, info.span, 48, 32, tmp_path)).colour
    from sparkvsr_engine.media.images import read_image

    own_values = colour.to_model(read_image(plate).pixels)[..., :3]
    return supplied_to_model(picture, read_image(picture).pixels, info, colour, is_named), own_values


@pytest.mark.parametrize("picture", ["display", "linear"])
@pytest.mark.parametrize("plate", ["display", "linear"])
def test_the_same_light_is_the_same_in_model_space(plates, tmp_path, picture, plate):
    result, own_values = brought(plates[picture], plates[plate], tmp_path)
    assert (result.shape, result.dtype) == ((32, 48, 3), np.float32)
    assert np.abs(result - own_values).max() < 0.004


def test_eight_bits_for_a_linear_plate(plates, tmp_path):
    picture = write_image(tmp_path / "k.png", np.rint(CODES * 255).astype(np.uint8)) or tmp_path / "k.png"
    result, own_values = brought(picture, plates["linear"], tmp_path)
    assert np.abs(result - own_values).max() < 0.02


def test_a_plate_on_other_primaries_gets_the_pictures_colour_on_them(tmp_path):
    red = np.zeros((32, 48, 3), np.float32)
    red[...] = (0.8, 0.2, 0.1)
    matrix = primaries.conversion(primaries.REC709, primaries.AP1)
    header = {"chromaticities": ("float[8]", tuple(primaries.AP1))}
    plate = write_picture(tmp_path / "plate.exr", (red @ matrix.T).astype(np.float16), header)
    picture = write_picture(tmp_path / "k.png", np.rint(srgb_encode(red) * 65535).astype(np.uint16))
    result, own_values = brought(picture, plate, tmp_path)
    assert np.abs(result - own_values).max() < 0.004


def test_where_the_user_named_the_space_pictures_are_in_it(plates, tmp_path):
    result, own_values = brought(plates["display"], plates["linear"], tmp_path, is_named=True)
    assert np.abs(result - own_values).max() > 0.1
