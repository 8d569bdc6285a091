"""Content keys of requests that use no newer field are what they were: earlier caches stay good.

`tests/data/stable_keys.json` was written before the fields of protocol 1.1. Where results are meant to
change, `PREPARATION_VERSION`, a model's revision or the like marks that, and the file is written anew:
`pytest tests/engine/jobs/test_stable_keys.py --regenerate-goldens`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_bridge.media import ImageRef, SourceMedia
from sparkvsr_bridge.settings import JobSpec, Keyframe, KeyframePolicy, OutputTarget, UpscaleSettings
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.propagation_stats import PropagationStats
from sparkvsr_engine.core.keyframe_choice.signals import FrameSignals
from sparkvsr_engine.jobs.plans.analysis import Analysis, _path
from sparkvsr_engine.jobs.plans.checked import CheckedRequest, geometry_of
from sparkvsr_engine.jobs.plans.chunks import shot_chunks
from sparkvsr_engine.jobs.plans.planning import make_plan
from sparkvsr_engine.media.base import ClipInfo, ColourWish, OutputRequest
from sparkvsr_engine.media.colours.primaries import AP1
from sparkvsr_engine.media.opening import plan_output
from sparkvsr_engine.models.registry import open_planner

RECORDED = Path(__file__).resolve().parents[2] / "data" / "stable_keys.json"
SPAN = FrameSpan(0, 24)
SOURCES = {
    "half": {"sample": "float16", "bit_depth": 16},
    "half ap1": {"sample": "float16", "bit_depth": 16, "chromaticities": AP1, "has_alpha": True},
    "codes": {"sample": "uint8", "bit_depth": 8},
}
SETTINGS = {
    "plain": {},
    "other numbers": {"guidance": 0.5, "look": "propagate", "seed": 7, "on_damage": "stop"},
    "named": {"input_colour": "ACEScg", "output_colour": "sRGB - Texture"},
    "named source": {"input_colour": "lin_ap1"},
    "named target": {"output_colour": "ACEScg"},
}


def clip(**traits) -> ClipInfo:
    return ClipInfo(
        path="plate.%04d.exr",
        kind="sequence",
        width=64,
        height=48,
        available=SPAN,
        span=SPAN,
        rate=Fraction(24),
        pixel_format="",
        identity="the identity of a clip",
        **traits,
    )


def keys_of(workshop, picture: Path, info: ClipInfo, extension: str, settings: dict) -> dict:
    """Every key of one request."""
    options = UpscaleSettings(scale=1.0, model="identity", policy=KeyframePolicy("manual"), **settings)
    spec = JobSpec(
        SourceMedia("plate.%04d.exr"),
        OutputTarget(f"out/%04d{extension}"),
        options,
        (Keyframe(5, ImageRef(path=str(picture)), 0.75), Keyframe(20, ImageRef(path=str(picture)))),
    )
    colours = ColourWish(options.input_colour, options.output_colour)
    output = plan_output(info, OutputRequest(spec.output, SPAN, 64, 48, Path("work"), colours))
    info = replace(info, reading=output.colour.reading)
    signals = FrameSignals(SPAN, np.arange(24, dtype=np.float64), PropagationStats.even(SPAN))
    checked = CheckedRequest(spec, info, geometry_of(options, info), output)
    plan = make_plan(workshop.config, checked, Analysis(SPAN, (12,), signals))
    planner = open_planner("identity", workshop.config.models_folder, plan.options)
    chunks = [chunk for shot in shot_chunks(planner, plan) for chunk in shot.chunks]
    return {
        "colour": output.colour.identity,
        "output": output.identity,
        "keyframes": [keyframe.digest for keyframe in plan.keyframes],
        "chunks": [plan.chunk_key(chunk) for chunk in chunks],
        "predictions": [plan.prediction_key(window) for chunk in chunks[:2] for window in chunk.windows[:1]],
        "analysis": _path(info, SPAN, Path("analysis")).name,
    }


def test_keys_are_what_they_were(workshop, tmp_path: Path, request: pytest.FixtureRequest):
    pytest.importorskip("PyOpenColorIO")
    picture = tmp_path / "key.png"
    # Planning reads the content's digest alone; a real picture's bytes change with what writes it.
    picture.write_bytes(b"the picture of a keyframe")
    keys = {
        f"{source}, {extension}, {name}": keys_of(workshop, picture, clip(**traits), extension, settings)
        for source, traits in SOURCES.items()
        for extension in (".exr", ".png")
        for name, settings in SETTINGS.items()
    }
    if request.config.getoption("--regenerate-goldens"):
        RECORDED.write_text(json.dumps(keys, indent=1) + "\n", "utf-8")
    recorded = json.loads(RECORDED.read_text("utf-8"))
    assert keys.keys() == recorded.keys()
    for name, expected in recorded.items():
        assert keys[name] == expected, name


def test_what_is_computed_from_pixels_is_kept_apart_by_how_they_are_read():
    """A prediction of a plate read as display codes was taken for the same plate read as ACEScg."""
    recorded = json.loads(RECORDED.read_text("utf-8"))
    plain, elsewhere, named = (
        recorded[name] for name in ("codes, .exr, plain", "codes, .png, plain", "codes, .exr, named source")
    )
    assert plain["analysis"] == elsewhere["analysis"] != named["analysis"]
    # The first window has no keyframe, whose own digest would set it apart.
    assert plain["predictions"][0] == elsewhere["predictions"][0] != named["predictions"][0]
