"""What happens when memory runs out in the middle of a render: the real classes, failing where they would."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sparkvsr_bridge.errors import OutOfMemory
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.cogvideox.memory.run_plan import Precision, RunPlan
from sparkvsr_engine.models.cogvideox.restorer import OpenOptions, open_cogvideox
from tests.fakes.cogvideox import Clip, keyframe, render

GEOMETRY = Geometry(256, 192, 512, 384)
TILE = (320, 384)


@pytest.fixture(scope="module")
def clip():
    still = np.random.default_rng(0).random((192, 256, 3), dtype=np.float32)
    return Clip(FrameSpan(0, 1), lambda frame: still)


@pytest.fixture(scope="module")
def keys():
    return {0: keyframe(0, np.random.default_rng(1).random((384, 512, 3)))}


def opened(checkpoint, **tiles):
    return open_cogvideox(checkpoint, options=OpenOptions(plan=RunPlan(precision=Precision.FLOAT32, **tiles)))


def limit_transformer(restorer, pixels):
    """Let every pass over more output pixels fail as CUDA does."""

    def check(module, arguments, named):
        *_, height, width = named["hidden_states"].shape
        if 64 * height * width > pixels:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")

    restorer.runner.model.transformer.register_forward_pre_hook(check, with_kwargs=True)


def limit_vae(restorer, pixels, monkeypatch):
    """Let every convolution over larger frames fail as the processor's allocator does."""
    vae = restorer.runner.model.vae
    convolve = vae._convolve

    def checked(frames, weight, bias):
        if frames.shape[-1] * frames.shape[-2] > pixels:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")
        return convolve(frames, weight, bias)

    monkeypatch.setattr(vae, "_convolve", checked)


@pytest.mark.slow
def test_a_transformer_that_does_not_fit_goes_on_in_tiles(checkpoint, clip, keys):
    restorer = opened(checkpoint)
    limit_transformer(restorer, TILE[0] * TILE[1])
    result = render(restorer, clip, keys, GEOMETRY)
    plan, *steps = restorer.how_it_runs()
    assert "VAE whole, transformer in tiles of 320x384" in plan
    assert len(steps) == 1
    assert "Out of memory in predict" in steps[0]
    expected = render(opened(checkpoint, transformer_tile=TILE), clip, keys, GEOMETRY)
    assert np.array_equal(result.frames[0], expected.frames[0])


@pytest.mark.slow
def test_a_vae_that_does_not_fit_goes_on_in_tiles(checkpoint, clip, keys, monkeypatch):
    restorer = opened(checkpoint)
    limit_vae(restorer, 300 * 384, monkeypatch)
    result = render(restorer, clip, keys, GEOMETRY)
    plan, *steps = restorer.how_it_runs()
    assert "VAE in tiles of" in plan
    assert "Out of memory in encode" in steps[0]
    tile = restorer.runner.plan.vae_tile
    expected = render(opened(checkpoint, vae_tile=tile), clip, keys, GEOMETRY)
    assert np.array_equal(result.frames[0], expected.frames[0])


def test_where_nothing_fits_the_error_lists_what_was_tried_and_the_remedy(checkpoint, clip, keys):
    restorer = opened(checkpoint)
    limit_transformer(restorer, 64)
    with pytest.raises(OutOfMemory, match=r"transformer in tiles of 256x256; choose a smaller output"):
        render(restorer, clip, keys, GEOMETRY)
