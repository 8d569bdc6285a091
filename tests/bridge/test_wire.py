"""Frames: exact inverses, and nothing but our own errors for anything else."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.connections import wire
from sparkvsr_bridge.connections.wire import (
    decode,
    encode,
    make_envelope,
    make_refusal,
    peek_id,
    peek_reply_to,
)
from sparkvsr_bridge.errors import InvalidSettings, MalformedMessage, ProtocolMismatch, SparkVSRError
from sparkvsr_bridge.media import SourceMedia
from tests.fakes.messages import EXAMPLES

REQUEST = m.CancelJobRequest("k7m2")


def frames_of(header: dict[str, Any], body: Any, *parts: bytes) -> list[bytes]:
    """Frames with some header fields other than they should be."""
    whole = {"protocol": [1, 0], "kind": "cancel_job_request", "id": "i", "buffers": []}
    return [json.dumps({**whole, **header}).encode(), json.dumps(body).encode(), *parts]


@given(st.sampled_from(sorted(EXAMPLES)), st.text(), st.lists(st.binary(max_size=40), max_size=4))
def test_decoding_is_the_inverse_of_encoding(kind: str, reply_to: str, buffers: list[bytes]):
    envelope = make_envelope(EXAMPLES[kind], reply_to.replace("\0", ""), buffers)
    assert decode(encode(envelope)) == envelope


@given(sizes=st.lists(st.integers(0, 50), max_size=5))
def test_buffers_are_cut_into_parts_and_joined_again(sizes: list[int]):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wire, "PART_BYTES", 16)
        buffers = [bytes(range(size)) for size in sizes]
        frames = encode(make_envelope(REQUEST, buffers=buffers))
        assert all(len(frame) <= 16 for frame in frames[2:])
        assert list(decode(frames).buffers) == buffers


def test_a_large_buffer_is_cut_at_16_megabytes_without_a_copy():
    pixels = bytearray(wire.PART_BYTES + 5)
    frames = encode(make_envelope(REQUEST, buffers=[pixels]))
    assert [len(frame) for frame in frames[2:]] == [wire.PART_BYTES, 5]
    pixels[-1] = 7
    assert bytes(frames[3])[-1] == 7


@pytest.mark.parametrize("letter", ["H", "f", "d", "b"])
def test_buffers_of_any_sample_travel_as_bytes(letter: Literal["H", "f", "d", "b"]):
    samples = memoryview(bytes(range(48))).cast(letter)
    assert bytes(decode(encode(make_envelope(REQUEST, buffers=[samples]))).buffers[0]) == bytes(range(48))


def test_pixels_that_do_not_lie_in_one_piece_are_refused():
    with pytest.raises(MalformedMessage, match="one piece"):
        encode(make_envelope(REQUEST, buffers=[memoryview(bytes(10))[::2]]))


def test_too_many_bytes_are_refused_on_both_sides(monkeypatch: pytest.MonkeyPatch):
    frames = encode(make_envelope(REQUEST, buffers=[bytes(100)]))
    monkeypatch.setattr(wire, "MAX_BUFFERS_BYTES", 99)
    for refused in (lambda: encode(make_envelope(REQUEST, buffers=[bytes(100)])), lambda: decode(frames)):
        with pytest.raises(MalformedMessage, match="100 bytes of buffers; a message holds at most 99"):
            refused()


def test_too_much_json_is_refused_on_both_sides(monkeypatch: pytest.MonkeyPatch):
    frames = encode(make_envelope(m.CancelJobRequest("k" * 400)))
    monkeypatch.setattr(wire, "MAX_JSON_BYTES", 300)
    for refused in (lambda: encode(make_envelope(m.CancelJobRequest("k" * 400))), lambda: decode(frames)):
        with pytest.raises(MalformedMessage, match="may have 300"):
            refused()


def test_file_names_that_are_no_unicode_survive():
    name = b"plate-\xff.mov".decode("utf-8", "surrogateescape")
    message = m.DescribeMediaRequest(SourceMedia(name))
    assert decode(encode(make_envelope(message))).message == message


def test_error_details_that_are_no_json_travel_as_text():
    error = m.ErrorReport("disk_full", "No room.", {"folder": Path("/a")})
    reply = decode(encode(make_envelope(m.ErrorReply(error)))).message
    assert isinstance(reply, m.ErrorReply)
    assert reply.error.details == {"folder": str(Path("/a"))}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_json_has_not_are_refused_before_they_leave(value: float):
    report = m.JobReport("a", 1, "running", "s", "t", frames_per_second=value)
    with pytest.raises(MalformedMessage, match="cannot travel"):
        encode(make_envelope(m.JobReply(report)))


def test_another_major_is_refused_without_looking_at_its_body():
    frames = [b'{"protocol":[2,3],"id":"i"}', b"\x93msgpack"]
    with pytest.raises(ProtocolMismatch, match=r"protocol 2\.3, this side 1\.3"):
        decode(frames)


def test_a_newer_minor_is_taken_with_its_fields_and_kinds():
    decoded = decode(frames_of({"protocol": [1, 9], "colour": "red"}, {"job": "k7m2", "gently": True}))
    assert decoded.message == REQUEST
    assert decode(frames_of({"kind": "paint_request"}, {})).message is None


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"protocol": None}, "header.protocol is None"),
        ({"protocol": "10"}, "header.protocol is '10'"),
        ({"protocol": [1.5, 0]}, "header.protocol[0] is 1.5"),
        ({"kind": 3}, "header.kind is 3"),
        ({"id": None}, "header.id is None"),
        ({"reply_to": 4}, "header.reply_to is 4"),
        ({"buffers": {}}, "header.buffers is {}"),
        ({"buffers": ["1"]}, "header.buffers is '1'"),
        ({"buffers": [-1]}, "not byte counts"),
        ({"buffers": [3]}, "a buffer of 3 bytes came with 0"),
        ({"buffers": [2**52]}, "bytes of buffers; a message holds at most"),
    ],
)
def test_a_broken_header_is_named(header: dict[str, Any], message: str):
    with pytest.raises(MalformedMessage) as raised:
        decode(frames_of(header, {"job": "k7m2"}))
    assert message in raised.value.message


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([], "this one has 0"),
        ([b"{}"], "this one has 1"),
        ([b"", b""], "header is not JSON"),
        ([b"\xff\xfe", b"{}"], "header is not JSON"),
        ([b"[]", b"{}"], "header is not a JSON object"),
        ([b"[" * 100_000, b"{}"], "header is not JSON"),
        (frames_of({}, []), "body is not a JSON object"),
        ([frames_of({}, {})[0], b'{"job": NaN}'], "NaN is not a JSON number"),
        (frames_of({}, {"job": "k"}, b"more"), "1 frames more than the header names"),
        (frames_of({}, {}), "lacks the field 'job'"),
    ],
)
def test_broken_frames_are_named(frames: list[bytes], message: str):
    with pytest.raises(MalformedMessage) as raised:
        decode(frames)
    assert message in raised.value.message


def test_values_that_make_no_sense_keep_their_own_error():
    with pytest.raises(InvalidSettings, match="the source is empty"):
        decode(frames_of({"kind": "describe_media_request"}, {"source": {"path": ""}}))


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_bytes_raise_our_errors_alone(frames: list[bytes]):
    with contextlib.suppress(SparkVSRError):
        decode(frames)
    assert isinstance(peek_id(frames), str)


@given(st.sampled_from(sorted(EXAMPLES)), st.data())
def test_cut_and_garbled_messages_raise_our_errors_alone(kind: str, data: st.DataObject):
    frames = [bytes(frame) for frame in encode(make_envelope(EXAMPLES[kind], buffers=[b"pixels"]))]
    which = data.draw(st.integers(0, len(frames) - 1))
    at = data.draw(st.integers(0, len(frames[which])))
    frames[which] = frames[which][:at] + data.draw(st.binary(max_size=8)) + frames[which][at + 2 :]
    del frames[data.draw(st.integers(1, len(frames))) :]
    with contextlib.suppress(SparkVSRError):
        decode(frames)


def test_a_refusal_finds_its_request():
    frames = frames_of({"protocol": [2, 0], "id": "the request"}, {})
    refusal = decode(encode(make_refusal(frames, ProtocolMismatch("No."))))
    assert refusal.reply_to == "the request"
    assert peek_reply_to(encode(refusal)) == "the request"
    assert isinstance(refusal.message, m.ErrorReply)
    assert isinstance(refusal.message.error.to_error(), ProtocolMismatch)


def test_what_has_no_id_is_refused_to_nobody():
    assert make_refusal([], MalformedMessage("No.")).reply_to == ""


def test_a_message_of_unknown_kind_cannot_be_sent_on():
    with pytest.raises(MalformedMessage, match="paint_request"):
        encode(decode(frames_of({"kind": "paint_request"}, {})))
