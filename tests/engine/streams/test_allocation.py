"""How bytes are divided: the search by itself, the bytes it works with, and files that keep to their rate."""

from __future__ import annotations

from fractions import Fraction

import pytest

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.movies.writing.codecs import MovieTraits, Picture
from sparkvsr_engine.media.movies.writing.segments import write_segment
from sparkvsr_engine.streams.dividing.allocation import SHARES, WITHOUT, Split, search
from sparkvsr_engine.streams.dividing.rates import corrected_crf, crf_for_bytes, excerpts_of
from sparkvsr_engine.streams.dividing.trials import Trials
from sparkvsr_engine.streams.encodings import keyframe_encoding, with_crf
from tests.fakes.media import numbered_picture
from tests.fakes.streams import numbered_source, pack_movie

ENCODING = keyframe_encoding("x.mkv", Picture(192, 128, 8), MovieTraits(Fraction(24)))


def crf_of(encoding):
    return float(dict(encoding.options)["svtav1-params"].split("crf=")[1])


SETS = ((8,), (4, 12), (0, 5, 10), (0, 4, 8, 12))


@pytest.mark.parametrize("keyframes", SETS)
@pytest.mark.parametrize("share", [*SHARES, 0.225, 0.525])
def test_the_search_has_the_best_division_of_all_that_it_may_try(keyframes, share):
    def distance(split):
        if split == WITHOUT:
            return 100.0
        return 3 * abs(len(split.keyframes) - len(keyframes)) + abs(split.share - share)

    assert search(SETS, distance) == Split(share, keyframes)


def test_sets_that_are_as_good_as_each_other_do_not_end_the_search():
    distances = {SETS[0]: 0.3, SETS[1]: 0.3, SETS[2]: 0.3, SETS[3]: 0.2}
    assert search(SETS, lambda split: distances.get(split.keyframes, 1.0)).keyframes == SETS[3]


def test_no_keyframes_are_sent_where_they_do_not_pay():
    assert search(SETS, lambda split: 0.1 + split.share) == WITHOUT


def test_named_keyframes_are_kept_even_where_none_would_be_better():
    assert search(SETS, lambda split: 0.1 + split.share, otherwise=()).keyframes in SETS


def test_more_keyframes_are_not_tried_once_two_numbers_of_them_are_clearly_worse():
    tried = []

    def distance(split):
        tried.append(split)
        return len(split.keyframes) + abs(split.share - 0.3) if split.keyframes else 9.0

    assert search(SETS, distance) == Split(0.3, (8,))
    assert SETS[3] not in {split.keyframes for split in tried}


def test_a_number_that_is_clearly_worse_does_not_end_the_search_by_itself():
    distances = {SETS[0]: 0.3, SETS[1]: 0.4, SETS[2]: 0.29, SETS[3]: 0.2}
    assert search(SETS, lambda split: distances.get(split.keyframes, 1.0)).keyframes == SETS[3]


def test_another_set_is_followed_to_a_share_of_its_own():
    def distance(split):
        best, at = {SETS[0]: (0.30, 0.45), SETS[1]: (0.25, 0.75)}.get(split.keyframes, (1.0, 0.45))
        return best + 0.2 * abs(split.share - at)

    assert search(SETS, distance) == Split(0.75, SETS[1])


def test_no_division_is_tried_twice_and_each_trial_can_be_stopped():
    tried, checks = [], []
    search(SETS, lambda split: tried.append(split) or 1.0, lambda: checks.append(1))
    assert len(tried) == len(set(tried)) == len(checks)


def test_the_quality_for_some_bytes_is_the_best_that_fits():
    def bytes_at(encoding):
        return 10_000 * 2 ** (-crf_of(encoding) / 9)

    crf = crf_for_bytes(ENCODING, 500.0, bytes_at)
    assert bytes_at(with_crf(ENCODING, crf)) == pytest.approx(500.0, rel=0.02)
    assert crf_for_bytes(ENCODING, 1e9, bytes_at) == 10.0
    assert crf_for_bytes(ENCODING, 0.1, bytes_at) == 70.0


def test_qualities_for_several_budgets_share_their_measurements():
    parameters = []

    def bytes_at(encoding):
        parameters.append(dict(encoding.options)["svtav1-params"])
        return 10_000 * 2 ** (-crf_of(encoding) / 9)

    for budget in (300.0, 500.0, 800.0):
        crf_for_bytes(ENCODING, budget, bytes_at)
    assert len(set(parameters)) <= 9


def test_av1_takes_quarters_of_a_step_and_values_beyond_ffmpegs_own():
    assert with_crf(ENCODING, 30.3) == with_crf(ENCODING, 30.25) != with_crf(ENCODING, 30.0)
    options = dict(with_crf(with_crf(ENCODING, 20.0), 69.0).options)
    assert options["svtav1-params"].split(":")[-1] == "crf=69"
    assert options["svtav1-params"].count("crf=") == 1
    assert options["crf"] == "63"


def test_a_quarter_of_a_step_changes_what_av1_writes(tmp_path):
    pictures = [numbered_picture(7, 192, 128)]
    sizes = set()
    for crf in (40.0, 40.25, 40.5, 64.0, 69.0):
        write_segment(tmp_path / "x.mkv", pictures, with_crf(ENCODING, crf))
        sizes.add((tmp_path / "x.mkv").stat().st_size)
    assert len(sizes) >= 3


def test_a_correction_moves_towards_the_bytes_that_are_wanted():
    assert corrected_crf(ENCODING, 30.0, 2000.0, 1000.0) == 39.0
    assert corrected_crf(ENCODING, 30.0, 1000.0, 2000.0) == 21.0
    assert corrected_crf(ENCODING, 62.0, 9000.0, 1000.0) == 70.0


def test_excerpts_are_the_beginnings_of_the_longest_shots_in_order():
    shots = [FrameSpan(0, 10), FrameSpan(10, 110), FrameSpan(110, 150)]
    assert excerpts_of(shots, 2, 24) == [FrameSpan(10, 34), FrameSpan(110, 134)]
    assert excerpts_of([FrameSpan(0, 12)], 2, 24) == [FrameSpan(0, 12)]


@pytest.mark.slow
def test_a_file_keeps_to_its_rate_and_reports_the_bits_by_use(tmp_path):
    source = numbered_source(tmp_path, frames=24)
    packed = pack_movie(source, tmp_path / "small.mkv", "0,12", rate=40_000, codec="h264")
    spent = packed.base_bytes + packed.keyframe_bytes
    assert 0.6 * 5000 * packed.seconds < spent <= 1.1 * 5000 * packed.seconds
    # Encoders give other bytes from run to run: a file that does not keep to its rate has a warning.
    has_warning = any("more than the 40 asked for" in text for text in packed.warnings)
    assert has_warning == (spent > 1.02 * 5000 * packed.seconds)
    assert packed.keyframes == (0, 12)
    assert packed.file_bytes == (tmp_path / "small.mkv").stat().st_size


def test_a_rate_that_cannot_be_kept_is_reported(tmp_path):
    source = numbered_source(tmp_path, frames=24)
    packed = pack_movie(source, tmp_path / "small.mkv", "none", rate=1000)
    assert any("more than the 1 asked for; choose a larger --factor" in text for text in packed.warnings)


@pytest.mark.parametrize(("rate", "has_keyframes"), [(3_000, False), (40_000, True)])
def test_keyframes_that_do_not_fit_into_the_rate_are_left_out_however_good(
    tmp_path, monkeypatch, rate, has_keyframes
):
    """Below what the small movie takes by itself the division of the fewest bytes is the one without any."""
    monkeypatch.setattr(Trials, "distance", lambda self, encodings, keyframes: 0.1 if keyframes else 1.0)
    source = numbered_source(tmp_path, frames=24)
    packed = pack_movie(source, tmp_path / "small.mkv", "auto", rate=rate)
    assert bool(packed.keyframes) == has_keyframes
