"""Keyframes as they are coded beside clean ones: their noise is not taken for detail and carried on."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import sparkvsr_engine.cli
from sparkvsr_engine.config import load_config
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.evaluation.pixels import to_eight_bits, to_unit
from sparkvsr_engine.media.movies.writing.codecs import MovieTraits, Picture
from sparkvsr_engine.media.movies.writing.segments import write_segment
from sparkvsr_engine.models.registry import open_restorer
from sparkvsr_engine.streams.comparison.clips import read_clip
from sparkvsr_engine.streams.comparison.peers import restored_frames
from sparkvsr_engine.streams.dividing.trials import decoded_segment
from sparkvsr_engine.streams.encodings import keyframe_encoding, with_crf
from sparkvsr_engine.streams.reducing import reduce_picture

CLIP = Path(sparkvsr_engine.cli.__file__).with_name("demo_clip") / "bunny.mp4"
SIZE = WIDTH, HEIGHT = 192, 128


@pytest.mark.parametrize("crf", [40, 60])
def test_coding_noise_of_keyframes_grows_smaller_on_its_way_to_other_frames(tmp_path, crf):
    clip = read_clip(CLIP, 9, tmp_path)
    truth = [np.ascontiguousarray(frame[40 : 40 + HEIGHT, 60 : 60 + WIDTH]) for frame in clip.frames]
    small = [
        to_eight_bits(np.clip(reduce_picture(to_unit(frame), WIDTH // 4, HEIGHT // 4), 0, 1))
        for frame in truth
    ]
    encoding = with_crf(keyframe_encoding("x.mkv", Picture(*SIZE, 8), MovieTraits(Fraction(24))), crf)
    write_segment(tmp_path / "keyframe.mkv", [truth[0]], encoding)
    (pixels,) = decoded_segment(tmp_path / "keyframe.mkv", encoding)
    coded = to_eight_bits(pixels.astype(np.float32) / 65535)
    config = load_config()
    restorer = open_restorer("lite", config.models_folder, config.cache_folder / "parts", "cpu")

    def restored(keyframe):
        return restored_frames(restorer, small, {0: keyframe}, SIZE, FrameSpan(4, 5))[0]

    of_keyframe = _rms(coded, truth[0])
    carried = _rms(restored(coded), restored(truth[0]))
    assert of_keyframe > 1.0
    assert carried < of_keyframe


def _rms(first, second):
    return float(np.sqrt(np.mean((first.astype(np.float64) - second) ** 2)))
