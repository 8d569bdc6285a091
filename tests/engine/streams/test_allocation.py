"""How bytes are divided: the search by itself, the bytes it works with, and files that keep to their rate."""

from __future__ import annotations

import pytest

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.movies.writing.codecs import MovieTraits, Picture
from sparkvsr_engine.streams.dividing.allocation import SHARES, WITHOUT, Division, Split, search
from sparkvsr_engine.streams.dividing.rates import corrected_crf, crf_for_bytes, excerpts_of
from sparkvsr_engine.streams.encodings import keyframe_encoding, with_crf
from tests.fakes.streams import numbered_source, pack_movie

ENCODING = keyframe_encoding("x.mkv", Picture(192, 128, 8), MovieTraits(24))


def _split(place):
    return Split(SHARES[place.share], tuple(range(place.density + 1)))


@pytest.mark.parametrize("best", [Division(0, 0), Division(2, 2), Division(4, 1), Division(3, 4)])
def test_the_search_walks_to_the_best_division(best):
    def distance(split):
        if split == WITHOUT:
            return 100.0
        return abs(len(split.keyframes) - 1 - best.density) + abs(SHARES.index(split.share) - best.share)

    assert search(_split, distance, Division(2, 2)) == _split(best)


def test_no_keyframes_are_sent_where_they_do_not_pay():
    assert search(_split, lambda split: 0.1 + split.share, Division(2, 2)) == WITHOUT


def test_no_division_is_tried_twice_and_each_trial_can_be_stopped():
    tried, checks = [], []
    search(_split, lambda split: tried.append(split) or 1.0, Division(2, 2), lambda: checks.append(1))
    assert len(tried) == len(set(tried)) == len(checks) == 6


def test_the_quality_for_some_bytes_is_the_best_that_fits():
    def bytes_at(encoding):
        return 10_000 * 2 ** (-float(dict(encoding.options)["crf"]) / 9)

    crf = crf_for_bytes(ENCODING, 500.0, bytes_at)
    assert bytes_at(with_crf(ENCODING, crf)) <= 500.0 < bytes_at(with_crf(ENCODING, crf - 1))
    assert crf_for_bytes(ENCODING, 1e9, bytes_at) == 10.0
    assert crf_for_bytes(ENCODING, 0.1, bytes_at) == 63.0


def test_a_correction_moves_towards_the_bytes_that_are_wanted():
    assert corrected_crf(ENCODING, 30.0, 2000.0, 1000.0) == 39.0
    assert corrected_crf(ENCODING, 30.0, 1000.0, 2000.0) == 21.0
    assert corrected_crf(ENCODING, 62.0, 9000.0, 1000.0) == 63.0


def test_excerpts_are_the_beginnings_of_the_longest_shots_in_order():
    shots = [FrameSpan(0, 10), FrameSpan(10, 110), FrameSpan(110, 150)]
    assert excerpts_of(shots, 2, 24) == [FrameSpan(10, 34), FrameSpan(110, 134)]
    assert excerpts_of([FrameSpan(0, 12)], 2, 24) == [FrameSpan(0, 12)]


@pytest.mark.slow
def test_a_file_keeps_to_its_rate_and_says_what_took_it(tmp_path):
    source = numbered_source(tmp_path, frames=24)
    packed = pack_movie(source, tmp_path / "small.mkv", "0,12", rate=40_000, codec="h264")
    taken = packed.base_bytes + packed.keyframe_bytes
    assert 0.6 * 5000 * packed.seconds < taken <= 1.02 * 5000 * packed.seconds
    assert packed.keyframes == (0, 12)
    assert packed.file_bytes == (tmp_path / "small.mkv").stat().st_size


def test_a_rate_that_cannot_be_kept_is_told(tmp_path):
    source = numbered_source(tmp_path, frames=24)
    packed = pack_movie(source, tmp_path / "small.mkv", "none", rate=1000)
    assert any("more than the 1 asked for; choose a larger --factor" in text for text in packed.warnings)
