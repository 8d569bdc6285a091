"""Which frames a clip uses: counting, speeds, dissolves, handles, clamping."""

from __future__ import annotations

import pytest

from tests.fakes.timelines import S, clip_of, cut_of, ends_of, plan_of, rt, tr

DISSOLVE = {"transition_type": "SMPTE_Dissolve"}


def warp(speed):
    return S.FreezeFrame() if speed == 0 else S.LinearTimeWarp(time_scalar=speed)


def ends(shelf, clip, **wishes):
    plan = plan_of(cut_of(clip), shelf, **wishes)
    assert plan.skipped == ()
    return ends_of(plan)[0]


@pytest.mark.parametrize(
    ("speed", "expected"),
    [(1, (42, 67)), (2, (34, 85)), (0.5, (46, 58)), (0, (50, 50)), (-1, (32, 67)), (-2, (14, 85))],
)
def test_speeds_scale_range_and_handles(shelf, speed, expected):
    clip = clip_of(shelf.movie("a.mov"), tr(50, 10), tr(0, 100), effects=[warp(speed)])
    assert ends(shelf, clip) == expected


def test_three_quarters_speed_needs_what_it_shows_and_one_more(shelf):
    clip = clip_of(shelf.movie("a.m4v", 704, (30, 1)), tr(90, 90, 30), tr(0, 704, 30), effects=[warp(0.75)])
    assert ends(shelf, clip, handles=0) == (90, 157)


@pytest.mark.parametrize(
    ("speed", "expected"), [(1, (50, 59)), (0.5, (50, 55)), (-1, (40, 59)), (0, (50, 50))]
)
def test_without_handles_only_what_is_shown_and_a_spare_frame_of_retimed_clips(shelf, speed, expected):
    clip = clip_of(shelf.movie("a.mov"), tr(50, 10), tr(0, 100), effects=[warp(speed)])
    assert ends(shelf, clip, handles=0) == expected


def test_pictures_before_the_references_first_one_are_handles_too(shelf):
    shelf.sequence("s/p.%04d.exr", range(1001, 1041))
    reference = S.ImageSequenceReference("s", "p.", ".exr", 1010, 1, 24, 4, available_range=tr(0, 20))
    assert ends(shelf, S.Clip("a", reference, tr(-5, 3))) == (1001, 1015)


def test_speeds_on_one_clip_multiply(shelf):
    clip = clip_of(shelf.movie("a.mov"), tr(10, 10), tr(0, 100), effects=[warp(4.0), warp(0.5)])
    assert ends(shelf, clip, handles=0) == (10, 29)


@pytest.mark.parametrize(
    ("effect", "word"),
    [
        (S.TimeEffect(effect_name="TimeWarp", metadata={"lookup": [0.0, 1.0]}), "TimeWarp"),
        (
            S.Effect(
                metadata={
                    "fcp_xml": {"effectid": "timeremap", "parameter": {"parameterid": "speed", "value": "25"}}
                }
            ),
            "curve",
        ),
    ],
)
def test_a_curve_leaves_the_clip_out_with_its_reason(shelf, effect, word):
    plan = plan_of(cut_of(clip_of(shelf.movie("a.mov"), tr(10, 5), tr(0, 100), effects=[effect])), shelf)
    assert ends_of(plan) == []
    assert word in plan.skipped[0].reason


def test_a_time_remap_of_100_percent_is_none(shelf):
    parameters = [{"parameterid": "variablespeed", "value": "0"}, {"parameterid": "speed", "value": "100"}]
    effect = S.Effect(metadata={"fcp_xml": {"effectid": "timeremap", "parameter": parameters}})
    assert ends(shelf, clip_of(shelf.movie("a.mov"), tr(10, 5), tr(0, 100), effects=[effect])) == (2, 22)


def test_dissolves_widen_both_clips_and_are_scaled_by_speed(shelf):
    path = shelf.movie("a.m4v", 704, (30, 1))
    clips = [clip_of(path, tr(start, 90, 30), tr(0, 704, 30), effects=[warp(0.75)]) for start in (90, 500)]
    root = cut_of(clips[0], S.Transition(in_offset=rt(50, 30), out_offset=rt(50, 30), **DISSOLVE), clips[1])
    assert ends_of(plan_of(root, shelf, handles=0)) == [(90, 195), (462, 567)]


def test_a_shortage_is_clamped_and_reported(shelf):
    path = shelf.movie("a.mov", 50)
    root = cut_of(
        S.Transition(in_offset=rt(10), out_offset=rt(10), **DISSOLVE),
        clip_of(path, tr(0, 50), None, "A"),
    )
    plan = plan_of(root, shelf)
    assert ends_of(plan) == [(0, 49)]
    assert any("10 frames short at the start" in note for note in plan.notes)
    assert any("8 handles" in note for note in plan.notes)


def test_a_sequence_one_frame_short_is_reported_as_such(shelf):
    shelf.sequence("Seq/B.%04d.jpg", range(1, 91))
    reference = S.ImageSequenceReference("Seq/", "B.", ".jpg", 1, 1, 30, 4, available_range=tr(0, 90, 30))
    plan = plan_of(cut_of(S.Clip("b", reference, tr(1, 90, 30))), shelf, handles=0)
    assert ends_of(plan) == [(2, 90)]
    assert "b: the medium is 1 frame short at the end of what the clip shows" in plan.notes


@pytest.mark.parametrize(
    ("timecode", "available", "source", "expected"),
    [
        ("01:00:00:00", None, tr(86420, 5), (20, 24)),
        ("01:00:00:00", None, tr(20, 5), (20, 24)),
        ("01:00:00:00", tr(86400, 100), tr(86420, 5), (20, 24)),
        ("01:00:00:00", tr(0, 100), tr(20, 5), (20, 24)),
        ("01:00:00:00", tr(0, 100), tr(86420, 5), (20, 24)),
        ("01:00:00:00", tr(86400, 12_000), tr(20, 5), (20, 24)),
        (None, tr(86400, 100), tr(86420, 5), (20, 24)),
        (None, tr(86400, 0), tr(86420, 5), (20, 24)),
        ("10:00:00:00", tr(86400, 100), tr(86420, 5), (20, 24)),
        (None, None, None, (0, 99)),
        (None, tr(86400, 100), None, (0, 99)),
    ],
)
def test_a_medium_counts_from_its_range_else_its_timecode_else_0(
    shelf, timecode, available, source, expected
):
    clip = clip_of(shelf.movie("a.mov", timecode=timecode), source, available)
    assert ends(shelf, clip, handles=0) == expected


def test_a_range_that_nothing_brings_into_the_medium_is_refused_not_clamped(shelf):
    clip = clip_of(shelf.movie("a.mov", timecode="01:00:00:00"), tr(500, 5), tr(0, 100))
    plan = plan_of(cut_of(clip), shelf)
    assert plan.shots == ()
    assert "frames 500-504" in plan.skipped[0].reason


@pytest.mark.parametrize(
    ("source", "expected"),
    [(tr(9, 5), (1010, 1014)), (tr(1010, 5), (1010, 1014))],
)
def test_a_sequence_without_a_range_counts_from_0_or_by_its_numbers(shelf, source, expected):
    clip = clip_of(shelf.sequence("s/p.%04d.exr", range(1001, 1041)), source)
    assert ends(shelf, clip, handles=0) == expected


@pytest.mark.parametrize(
    ("base", "start", "origin", "numbers", "digits"),
    [
        ("s", 1005, 86530, range(1005, 1057), 4),
        ("s/", 1005, 1005, range(1005, 1057), 4),
        ("s\\", 990, 0, range(990, 1042), 4),
        ("s", 999_998, 100, range(999_998, 1_000_050), 0),
    ],
)
def test_files_are_numbered_from_the_references_start(shelf, base, start, origin, numbers, digits):
    shelf.sequence(f"s/p.%0{max(digits, 1)}d.exr".replace("%01d", "%06d"), numbers)
    reference = S.ImageSequenceReference(
        base, "p.", ".exr", start, 1, 1.0, digits, available_range=tr(origin, 52)
    )
    assert ends(shelf, S.Clip("a", reference, tr(origin + 3, 5)), handles=2) == (start + 1, start + 9)


def test_24_in_25_and_48_in_24(shelf):
    clip = clip_of(shelf.movie("a.mov"), tr(90032, 44, 25), tr(86400, 100))
    assert ends(shelf, clip, handles=0) == (30, 72)
    fast = clip_of(shelf.movie("b.mov", rate=(48, 1)), tr(10, 5), tr(0, 100, 48))
    assert ends(shelf, fast, handles=0) == (20, 29)
    assert ends(shelf, fast, handles=8) == (4, 45)


@pytest.mark.parametrize(
    ("available", "source", "expected"),
    [
        (tr(1001, 40), tr(1011, 5), (1011, 1015)),
        (tr(0, 60), tr(20, 5), (1010, 1014)),
        (tr(5, 40), tr(8, 2), (993, 994)),
    ],
)
def test_a_patterns_range_may_count_by_the_numbers_of_its_files(shelf, available, source, expected):
    clip = clip_of(shelf.sequence("s/p.%04d.exr", range(990, 1050)), source, available)
    assert ends(shelf, clip, handles=0) == expected


def test_a_sequences_prefix_may_lead_into_a_folder(shelf):
    shelf.sequence("s/deep/p.%04d.exr", range(1, 21))
    reference = S.ImageSequenceReference("s", "deep/p.", ".exr", 1, 1, 24, 4, available_range=tr(0, 20))
    assert ends(shelf, S.Clip("a", reference, tr(5, 2)), handles=0) == (6, 7)


def test_a_still_is_one_frame_however_long_it_is_held(shelf):
    clip = clip_of(shelf.still("a_0007.png", 7), tr(45, 444), tr(0, 1))
    assert ends(shelf, clip) == (7, 7)


def test_a_sequence_may_be_named_by_one_of_its_pictures(shelf):
    shelf.sequence("s/take_1.%04d.exr", range(1, 60))
    clip = clip_of("s\\take_1.0001.exr", tr(10, 5))
    assert ends(shelf, clip, handles=0) == (11, 15)


@pytest.mark.parametrize("spelling", ["%04d", "####", "{:04d}", "@@@@", "[1001-1040]", "$F4"])
def test_patterns_are_sequences_however_they_are_spelt(shelf, spelling):
    shelf.sequence("s/p.%04d.jpg", range(1001, 1041))
    clip = clip_of(f"file://localhost//{shelf.folder}/s/p.{spelling}.jpg", tr(5, 5), tr(0, 40))
    assert ends(shelf, clip, handles=0) == (1006, 1010)


def test_a_missing_picture_outside_what_is_shown_ends_the_handles(shelf):
    shelf.sequence("s/p.%04d.exr", [*range(1001, 1010), *range(1011, 1041)])
    clip = clip_of("s/p.%04d.exr", tr(12, 5), tr(0, 40))
    assert ends(shelf, clip) == (1011, 1025)
    inside = plan_of(cut_of(clip_of("s/p.%04d.exr", tr(7, 5), tr(0, 40))), shelf)
    assert "1010" in inside.skipped[0].reason


def test_a_varying_rate_names_no_frames(shelf):
    plan = plan_of(cut_of(clip_of(shelf.movie("a.mp4", variable_rate=True), tr(1, 5))), shelf)
    assert "varies" in plan.skipped[0].reason


def test_uses_that_touch_are_one_job_and_distant_ones_are_not(shelf):
    path = shelf.movie("a.mov", 1000)
    clips = [clip_of(path, tr(start, 10), tr(0, 1000), f"c{start}") for start in (100, 500, 105, 130, 108)]
    plan = plan_of(cut_of(*clips), shelf)
    assert ends_of(plan) == [(92, 147), (492, 517)]
    assert plan.shots[0].clips == ("c100", "c105", "c130", "c108")
    assert set(shelf.looks.values()) == {1}
