"""NaN and infinities on every way into model space: the pixel is bounded, its neighbours are as they were."""

from itertools import product

import numpy as np
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.base import ColourWish
from sparkvsr_engine.media.colour import plan_colour
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.media.sequences.picture_files.pictures import read_picture
from tests.compatibility.claims import covers
from tests.fakes.media import numbered_picture, write_picture

SOURCES = [
    ("a.exr", {}, ""),
    ("a.exr", {}, "ACEScg"),
    ("a.exr", {}, "Linear Rec.709 (sRGB)"),
    ("a.exr", {"oiio:ColorSpace": "srgb_rec709_scene"}, ""),
    ("a.tif", {}, ""),
    ("a.tif", {"oiio:ColorSpace": "srgb_rec709_scene"}, ""),
    ("a.tif", {}, "ACEScct"),
]


@covers(
    "kinds of pictures",
    "E. NaN on the ways into model space",
    variants="NaN and infinities in colour and alpha, half and float, linear and display, all targets",
    result="finite in what a network sees and in what it restored",
)
@pytest.mark.parametrize(("source", "channels", "target"), list(product(SOURCES, (3, 4), ("b.exr", "b.png"))))
def test_no_number_becomes_one_on_every_way(tmp_path, source, channels, target):
    name, attributes, space = source
    if space:
        pytest.importorskip("PyOpenColorIO")
    healthy = numbered_picture(1, sample="float32", channels=channels)
    wrong = healthy.copy()
    wrong[20, 30, 0], wrong[21, 31, 1], wrong[22, 32, 2] = np.nan, np.inf, -np.inf
    wrong[23, 33, channels - 1] = np.nan
    path = write_picture(tmp_path / name, wrong, attributes)
    info = probe(SourceMedia(str(path)))
    plan = plan_colour(info, target, "float32" if target == "b.exr" else "uint8", ColourWish(space))
    model = plan.to_model(read_picture(path)[1])
    assert np.isfinite(model).all()
    is_healthy = np.isfinite(wrong).all(axis=2)
    assert np.array_equal(model[is_healthy], plan.to_model(healthy)[is_healthy])
    assert np.isfinite(plan.from_model(model, "float32")).all()
