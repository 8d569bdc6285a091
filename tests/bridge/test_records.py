"""Records and JSON: defaults stay home, types are checked by name, newer fields are ignored."""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge import media, reports, settings
from sparkvsr_bridge.connections.connection import Connection
from sparkvsr_bridge.connections.fields import LARGEST_INTEGER, read_value
from sparkvsr_bridge.errors import InvalidSettings, MalformedMessage
from sparkvsr_bridge.messages import MESSAGE_KINDS, HelloReply, JobReport, PreviewRequest, SubmitJobRequest
from sparkvsr_bridge.records import Record, fields_of, newer_fields
from sparkvsr_bridge.settings import JobSpec, Keyframe, UpscaleSettings
from tests.fakes.messages import EXAMPLES

ALL = [
    *MESSAGE_KINDS.values(),
    Connection,
    *(
        kind
        for module in (media, reports, settings)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Record) and kind is not Record
    ),
]
SPEC: dict[str, Any] = {"source": {"path": "a.mov"}, "output": {"path": "b.mov"}}


def test_only_what_differs_from_the_default_travels():
    assert UpscaleSettings().to_dict() == {}
    assert UpscaleSettings(seed=3).to_dict() == {"seed": 3}


def test_what_each_side_has_its_own_of_always_travels():
    assert HelloReply().to_dict().keys() == {"protocol", "version"}


def test_newer_fields_are_ignored():
    assert UpscaleSettings.from_dict({"seed": 3, "sharpness": 11}) == UpscaleSettings(seed=3)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_annotation_is_one_that_is_checked(kind: type[Record]):
    for field in fields_of(kind):
        if "kind" not in field.metadata:
            with pytest.raises(MalformedMessage):
                read_value(str(field.type), field.name, object())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"frame": "5"}, "Keyframe.frame is '5'; it must be a whole number"),
        ({"frame": 5.0}, "Keyframe.frame is 5.0; it must be a whole number"),
        ({"frame": True}, "Keyframe.frame is True; it must be a whole number"),
        ({"frame": None}, "Keyframe.frame is None"),
        ({"frame": 2**53 + 1}, "Keyframe.frame"),
        ({"frame": 5, "strength": "1"}, "Keyframe.strength is '1'; it must be a finite number"),
        ({"frame": 5, "strength": 10**400}, "Keyframe.strength"),
        ({"frame": 5, "image": "k.png"}, "ImageRef is str; it must be an object"),
        ({"frame": 5, "image": {"path": 3}}, "ImageRef.path is 3; it must be text"),
        ({"frame": 5, "image": {"path": "a\0b"}}, "ImageRef.path"),
        ({"strength": 1.0}, "Keyframe lacks the field 'frame'"),
    ],
)
def test_a_value_of_the_wrong_type_is_malformed_and_named(data: dict[str, Any], message: str):
    with pytest.raises(MalformedMessage) as raised:
        Keyframe.from_dict(data)
    assert message in raised.value.message


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        (JobSpec, {**SPEC, "keyframes": {}}, "JobSpec.keyframes is {}; it must be a list"),
        (JobSpec, {**SPEC, "keyframes": None}, "JobSpec.keyframes is None; it must be a list"),
        (JobSpec, {**SPEC, "keyframes": [None]}, "Keyframe is NoneType"),
        (JobSpec, {**SPEC, "settings": None}, "UpscaleSettings is NoneType"),
        (JobSpec, {**SPEC, "output": {"path": "b", "overwrite": 1}}, "OutputTarget.overwrite is 1"),
        (HelloReply, {"protocol": [1]}, "HelloReply.protocol is [1]; it must be a list of 2 values"),
        (HelloReply, {"protocol": [1, "0"]}, "HelloReply.protocol[1] is '0'"),
        (reports.ErrorReport, {"code": "x", "message": "y", "details": []}, "ErrorReport.details is []"),
        (SubmitJobRequest, {}, "SubmitJobRequest lacks the field 'spec'"),
    ],
)
def test_lists_and_nested_records_are_checked_too(kind: type[Record], data: dict[str, Any], message: str):
    with pytest.raises(MalformedMessage) as raised:
        kind.from_dict(data)
    assert message in raised.value.message


def test_null_is_taken_where_it_means_something():
    assert Keyframe.from_dict({"frame": 1, "image": None}) == Keyframe(1)
    assert PreviewRequest.from_dict({"source": {"path": "a"}, "region": None}).region is None


def test_a_whole_number_will_do_where_a_number_is_asked_for():
    strength = Keyframe.from_dict({"frame": 1, "strength": 2}).strength
    assert (strength, type(strength)) == (2.0, float)


def test_values_that_make_no_sense_keep_their_own_error():
    with pytest.raises(InvalidSettings, match="guidance is 7"):
        JobSpec.from_dict({**SPEC, "settings": {"guidance": 7}})


def test_an_object_is_needed():
    with pytest.raises(MalformedMessage, match="UpscaleSettings is list"):
        UpscaleSettings.from_dict([])  # type: ignore[arg-type]


def test_records_without_details_can_be_keys():
    report = JobReport("a", 1, "queued", "s", "t", warnings=("w",))
    assert {report: 1}[JobReport.from_dict(report.to_dict())] == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_any_json_in_any_field_is_taken_or_refused_in_words(data: st.DataObject):
    kind = data.draw(st.sampled_from(sorted(EXAMPLES)))
    body = EXAMPLES[kind].to_dict()
    if body:
        body[data.draw(st.sampled_from(sorted(body)))] = data.draw(json_values)
    with contextlib.suppress(MalformedMessage, InvalidSettings):
        record = MESSAGE_KINDS[kind].from_dict(body)
        assert MESSAGE_KINDS[kind].from_dict(record.to_dict()) == record


@given(st.integers(-LARGEST_INTEGER, LARGEST_INTEGER))
def test_whole_numbers_travel_exactly(value: int):
    assert Keyframe.from_dict(Keyframe(value).to_dict()).frame == value


def test_fields_that_hold_records_name_the_record():
    for kind in ALL:
        for field in dataclasses.fields(kind):
            if "kind" in field.metadata:
                assert field.metadata["kind"].__name__ in str(field.type)


def test_fields_of_a_later_minor_are_found_wherever_they_are_used():
    plain = SubmitJobRequest(settings.JobSpec(media.SourceMedia("a"), settings.OutputTarget("b")))
    assert newer_fields(plain, 0) == []
    keyframe = settings.Keyframe(3, media.ImageRef(path="/k.exr"), colour="ACEScg")
    for newer, names in (
        (replace(plain.spec, settings=settings.UpscaleSettings(ocio_config="/c.ocio")), ["ocio_config"]),
        (replace(plain.spec, keyframes=(settings.Keyframe(1), keyframe)), ["colour"]),
    ):
        assert newer_fields(SubmitJobRequest(newer), 0) == names
        assert newer_fields(SubmitJobRequest(newer), 1) == []
