"""A small stream as a source: its keyframes are used, replaced, left out, and fall back where they are
damaged.
"""

from __future__ import annotations

import argparse
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from sparkvsr_bridge.media import ImageRef, SourceMedia
from sparkvsr_bridge.messages import PreviewRequest, SuggestKeyframesRequest
from sparkvsr_bridge.settings import (
    JobSpec,
    Keyframe,
    KeyframePolicy,
    OutputTarget,
    Revision,
    UpscaleSettings,
)
from sparkvsr_engine.cli.job_options import add_setting_options, settings_of
from sparkvsr_engine.jobs.intake import check_submission, settle_preview
from sparkvsr_engine.jobs.interactive.suggesting import suggested_keyframes
from sparkvsr_engine.jobs.stream_keyframes import without_stream_keyframes
from sparkvsr_engine.jobs.unfinished import find_unfinished
from sparkvsr_engine.media.images import read_image
from sparkvsr_engine.media.movies.small_streams.keyframe_track import read_keyframe_track
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe
from tests.fakes.jobs import write_keyframe
from tests.fakes.media import number_in
from tests.fakes.streams import numbered_source, packed_movie

SETTINGS = UpscaleSettings(scale=2.0, device="cpu", model="identity")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A stream of 12 frames with keyframes at 0 and 6."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARKVSR_HOME", str(tmp_path_factory.mktemp("home")))
        return packed_movie(tmp_path_factory.mktemp("small"))


def _spec(source, tmp_path, *keyframes, settings=SETTINGS, **span):
    media = SourceMedia(str(source), **span)
    return JobSpec(media, OutputTarget(str(tmp_path / "big.mkv"), codec="ffv1"), settings, keyframes)


def _submitted(workshop, spec):
    return check_submission(workshop.config, "job", spec, None)


def _numbers(keyframes):
    return {k.frame: number_in(read_image(k.image.path).pixels) for k in keyframes}


def _damaged(small, tmp_path, frame):
    """A copy in which a byte of the keyframe of that frame is another one."""
    track = read_keyframe_track(small)
    checksum = dict(track.tag.keyframes)[frame]
    import av

    with av.open(str(small)) as container:
        payload = next(
            bytes(p) for p in container.demux(video=1) if p.size and zlib.crc32(bytes(p)) == checksum
        )
    data = bytearray(small.read_bytes())
    data[data.index(payload) + len(payload) // 2] ^= 0x55
    path = tmp_path / "damaged.mkv"
    path.write_bytes(data)
    return path


def test_a_request_gets_the_keyframes_of_its_source(workshop, small, tmp_path):
    spec = _submitted(workshop, _spec(small, tmp_path))
    assert spec.settings.policy == KeyframePolicy("manual")
    assert _numbers(spec.keyframes) == {0: 0, 6: 6}


def test_a_named_keyframe_takes_the_place_of_the_streams(workshop, small, tmp_path):
    named = Keyframe(6, write_keyframe(tmp_path / "fixed.png", 6, width=96, height=64))
    settings = replace(SETTINGS, policy=KeyframePolicy("manual"))
    spec = _submitted(workshop, _spec(small, tmp_path, named, settings=settings))
    names = {keyframe.frame: Path(keyframe.image.path).name.split("-")[0] for keyframe in spec.keyframes}
    assert names == {0: "stream", 6: "frame"}


def test_a_keyframe_named_without_a_picture_gets_the_streams(workshop, small, tmp_path):
    """As hosts name them whose list has the keyframes that the engine suggests."""
    settings = replace(SETTINGS, policy=KeyframePolicy("manual"))
    sent = _spec(small, tmp_path, Keyframe(6, strength=0.5), settings=settings)
    spec = _submitted(workshop, sent)
    assert _numbers(spec.keyframes) == {0: 0, 6: 6}
    assert [keyframe.strength for keyframe in spec.keyframes] == [1.0, 0.5]
    assert without_stream_keyframes(spec).keyframes == sent.keyframes
    request = PreviewRequest(SourceMedia(str(small)), 3, SETTINGS, sent.keyframes)
    assert _numbers(settle_preview(request, tmp_path / "previews", None)) == {6: 6, 0: 0}


@pytest.mark.parametrize("policy", [KeyframePolicy("none"), KeyframePolicy("uniform", 2)])
def test_another_policy_leaves_them_out(workshop, small, tmp_path, policy):
    spec = _submitted(workshop, _spec(small, tmp_path, settings=replace(SETTINGS, policy=policy)))
    assert spec.keyframes == ()


def test_keyframes_outside_the_frames_asked_for_are_left_out(workshop, small, tmp_path):
    spec = _submitted(workshop, _spec(small, tmp_path, first_frame=4, last_frame=9))
    assert [keyframe.frame for keyframe in spec.keyframes] == [6]


def test_a_job_plans_with_them_names_their_source_and_is_revised(workshop, small, tmp_path):
    ran = workshop.render(_spec(small, tmp_path))
    plan = workshop.plan(ran.job)
    assert [(key.frame, key.reason) for key in plan.keyframes] == [
        (0, "brought by the small stream"),
        (6, "brought by the small stream"),
    ]
    result = probe(SourceMedia(str(tmp_path / "big.mkv")))
    assert (result.width, result.span.stop, result.keyframes) == (192, 12, None)
    _, version = workshop.revise(ran.job, Revision(drop_keyframes=(6,)))
    assert [key.frame for key in workshop.plan(ran.job, version).keyframes] == [0]


def test_a_damaged_keyframe_is_named_and_the_next_one_serves(workshop, small, tmp_path):
    path = _damaged(small, tmp_path, 6)
    info = probe(SourceMedia(str(path)))
    assert info.keyframes.frames == (0,)
    assert any("keyframe of the small stream at 6 is missing or damaged" in note for note in info.notes)
    assert _numbers(_submitted(workshop, _spec(path, tmp_path)).keyframes) == {0: 0}
    ran = workshop.render(_spec(path, tmp_path))
    sentences = [str(report) for report in ran.reports]
    assert any("at 6 is missing or damaged" in text for text in sentences)


def test_without_any_whole_keyframe_a_job_is_blind_and_warns(workshop, small, tmp_path):
    data = bytearray(small.read_bytes())
    path = tmp_path / "blind.mkv"
    path.write_bytes(data)
    path = _damaged(path, tmp_path, 6)
    path = _damaged_again(path, tmp_path)
    info = probe(SourceMedia(str(path)))
    assert info.keyframes.frames == ()
    assert any(
        "at 0, 6 are missing or damaged: all frames are restored without" in note for note in info.notes
    )
    assert workshop.render(_spec(path, tmp_path)).advance.frames_done == 12


def _damaged_again(path, tmp_path):
    copy = tmp_path / "copy.mkv"
    copy.write_bytes(path.read_bytes())
    return _damaged(copy, tmp_path, 0)


def test_a_preview_gets_the_keyframes_around_its_frame(small, tmp_path):
    request = PreviewRequest(SourceMedia(str(small)), 3, SETTINGS, ())
    assert _numbers(settle_preview(request, tmp_path / "previews", None)) == {0: 0, 6: 6}
    named = replace(request, frame=8, keyframes=(Keyframe(6, ImageRef(path="given.png")),))
    assert [k.frame for k in settle_preview(named, tmp_path / "previews", None)] == [6]


def test_hosts_see_the_keyframes_and_the_full_size(workshop, small):
    info = probe(SourceMedia(str(small))).media_info()
    assert (info.keyframes, info.full_size) == ((0, 6), (192, 128))
    reply = suggested_keyframes(
        workshop.config, SuggestKeyframesRequest(SourceMedia(str(small)), SETTINGS, ())
    )
    assert [(choice.frame, choice.reason) for choice in reply.choices] == [
        (0, "brought by the small stream"),
        (6, "brought by the small stream"),
    ]


def test_a_repeated_request_goes_on_with_the_job_that_was_stopped(workshop, small, tmp_path):
    spec = _spec(small, tmp_path)
    job = workshop.submit(spec)
    workshop.store.set_state(job, 1, "paused")
    assert find_unfinished(workshop.config, workshop.store, spec).job == job
    blind_spec = replace(spec, settings=replace(SETTINGS, policy=KeyframePolicy("none")))
    assert find_unfinished(workshop.config, workshop.store, blind_spec) is None


def test_the_command_line_brings_a_stream_to_its_own_size_by_default(small):
    parser = argparse.ArgumentParser()
    add_setting_options(parser)

    def size(*words):
        settings = settings_of(parser.parse_args(words), str(small))
        return settings.width, settings.height, settings.scale

    assert size() == (192, 128, 4.0)
    assert size("--scale", "3") == (0, 0, 3.0)
    assert size("--size", "100x80")[:2] == (100, 80)


def test_keyframe_pictures_have_the_codes_of_the_source(workshop, tmp_path):
    source = numbered_source(tmp_path, "tagged.mp4", tags=(1, 1, 1, 1))
    path = packed_movie(tmp_path, source=source, quality=95)
    (keyframe, *_) = _submitted(workshop, _spec(path, tmp_path)).keyframes
    frame = open_source(probe(SourceMedia(str(source)))).read(0)
    difference = read_image(keyframe.image.path).pixels / 255 - frame.pixels / 65535
    assert abs(difference).mean() < 0.01
