"""Documents, the playhead, drops, targets, memory: pure parts of the window's model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sparkvsr_bridge.hosts.requests import revision_between
from sparkvsr_bridge.media import MediaInfo
from sparkvsr_window.frames.cache import PictureCache
from sparkvsr_window.frames.keys import PictureKey, ScreenPicture, Transform
from sparkvsr_window.model.documents.dropping import MEDIA, PICTURES, TIMELINE, Drop, plan_drop
from sparkvsr_window.model.documents.memory import read_memory, restored, with_document, write_memory
from sparkvsr_window.model.documents.records import Clip, Document, KeyframeMark, Version
from sparkvsr_window.model.documents.shot_requests import shot_request
from sparkvsr_window.model.documents.targets import usual_target
from sparkvsr_window.model.engine.previews import PreviewWish
from sparkvsr_window.model.key_map import COMMANDS
from sparkvsr_window.model.pictures import version_key
from sparkvsr_window.model.viewing import Viewing, faster, frame_at
from sparkvsr_window.widgets.framing import Framing

VIEW = Transform("sRGB - Display", "Un-tone-mapped")
"""What results are shown through: the view that the source is shown through."""


def clip(path: str = "/shots/a.mov", kind: str = "movie", first: int = 0, last: int = 99) -> Clip:
    return Clip(MediaInfo(path, kind, 320, 180, first, last, (25, 1)))


DOCUMENT = Document.of(clip())


def test_keyframes_stay_in_order_and_are_replaced_by_frame():
    document = DOCUMENT.with_keyframe(KeyframeMark(40)).with_keyframe(KeyframeMark(10))
    document = document.with_keyframe(KeyframeMark(40, strength=0.5))
    assert [(mark.frame, mark.strength) for mark in document.keyframes] == [(10, 1.0), (40, 0.5)]
    assert [mark.frame for mark in document.without_keyframe(10).keyframes] == [40]


def test_a_small_stream_has_its_full_size_and_shows_the_keyframes_it_brings():
    info = MediaInfo("/s.mkv", "movie", 96, 64, 0, 99, (25, 1), keyframes=(0, 48), full_size=(192, 128))
    document = Document.of(Clip(info))
    assert document.output_size == (192, 128)
    assert document.brought == (0, 48)
    assert document.with_keyframe(KeyframeMark(48)).brought == (0, 48)
    assert document.with_keyframe(KeyframeMark(48, "/k.png")).brought == (0,)
    assert replace(document, settings=replace(document.settings, policy="none")).brought == ()
    assert (DOCUMENT.brought, DOCUMENT.settings.scale) == ((), 4.0)


def test_a_matte_and_a_painted_picture_are_changes_of_the_request():
    before = shot_request(DOCUMENT.with_keyframe(KeyframeMark(40, "/k.png", stamp=1)))
    painted = shot_request(DOCUMENT.with_keyframe(KeyframeMark(40, "/k.png", stamp=2)), before)
    matted = shot_request(DOCUMENT.with_keyframe(KeyframeMark(40, "/k.png", stamp=1, matte="/m.png")), before)
    assert len(revision_between(before, painted).set_keyframes) == 1
    assert revision_between(before, matted).set_keyframes[0].matte.path == "/m.png"


def test_a_policy_that_is_chosen_is_the_requests_and_no_revision():
    before = shot_request(DOCUMENT)
    chosen = replace(DOCUMENT, settings=replace(DOCUMENT.settings, policy="shot"))
    request = shot_request(chosen, before)
    assert request.settings().policy.name == "shot"
    assert revision_between(before, request) is None
    again = shot_request(DOCUMENT, request)
    assert again.settings().policy.name == "adaptive"


def test_the_first_keyframe_after_a_render_is_a_revision_and_no_new_job():
    before = shot_request(DOCUMENT)
    now = shot_request(DOCUMENT.with_keyframe(KeyframeMark(40)), before)
    assert [mark.frame for mark in revision_between(before, now).set_keyframes] == [40]


@pytest.mark.parametrize(
    ("speed", "direction", "after"), [(0, 1, 1), (1, 1, 2), (4, 1, 4), (2, -1, -1), (-1, -1, -2)]
)
def test_j_and_l_go_through_the_speeds(speed: float, direction: int, after: float):
    assert faster(speed, direction) == after


@pytest.mark.parametrize(
    ("speed", "seconds", "frame"), [(1, 0.0, 12), (1, 0.25, 18), (1, 0.5, 14), (2, 0.25, 14), (-1, 0.25, 16)]
)
def test_playing_goes_round_the_range(speed: float, seconds: float, frame: int):
    viewing = Viewing(playhead=12, speed=speed, since=100.0, start=12)
    assert frame_at(viewing, 100.0 + seconds, 25.0, 10, 19) == frame


@pytest.mark.parametrize(
    ("paths", "has_document", "drop"),
    [
        (["/a/shot.mov"], True, Drop(MEDIA, ("/a/shot.mov",))),
        (["/a/cut.otio"], True, Drop(TIMELINE, ("/a/cut.otio",))),
        (["/a/CUT.EDL"], False, Drop(TIMELINE, ("/a/CUT.EDL",))),
        (["/a/face.0036.png"], True, Drop(PICTURES, ("/a/face.0036.png",))),
        (["/a/face.0036.png"], False, Drop(MEDIA, ("/a/face.%04d.png",))),
        (["/a/p.1002.exr", "/a/p.1001.exr"], True, Drop(MEDIA, ("/a/p.%04d.exr",))),
        (["/a/p.1001.exr", "/a/p.1009.exr"], True, Drop(PICTURES, ("/a/p.1001.exr", "/a/p.1009.exr"))),
        (["/a/p.%04d.exr"], True, Drop(MEDIA, ("/a/p.%04d.exr",))),
    ],
)
def test_what_drops_are_for(paths: list[str], has_document: bool, drop: Drop):
    result = plan_drop(paths, has_document)
    assert result.kind == drop.kind
    assert [Path(path) for path in result.paths] == [Path(path) for path in drop.paths]


@pytest.mark.parametrize(
    ("path", "kind", "target"),
    [
        ("/s/a.mov", "movie", "/s/a_up.mov"),
        ("/s/a.avi", "movie", "/s/a_up.mov"),
        ("/s/a/plate.%05d.exr", "sequence", "/s/a_up/plate.%05d.exr"),
        ("/s/a/plate.####.png", "sequence", "/s/a_up/plate.%04d.png"),
    ],
)
def test_results_go_beside_the_source(path: str, kind: str, target: str):
    assert Path(usual_target(clip(path, kind), lambda _: False)) == Path(target)


def test_results_never_take_a_name_that_is_there():
    existing = {Path("/s/a_up.mov"), Path("/s/a_up2.mov")}
    assert Path(usual_target(clip("/s/a.mov"), existing.__contains__)) == Path("/s/a_up3.mov")


def test_a_document_comes_back_as_it_was_left(tmp_path: Path):
    document = replace(
        DOCUMENT.with_keyframe(KeyframeMark(40, "/k.png", 7, 0.5, "/m.png", "", "painted", "why")),
        first=5, last=60, cuts=(30,), region=(0, 8, 64, 32), target="/r/%04d.exr",
        versions=(Version("j", 1, "/r/%04d.exr", "{}", "finished", 5, 60, 1.5),),
    )  # fmt: skip
    path = tmp_path / "state.json"
    assert write_memory(path, with_document({}, document)) == ""
    values = read_memory(path)["documents"]["/shots/a.mov"]
    assert restored(values, clip()) == document


def test_a_clip_that_became_shorter_loses_only_what_it_no_longer_has():
    document = (
        replace(DOCUMENT, first=10, last=90).with_keyframe(KeyframeMark(40)).with_keyframe(KeyframeMark(80))
    )
    values = json.loads(json.dumps(with_document({}, document)))["documents"]["/shots/a.mov"]
    now = restored(values, clip(last=49))
    assert (now.first, now.last, [mark.frame for mark in now.keyframes]) == (10, 49, [40])


@pytest.mark.parametrize("content", ["", "{", "[]", '{"documents": {"/shots/a.mov": {"first": "x"}}}'])
def test_a_state_that_cannot_be_read_is_a_fresh_start(tmp_path: Path, content: str):
    (tmp_path / "state.json").write_text(content)
    values = read_memory(tmp_path / "state.json").get("documents", {}).get("/shots/a.mov")
    assert restored(values, clip()) == DOCUMENT


def test_the_cache_keeps_the_newest_within_its_bytes():
    cache = PictureCache(most_bytes=4 * 100 * 3)
    for number in range(500):
        cache.put(PictureKey("a", number), ScreenPicture(10, 10, bytes(400), 10, 10))
        cache.get(PictureKey("a", 499 if number == 499 else 0))
    assert cache.nbytes == 1200
    assert PictureKey("a", 0) in cache, "what is used stays"
    assert PictureKey("a", 499) in cache
    cache.drop("a")
    assert cache.nbytes == 0


def test_a_version_shows_the_sources_frame():
    movie = Version("j", 2, "/r/a_up.mov", "", "finished", 40, 60)
    assert version_key(movie, 45, VIEW) == PictureKey("/r/a_up.mov", 5, None, VIEW)
    assert version_key(replace(movie, state="running"), 45, VIEW) is None
    pictures = Version("j", 1, "/r/p.%04d.exr", "", "running", 1001, 1010)
    assert version_key(pictures, 1003, VIEW) == PictureKey(str(Path("/r/p.1003.exr")), None, None, VIEW)
    assert version_key(pictures, 1011, VIEW) is None


def test_previews_that_differ_by_guidance_and_strength_alone_wait_for_each_other():
    document = DOCUMENT.with_keyframe(KeyframeMark(40))
    wish = PreviewWish(document, 40)
    slid = replace(document, settings=replace(document.settings, guidance=0.5))
    assert PreviewWish(slid, 40).is_like(wish)
    assert PreviewWish(document.with_keyframe(KeyframeMark(40, strength=0.2)), 40).is_like(wish)
    assert not PreviewWish(document, 41).is_like(wish)
    assert not PreviewWish(document.with_keyframe(KeyframeMark(50)), 40).is_like(wish)


def test_a_preview_uses_keyframes_outside_the_range():
    document = replace(DOCUMENT, first=50, last=60).with_keyframe(KeyframeMark(40))
    assert [mark.frame for mark in PreviewWish(document, 55).request().keyframes] == [40]


def test_no_two_commands_have_the_same_key():
    keys = [command.keys for command in COMMANDS]
    assert len(keys) == len(set(keys))
    assert {"J", "K", "L", "I", "O", "Left", "Right"} <= set(keys)


def test_zooming_keeps_the_point_under_the_pointer():
    framing = Framing()
    framing.set_content(1280, 720)
    framing.set_room(640, 400)
    assert framing.rectangle() == (0, 20, 640, 360)
    left, top, _, _ = framing.rectangle()
    pixel = ((200 - left) / framing.zoom, (100 - top) / framing.zoom)
    framing.zoom_at(200, 100, 3)
    left, top, _, _ = framing.rectangle()
    assert ((200 - left) / framing.zoom, (100 - top) / framing.zoom) == pytest.approx(pixel)


def test_a_region_lies_within_the_frame_in_whole_pixels():
    framing = Framing()
    framing.set_content(1280, 720)
    framing.set_room(640, 360)
    assert framing.region_of(-50, 10, 150, 100) == (0, 20, 200, 200)
    assert framing.region_of(10, 10, 3, 3) is None, "a click is no region"
