"""Plans of sources: by path where the files hold everything, rendered otherwise, else refused."""

from __future__ import annotations

import pytest
from sparkvsr_nuke.footage.frame_mapping import ReadTiming
from sparkvsr_nuke.footage.numbered_files import pattern_of
from sparkvsr_nuke.footage.sources import (
    BadSource,
    NeedsRender,
    PictureFacts,
    ReadFacts,
    plan_path,
    plan_render,
)

PICTURE = PictureFacts(1920, 1080)


def facts(timing: ReadTiming, name: str = "/p/a.{:04d}.exr", colour: str | None = "linear") -> ReadFacts:
    paths = {number: name.format(number) for number in range(timing.first - 1, timing.last + 1)}
    return ReadFacts("Read1", timing, {"main": paths}, colour)


def all_there(_: str) -> frozenset[str]:
    return frozenset(f"a.{number:04d}.exr" for number in range(3000))


def test_frames_keep_the_files_numbers():
    source = plan_path(facts(ReadTiming(1001, 1010, "offset", "-1000")), range(1, 6), PICTURE, all_there)
    assert (source.first, source.last) == (1001, 1005)
    assert source.patterns == {"main": "/p/a.%04d.exr"}
    assert source.numbers == {1: 1001, 2: 1002, 3: 1003, 4: 1004, 5: 1005}
    assert source.timing == ReadTiming(1001, 1010, "offset", "-1000")


def test_held_frames_are_sent_once():
    source = plan_path(facts(ReadTiming(1001, 1003)), range(999, 1006), PICTURE, all_there)
    assert (source.first, source.last) == (1001, 1003)
    assert source.numbers[999] == source.numbers[1000] == 1001


def test_black_frames_are_not_sent():
    timing = ReadTiming(1001, 1003, before="black", after="black")
    source = plan_path(facts(timing), range(999, 1006), PICTURE, all_there)
    assert sorted(source.numbers) == [1001, 1002, 1003]
    with pytest.raises(BadSource, match="no frame in 1-3"):
        plan_path(facts(timing), range(1, 4), PICTURE, all_there)


def test_a_missing_frame_is_named_before_anything_is_sent():
    def one_gap(_: str) -> frozenset[str]:
        return all_there(_) - {"a.1007.exr"}

    with pytest.raises(BadSource, match=r"no file for frame 1007 \(/p/a.1007.exr\)"):
        plan_path(facts(ReadTiming(1001, 1010)), range(1001, 1011), PICTURE, one_gap)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (facts(ReadTiming(1001, 1010, "expression", "frame*2-1001")), "leaves frames out"),
        (facts(ReadTiming(1001, 1010, "expression", "[expr 3]")), "more than arithmetic"),
        (facts(ReadTiming(1001, 1010), colour=None), "'default'"),
        (facts(ReadTiming(1001, 1010), "/p/a.exr"), "not numbered"),
        (facts(ReadTiming(1001, 1010), "/p/50%/a.{:04d}.exr"), "not numbered"),
        (facts(ReadTiming(1001, 1010), "/p/a.{:04d}.psd"), "does not read"),
    ],
)
def test_what_cannot_go_by_path_is_rendered(case: ReadFacts, reason: str):
    with pytest.raises(NeedsRender, match=reason):
        plan_path(case, range(1001, 1006), PICTURE, all_there)


def test_movies_count_from_nought_in_the_engine():
    timing = ReadTiming(1, 50, "start at", "1001")
    paths = dict.fromkeys(range(1, 51), "/p/a.mov")
    source = plan_path(
        ReadFacts("Read1", timing, {"main": paths}, "rec709"), range(1001, 1005), PICTURE,
        lambda _: frozenset({"a.mov"}),
    )  # fmt: skip
    assert (source.first, source.last, source.patterns["main"]) == (0, 3, "/p/a.mov")
    assert source.timing.file_frame(1001) == 0


def test_views_have_their_own_files():
    timing = ReadTiming(1, 3)
    paths = {view: {n: f"/p/{view}/a.{n:04d}.exr" for n in range(1, 4)} for view in ("left", "right")}
    source = plan_path(ReadFacts("R", timing, paths, ""), range(1, 4), PICTURE, all_there)
    assert source.patterns == {"left": "/p/left/a.%04d.exr", "right": "/p/right/a.%04d.exr"}


def test_a_rendered_source_has_the_scripts_numbers():
    source = plan_render(
        "Grade1 changes the picture", range(5, 8), (1, 100), {"main": "/r/m.%04d.exr"}, "lin", PICTURE
    )
    assert (source.first, source.last, source.numbers) == (5, 7, {5: 5, 6: 6, 7: 7})
    assert source.reason == "Rendered first, because Grade1 changes the picture."
    with pytest.raises(BadSource, match="below 0"):
        plan_render("x", range(-2, 3), (-2, 3), {}, "lin", PICTURE)


def test_cut_overscan_is_reported():
    source = plan_path(facts(ReadTiming(1, 3)), range(1, 4), PictureFacts(10, 10, 1.0, 64), all_there)
    assert "64 pixels of overscan" in source.warnings[0]


@pytest.mark.parametrize(
    ("paths", "pattern"),
    [
        ({1: "/v1/a_1.0001.exr", 2: "/v1/a_1.0002.exr"}, "/v1/a_1.%04d.exr"),
        ({9: "/a.9.exr", 10: "/a.10.exr"}, "/a.%01d.exr"),
        ({1001: "/a_1001_1001.exr"}, "/a_1001_%04d.exr"),
        ({5: "/a5b.exr", 6: "/a6b.exr"}, "/a%01db.exr"),
        ({1: "/a.exr", 2: "/a.exr"}, None),
        ({-1: "/a.-001.exr"}, None),
    ],
)
def test_patterns_of_paths(paths: dict[int, str], pattern: str | None):
    assert pattern_of(paths) == pattern
