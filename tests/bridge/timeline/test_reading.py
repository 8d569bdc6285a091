"""Files that are read, and files that are refused in one sentence."""

from __future__ import annotations

import json
import zipfile

import opentimelineio as otio
import pytest

from sparkvsr_bridge.errors import InvalidSettings, SparkVSRError, TargetExists
from sparkvsr_bridge.timeline.conforming import opened, require_output
from sparkvsr_bridge.timeline.media_files.bundles import unpack
from sparkvsr_bridge.timeline.reading import read_timeline
from sparkvsr_bridge.timeline.records import ConformWishes
from tests.fakes.timelines import S, clip_of, cut_of, tr

EDL = """TITLE: t
FCM: NON-DROP FRAME
001  A001 V C 01:00:00:00 01:00:01:{last} 00:00:00:00 00:00:01:{last}
* FROM CLIP NAME: take_1
"""


def refused(path, *arguments):
    with pytest.raises(SparkVSRError) as caught:
        read_timeline(str(path), *arguments)
    message = caught.value.message
    assert "\n" not in message
    return message


def document():
    root = cut_of(clip_of("/a.mov", tr(0, 10), markers=[S.Marker("KEY", tr(1, 1))]))
    return json.loads(otio.adapters.write_to_string(root, "otio_json"))


def clip_in(text):
    return text["tracks"]["children"][0]["children"][0]


def newer_marker(text):
    clip_in(text)["markers"][0]["OTIO_SCHEMA"] = "Marker.3"


def newer_clip(text):
    clip_in(text)["OTIO_SCHEMA"] = "Clip.3"


def unknown_effect(text):
    clip_in(text)["effects"] = [{"OTIO_SCHEMA": "WibbleEffect.1"}]


def unknown_child(text):
    text["tracks"]["children"][0]["children"].append({"OTIO_SCHEMA": "Widget.4"})


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (newer_marker, "Marker.3 (it has Marker.2)"),
        (newer_clip, "Clip.3 (it has Clip.2)"),
        (unknown_effect, "WibbleEffect.1"),
        (unknown_child, "Widget.4"),
    ],
)
def test_newer_schemas_are_refused_by_name_and_version(tmp_path, change, name):
    text = document()
    change(text)
    (tmp_path / "a.otio").write_text(json.dumps(text))
    message = refused(tmp_path / "a.otio")
    assert name in message
    assert otio.__version__ in message


def test_an_unknown_schema_in_metadata_is_read(tmp_path):
    text = document()
    text["metadata"] = {"x": {"OTIO_SCHEMA": "VendorThing.4", "a": [1]}}
    (tmp_path / "a.otio").write_text(json.dumps(text))
    assert isinstance(read_timeline(str(tmp_path / "a.otio")), S.Timeline)


def test_a_byte_order_mark_is_read_over(tmp_path):
    (tmp_path / "a.otio").write_bytes(b"\xef\xbb\xbf" + json.dumps(document()).encode())
    assert isinstance(read_timeline(str(tmp_path / "a.otio")), S.Timeline)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe\x00", b'{"OTIO_SCHEMA": "RationalTime.1"}'])
def test_what_is_no_timeline_is_refused_in_one_sentence(tmp_path, content):
    (tmp_path / "a.otio").write_bytes(content)
    assert "a.otio" in refused(tmp_path / "a.otio")


@pytest.mark.parametrize("name", ["a.fcpxml", "a.xml"])
def test_fcpxml_is_refused_whatever_its_name(tmp_path, name):
    (tmp_path / name).write_text('<?xml version="1.0"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="1.11"></fcpxml>')
    assert "loses the media" in refused(tmp_path / name)


@pytest.mark.parametrize(("name", "word"), [("a.txt", "no timeline"), ("gone.otio", "is not there")])
def test_other_files_are_refused(tmp_path, name, word):
    (tmp_path / "a.txt").touch()
    assert word in refused(tmp_path / name)


def test_an_edl_of_another_rate_asks_for_it(tmp_path):
    (tmp_path / "a.edl").write_text(EDL.format(last="24"))
    assert "--rate 25" in refused(tmp_path / "a.edl")
    assert isinstance(read_timeline(str(tmp_path / "a.edl"), 25), S.Timeline)


@pytest.mark.parametrize("rate", [23.976, 23.98, 29.97, 30000 / 1001, 59.94])
def test_an_edls_rate_may_be_spelt_as_people_do(tmp_path, rate):
    (tmp_path / "a.edl").write_text(EDL.format(last="12"))
    assert isinstance(read_timeline(str(tmp_path / "a.edl"), rate), S.Timeline)


@pytest.mark.parametrize(
    ("count", "mark", "frames"),
    [("DROP FRAME", ":", 107892), ("DROP FRAME", ";", 107892), ("NON-DROP FRAME", ":", 108000)],
)
def test_an_edls_drop_frame_timecode_is_counted_so_however_it_is_marked(tmp_path, count, mark, frames):
    text = EDL.format(last="12").replace("NON-DROP FRAME", count).replace("00:00 ", f"00{mark}00 ")
    (tmp_path / "a.edl").write_text(text.replace(":12", f"{mark}12"))
    clip = next(iter(read_timeline(str(tmp_path / "a.edl"), 29.97).find_clips()))
    assert clip.source_range.start_time.value == frames


def test_an_edl_in_latin_1_is_read(tmp_path):
    (tmp_path / "a.edl").write_bytes(EDL.format(last="12").replace("take", "prise é").encode("latin-1"))
    assert isinstance(read_timeline(str(tmp_path / "a.edl"), 25), S.Timeline)


def test_a_rate_is_for_edls_alone(tmp_path):
    otio.adapters.write_to_file(cut_of(), str(tmp_path / "a.otio"))
    with pytest.raises(InvalidSettings, match="--rate"):
        read_timeline(str(tmp_path / "a.otio"), 25)


@pytest.fixture
def bundle(tmp_path):
    path = tmp_path / "b.otioz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.otio", json.dumps(document()))
        archive.writestr("media/x/a.mov", b"pixels")
    return path


def test_a_bundle_is_unpacked_beside_the_result_and_again(tmp_path, bundle):
    for _ in range(2):
        assert unpack(str(bundle), str(tmp_path / "out"), "c.otio") == str(tmp_path / "out" / "c.otio")
    assert (tmp_path / "out" / "media" / "x" / "a.mov").read_bytes() == b"pixels"
    (tmp_path / "out" / "media" / "x" / "a.mov").write_bytes(b"others")
    with pytest.raises(TargetExists, match="another folder"):
        unpack(str(bundle), str(tmp_path / "out"), "c.otio")


def test_a_bundles_folder_is_copied(tmp_path):
    folder = tmp_path / "b.otiod"
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "a.mov").write_bytes(b"pixels")
    (folder / "content.otio").write_text(json.dumps(document()))
    unpack(str(folder), str(tmp_path / "out"), "c.otio")
    assert (tmp_path / "out" / "media" / "a.mov").read_bytes() == b"pixels"


def test_a_look_at_a_bundle_leaves_nothing_behind(tmp_path, bundle):
    before = sorted(tmp_path.rglob("*"))
    with opened(str(bundle), "", ConformWishes(), lambda path, frame: None) as timeline:
        assert len(timeline.plan.skipped) == 1
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["../evil.mov", "/evil.mov", "media/../../evil.mov"])
def test_a_bundle_that_reaches_outside_itself_is_refused(tmp_path, bundle, name):
    with zipfile.ZipFile(bundle, "a") as archive:
        archive.writestr(name, b"")
    with pytest.raises(SparkVSRError, match="outside itself"):
        unpack(str(bundle), str(tmp_path / "out"), "c.otio")


def test_a_broken_bundle_is_refused(tmp_path):
    (tmp_path / "b.otioz").write_bytes(b"PK no zip")
    with pytest.raises(SparkVSRError, match="no whole bundle"):
        unpack(str(tmp_path / "b.otioz"), str(tmp_path / "out"), "c.otio")


@pytest.mark.parametrize("name", ["out.edl", "in.otio", "folder.otio"])
def test_a_result_that_must_not_be_written_is_refused(tmp_path, name):
    (tmp_path / "in.otio").touch()
    (tmp_path / "folder.otio").mkdir()
    with pytest.raises(SparkVSRError):
        require_output(str(tmp_path / "in.otio"), str(tmp_path / name))
