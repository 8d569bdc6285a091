"""Results as further references: everything else stays as it was, and activating one moves nothing."""

from __future__ import annotations

import json

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_bridge.timeline.records import KEY
from sparkvsr_bridge.timeline.requests import Recipe
from tests.fakes.timelines import S, Shelf, clip_of, conformed, cut_of, rt, tr


def document(root):
    return json.loads(otio.adapters.write_to_string(root, "otio_json"))


def without_results(value):
    """A document without the references that a conform adds."""
    if isinstance(value, list):
        return [without_results(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: without_results(item) for key, item in value.items()}
    if "media_references" in result:
        result["media_references"].pop(KEY, None)
    return result


def references_of(root):
    return next(iter(root.find_clips())).media_references()


def test_an_alternate_counts_in_its_sources_time_base_and_bounds(shelf):
    bounds = otio.schema.Box2d(otio.schema.V2d(-1, -1), otio.schema.V2d(1, 1))
    clip = clip_of(shelf.movie("a.mov", 100), tr(90032, 44, 25), tr(86400, 100))
    clip.media_reference.available_image_bounds = bounds
    _, out = conformed(cut_of(clip), shelf)
    reference = references_of(out)[KEY]
    assert reference.available_range == tr(86400 + 22, 59)
    assert (reference.start_frame, reference.rate, reference.frame_zero_padding) == (22, 24.0, 4)
    assert reference.available_image_bounds == bounds
    assert reference.target_url_base.startswith("file:///")


def test_the_spelling_of_a_rate_is_the_sources_own(shelf):
    clip = clip_of(
        shelf.movie("a.mov", 100, (24000, 1001)),
        tr(86410.0887, 5, 23.976024627685547),
        tr(86400, 100, 23.976),
    )
    _, out = conformed(cut_of(clip), shelf)
    available = references_of(out)[KEY].available_range
    assert (available.start_time.value, available.start_time.rate) == (86402.0, 23.976)


def test_all_references_stay_and_the_active_one_is_active(shelf):
    clip = S.Clip("a", source_range=tr(10, 5))
    references = {
        "DEFAULT_MEDIA": S.ExternalReference("/gone.mov"),
        "proxy": S.ExternalReference(str(shelf.movie("p.mov")), tr(0, 100)),
        "hi": S.MissingReference(),
    }
    clip.set_media_references(references, "proxy")
    report, out = conformed(cut_of(clip), shelf)
    result = next(iter(out.find_clips()))
    assert list(result.media_references()) == sorted([*references, KEY])
    assert result.active_media_reference_key == "proxy"
    assert report.shots[0].request.shot.medium.path.endswith("p.mov")


def test_a_null_active_key_means_the_default_one(shelf):
    root = cut_of(clip_of(shelf.movie("a.mov"), tr(10, 5), tr(0, 100)))
    text = otio.adapters.write_to_string(root, "otio_json").replace(
        '"active_media_reference_key": "DEFAULT_MEDIA"', '"active_media_reference_key": null'
    )
    report, _ = conformed(otio.adapters.read_from_string(text, "otio_json"), shelf)
    assert report.is_whole


def test_a_second_conform_renders_the_source_again_never_the_result(shelf):
    root = cut_of(clip_of(shelf.movie("a.mov"), tr(10, 5), tr(0, 100)))
    first, out = conformed(root, shelf, activate=True)
    assert next(iter(out.find_clips())).active_media_reference_key == KEY
    second, again = conformed(out, shelf, activate=True)
    assert second.shots[0].request.spec == first.shots[0].request.spec
    assert document(again) == document(out)


def test_a_retrimmed_clip_goes_to_another_folder_and_a_renamed_one_to_the_same(shelf):
    path = shelf.movie("a.mov")

    def folder(start, name="a", **changes):
        report, _ = conformed(cut_of(clip_of(path, tr(start, 5), tr(0, 100), name)), shelf, Recipe(**changes))
        return report.shots[0].request.result.folder

    assert folder(10) == folder(10, "renamed")
    assert folder(10, settings=UpscaleSettings(scale=2)) == folder(10, settings=UpscaleSettings(scale=2.0))
    assert len({folder(10), folder(11), folder(10, quality=50), folder(10, ending=".exr")}) == 4


def test_a_track_of_results_lies_above_its_sources(shelf):
    path = shelf.movie("a.mov")
    dissolve = S.Transition(transition_type="SMPTE_Dissolve", in_offset=rt(2), out_offset=rt(2))
    root = cut_of(
        clip_of(path, tr(10, 5), tr(0, 100)),
        dissolve,
        clip_of(path, tr(30, 5), tr(0, 100)),
        clip_of("/gone.mov", tr(30, 5), tr(0, 100)),
        S.Transition(transition_type="SMPTE_Dissolve", in_offset=rt(1), out_offset=rt(1)),
        S.Gap(source_range=tr(0, 4)),
    )
    _, out = conformed(root, shelf, place="track")
    below, above = out.tracks
    assert [type(item).__name__ for item in above] == ["Clip", "Transition", "Clip", "Gap", "Gap"]
    assert above.duration() == below.duration()
    assert document(below) == document(root.tracks[0])
    assert [clip.active_media_reference_key for clip in above.find_clips()] == [KEY, KEY]


@pytest.mark.parametrize("place", ["alternate", "track"])
def test_media_of_a_clip_without_a_track_are_conformed_or_reported(shelf, place):
    clip = clip_of(shelf.movie("a.mov"), tr(10, 5), tr(0, 100))
    report, out = conformed(clip, shelf, place=place)
    assert (KEY in out.media_references()) == (place == "alternate")
    assert any("lie on no track" in note for note in report.notes) == (place == "track")


names = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
metadata = st.dictionaries(names, st.one_of(names, st.integers(-9, 9), st.booleans(), st.none()), max_size=3)
rates = st.sampled_from([24.0, 25.0, 23.976, 23.976024627685547, 24000 / 1001, 29.97, 30.0])


@st.composite
def items(draw):
    kind = draw(st.sampled_from(["clip", "missing", "gap", "nest", "generator"]))
    rate = draw(rates)
    source = tr(draw(st.integers(0, 80)), draw(st.integers(1, 20)), rate)
    if kind == "gap":
        return S.Gap(source_range=source, metadata=draw(metadata))
    if kind == "nest":
        nest = S.Stack(draw(names), source_range=draw(st.sampled_from([None, source])))
        track = S.Track("n", kind=S.TrackKind.Video, children=draw(st.lists(items(), max_size=2)))
        nest.append(track)
        return nest
    references = {
        "clip": S.ExternalReference("a.mov", draw(st.sampled_from([None, tr(0, 100, rate)]))),
        "missing": S.MissingReference(),
        "generator": S.GeneratorReference("bars", metadata=draw(metadata)),
    }
    clip = S.Clip(draw(names), source_range=source, metadata=draw(metadata))
    alternates = {"proxy": S.ExternalReference(draw(names))} if draw(st.booleans()) else {}
    clip.set_media_references({"DEFAULT_MEDIA": references[kind], **alternates}, "DEFAULT_MEDIA")
    if draw(st.booleans()):
        clip.effects.append(S.LinearTimeWarp(time_scalar=draw(st.sampled_from([0.5, 2.0, -1.0, 0.0]))))
    if draw(st.booleans()):
        clip.markers.append(S.Marker(draw(names), tr(draw(st.integers(0, 99)), 1, rate)))
    clip.enabled = draw(st.booleans())
    return clip


@st.composite
def timelines(draw):
    result = S.Timeline(draw(names), metadata=draw(metadata))
    for _ in range(draw(st.integers(1, 2))):
        track = S.Track(draw(names), kind=draw(st.sampled_from(["Video", "Audio"])))
        track.extend(draw(st.lists(items(), max_size=4)))
        result.tracks.append(track)
    return result


@given(root=timelines(), activate=st.booleans())
def test_a_timeline_comes_out_equal_but_for_the_added_references(tmp_path_factory, root, activate):
    shelf = Shelf(tmp_path_factory.mktemp("media"))
    shelf.movie("a.mov")
    before = document(root)
    _, out = conformed(root, shelf, activate=activate)
    after = document(out)
    if activate:
        after = json.loads(json.dumps(after).replace(f'"active_media_reference_key": "{KEY}"', DEFAULT))
    assert without_results(after) == without_results(before)


DEFAULT = '"active_media_reference_key": "DEFAULT_MEDIA"'
