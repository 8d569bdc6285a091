"""Timelines that Resolve, Premiere, Avid, Final Cut, Hiero and others wrote: what is right for each.

They are looked for in SPARKVSR_TIMELINES, else in `shared/timelines` beside the checkout.
"""

from __future__ import annotations

import os
from pathlib import Path

import opentimelineio as otio
import pytest

from sparkvsr_bridge.errors import SparkVSRError
from sparkvsr_bridge.timeline.conforming import conform, opened
from sparkvsr_bridge.timeline.reading import read_timeline
from sparkvsr_bridge.timeline.records import ConformWishes
from sparkvsr_bridge.timeline.requests import Recipe
from tests.fakes.timelines import ends_of, render_nothing

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(os.environ.get("SPARKVSR_TIMELINES", ROOT.parent / "shared" / "timelines"))
SAMPLES = sorted(path.name for path in FOLDER.glob("*") if path.suffix not in (".py", ".tsv"))
REFUSED = {
    "cmx_25fps.edl": "--rate",
    "cmx_timecode_mismatch.edl": "--rate",
    "fcpx_project.fcpxml": "loses the media",
    "finalcut_24With25Media.fcpxml": "loses the media",
    "finalcut_29.97d.fcpxml": "loses the media",
    "finalcut_CompoundClips.fcpxml": "loses the media",
    "finalcut_MulticamMarkers.fcpxml": "loses the media",
    "otio-core_premiere_example.otio": "Marker.3",
}

pytestmark = pytest.mark.skipif(
    not SAMPLES, reason=f"no sample timelines in {FOLDER}; name their folder with SPARKVSR_TIMELINES"
)


def plan(name, shelf, **wishes):
    with opened(str(FOLDER / name), "", ConformWishes(**wishes), shelf.describe) as timeline:
        return timeline.plan


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_planned_or_refused_in_a_sentence(shelf, name):
    if name in REFUSED:
        with pytest.raises(SparkVSRError, match=REFUSED[name]) as caught:
            plan(name, shelf)
        assert "\n" not in caught.value.message
        return
    result = plan(name, shelf)
    assert all(clip.reason.endswith(".") for clip in result.skipped)


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in REFUSED])
@pytest.mark.parametrize("wishes", [{}, {"place": "track"}, {"shape": "resolve"}], ids=str)
def test_every_sample_is_written_as_it_was_where_nothing_is_rendered(shelf, name, wishes):
    output = shelf.folder / "out.otio"
    report = conform(
        str(FOLDER / name), str(output), ConformWishes(**wishes), Recipe(), shelf.describe, render_nothing
    )
    assert report.is_whole is False or name.endswith(".otioz")
    written = otio.adapters.read_from_file(str(output))
    if not wishes and not name.endswith(".otioz"):
        # OpenTimelineIO's own writing may lose the last bit of a float.
        text = otio.adapters.write_to_string(read_timeline(str(FOLDER / name)))
        source = otio.adapters.read_from_string(text)
        assert otio.adapters.write_to_string(written) == otio.adapters.write_to_string(source)


def test_resolves_movie_with_timecode_in_a_timeline_of_another_rate(shelf):
    shelf.movie("qt_embedded_tc.mov", timecode="01:00:00:00")
    maps = (("C:\\Users\\robin\\OneDrive\\Bureau\\dev_ayon\\data", str(shelf.folder)),)
    assert ends_of(plan("resolve_qt_embedded_tc.otio", shelf, maps=maps, handles=0)) == [(30, 72)]


def test_resolves_sequence_at_twice_its_speed_with_a_marker_in_its_own_convention(shelf):
    shelf.sequence("tif/output.%04d.tif", range(1001, 1100))
    maps = (("C:/Users/robin/OneDrive/Bureau/dev_ayon/data/img_sequence", str(shelf.folder)),)
    result = plan("resolve_img_seq_2x_speed.otio", shelf, maps=maps, handles=0, keys=("AYON*",))
    assert ends_of(result) == [(1040, 1061)]
    # Source frame 49 of a sequence that starts at 1001.
    assert result.shots[0].keyframes == (1050,)


def test_resolves_long_movie_is_rendered_where_it_is_used(shelf):
    shelf.movie("simple_editorial_setup.mp4", 16450, (25, 1))
    maps = (("C:/Users/robin/OneDrive/Bureau/dev_ayon/data", str(shelf.folder)),)
    assert ends_of(plan("resolve_movie_with_handles.otio", shelf, maps=maps)) == [(0, 178)]


def test_hieros_freeze_is_one_frame(shelf):
    shelf.sequence("exr_long_frameRange/output.%07d.exr", range(948674, 948975))
    maps = (("C:/Users/robin/OneDrive/Bureau/dev_ayon/data/img_sequence", str(shelf.folder)),)
    assert ends_of(plan("hiero_freeze_frame.otio", shelf, maps=maps)) == [(948855, 948855)]
    warped = plan("hiero_2x_time_warp.otio", shelf, maps=maps)
    assert "TimeWarp" in warped.skipped[0].reason


def test_hieros_rates_round_to_the_right_frames(shelf):
    shelf.sequence("MER_sq001_sh010_P01/MER_sq001_sh010_P01.%04d.exr", range(997, 1057))
    shelf.sequence("MER_sq001_sh020_P01/MER_sq001_sh020_P01.%04d.exr", range(997, 1056))
    maps = (("C:/projects/AY01_VFX_demo/resources/plates", str(shelf.folder)),)
    result = plan("hiero_timeline.otio", shelf, maps=maps, handles=0)
    assert ends_of(result) == [(1001, 1052), (997, 1047)]
    assert all(shot.keyframes == () for shot in result.shots)


def test_premieres_nests_and_drive(shelf):
    shelf.movie("sc01_sh010_anim.mov", 100, (30, 1))
    result = plan("fcp_premiere_example.xml", shelf, maps=(("D:/media", str(shelf.folder)),), handles=0)
    assert ends_of(result) == [(0, 99)]


def test_avids_sequence_of_29_97_over_media_of_23_976(shelf):
    shelf.movie("58982c7f-78b3-4cf9-8432-729fc4eafd55.mov", 2391, (24000, 1001))
    maps = (("/Macintosh HD/Users/ereinecke/Downloads", str(shelf.folder)),)
    assert ends_of(plan("avid_2997fps-DFTC.aaf", shelf, maps=maps, handles=0)) == [(0, 2390)]


def test_an_edls_picture_stands_for_its_sequence(shelf):
    shelf.sequence("ZZ100_501.take_1.%04d.exr", range(1, 40), timecode="01:00:04:05")
    maps = (("S:\\path\\to", str(shelf.folder)),)
    assert ends_of(plan("cmx_avid_example.edl", shelf, maps=maps, handles=0, rate=24)) == [(1, 31)]


def test_markers_of_an_edl_count_as_the_record(shelf):
    shelf.movie("ZZ100_504C (LAY1).mov", 500, timecode="01:00:00:00")
    result = plan(
        "cmx_screening_example.edl", shelf, media=str(shelf.folder), keys=("RED", "PINK"), handles=0
    )
    # 01:00:01:14 and 01:00:02:14 on a record that starts at 00:59:58:00, over a source from 01:00:10:01.
    assert result.shots[0].keyframes == (241 + 86, 241 + 110)


def test_every_event_of_a_large_edl_is_reported(shelf):
    result = plan("cmx_speed_effects.edl", shelf)
    assert len(result.skipped) > 500
    assert Recipe().settings.scale == 4
