"""Captions and HDR10+ come along, frame by frame, to encoders that keep them; else they are named."""

from __future__ import annotations

import re

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.movies.picture_messages import (
    CAPTIONS,
    DYNAMIC_LIGHT,
    messages_in,
    with_messages,
)
from sparkvsr_engine.media.probe import probe
from tests.compatibility.claims import covers
from tests.engine.media.movies.test_describing import DULL, HDR10
from tests.engine.media.movies.test_presentation import rendered
from tests.fakes.ffmpeg import X264, ffmpeg

FRAMES = 14
BOTH = frozenset({CAPTIONS, DYNAMIC_LIGHT})


def caption(number):
    """One pair of caption characters as ATSC A/53 has it, other for every picture, one with zeros in it."""
    return b"GA94\x03\x41\xff\xfc" + bytes([0x94, number % 3]) + b"\0\0\xff"


def hdr10_plus(number):
    """One message of SMPTE ST 2094-40: a single window, values of all ones but for flags and a number."""
    bits = "01" + f"{number + 1:027b}" + "0" + "1" * 17 * 4 + "0000" + "1" * 10 + "000"
    window = int(bits.ljust(-(-len(bits) // 8) * 8, "1"), 2).to_bytes(-(-len(bits) // 8), "big")
    return b"\xb5\x00\x3c\x00\x01\x04\x01" + window


def escaped(body):
    return re.sub(b"\0\0(?=[\0-\3])", b"\0\0\3", body)


def supplemental(header, message):
    return b"\0\0\0\1" + header + b"\4" + bytes([len(message)]) + escaped(message) + b"\x80"


ENCODERS = {
    "mpeg2video": ("-c:v", "mpeg2video", "-q:v", "2", "-bf", "2"),
    "h264": (*X264, "-bf", "2", "-x264-params", "aud=1"),
    "hevc": (
        *("-c:v", "libx265", "-pix_fmt", "yuv420p10le"),
        *("-x265-params", f"{HDR10}:aud=1:bframes=2"),
    ),
}


def captioned(folder, codec, name):
    """A movie with B-frames, every picture of which has a caption of its own, put in by bytes alone."""
    source = ("-f", "lavfi", "-i", f"testsrc2=s=96x64:r=25:d={FRAMES / 25},{DULL}")
    ffmpeg(folder, *source, *ENCODERS[codec], "plain.ts")
    with av.open(str(folder / "plain.ts")) as plain, av.open(str(folder / name), "w") as stream_file:
        stream = plain.streams.video[0]
        out = stream_file.add_stream_from_template(stream)
        for number, packet in enumerate(item for item in plain.demux(stream) if item.size):
            copy = av.Packet(with_caption(bytes(packet), codec, number))
            copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
            copy.duration, copy.is_keyframe, copy.stream = packet.duration, packet.is_keyframe, out
            stream_file.mux(copy)
    return folder / name


def with_caption(content, codec, number):
    if codec == "mpeg2video":
        at = content.index(b"\0\0\1\1")
        return content[:at] + b"\0\0\1\xb2" + caption(number) + content[at:]
    header = b"\6" if codec == "h264" else b"\x4e\1"
    messages = [b"\xb5\0\x31" + caption(number), *([hdr10_plus(number)] if codec == "hevc" else [])]
    body = b"".join(supplemental(header, message) for message in messages)
    # Behind the delimiter every picture begins with.
    at = content.index(b"\0\0\1\x09" if codec == "h264" else b"\0\0\1\x46\1")
    at += 5 if codec == "h264" else 6
    return content[:at] + body + content[at:]


def decoded_messages(path, kind="A53_CC"):
    """What FFmpeg's decoder hands on of each frame in the order it is shown."""
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "SLICE"
        frames = list(container.decode(video=0))
        return [[bytes(side) for side in frame.side_data if side.type.name == kind] for frame in frames]


@covers(
    "kinds of movies",
    "Subtitles and other tracks",
    variants="captions in H.264, HEVC, MPEG-2 with B-frames, in TS, MP4, MKV; whole and in part",
    result="kept in H.264 and HEVC, frame by frame; elsewhere named before rendering",
)
@pytest.mark.parametrize(
    ("codec", "name"),
    [("h264", "a.ts"), ("h264", "a.mp4"), ("hevc", "a.mkv"), ("hevc", "a.ts"), ("mpeg2video", "a.ts")],
)
@pytest.mark.parametrize(("target", "encoder"), [("b.mp4", "libx264"), ("b.mkv", "libx265")])
def test_captions_come_along_frame_by_frame(tmp_path, codec, name, target, encoder):
    source = captioned(tmp_path, codec, name)
    info = probe(SourceMedia(str(source)))
    assert CAPTIONS in info.messages
    assert not [text for text in rendered(info, tmp_path / target, encoder, scale=1) if "captions" in text]
    before = decoded_messages(source)
    assert sum(map(len, before)) == FRAMES
    assert decoded_messages(tmp_path / target) == before


def test_captions_of_a_part_are_those_of_its_frames(tmp_path):
    source = captioned(tmp_path, "h264", "a.mp4")
    info = probe(SourceMedia(str(source), 5, 9))
    rendered(info, tmp_path / "b.mp4", scale=1)
    assert decoded_messages(tmp_path / "b.mp4") == decoded_messages(source)[5:10]


@pytest.mark.parametrize(("target", "encoder"), [("b.mov", ""), ("b.mkv", "ffv1"), ("b.%04d.png", "")])
def test_captions_that_cannot_come_along_are_named(tmp_path, target, encoder):
    info = probe(SourceMedia(str(captioned(tmp_path, "h264", "a.ts"))))
    assert len([text for text in rendered(info, tmp_path / target, encoder, 1) if "captions" in text]) == 1


@covers(
    "kinds of movies",
    "Light and labels",
    variants="HDR10+ of every frame",
    result="kept in HEVC, frame by frame; elsewhere named before rendering",
)
def test_dynamic_light_comes_along_to_hevc_and_is_named_elsewhere(tmp_path):
    source = captioned(tmp_path, "hevc", "a.mkv")
    info = probe(SourceMedia(str(source)))
    assert info.messages == BOTH
    assert not [text for text in rendered(info, tmp_path / "b.mp4", scale=1) if "HDR10+" in text]
    before = decoded_messages(source, "DYNAMIC_HDR_PLUS")
    assert [len(messages) for messages in before] == [1] * FRAMES
    assert len({messages[0] for messages in before}) == FRAMES
    assert decoded_messages(tmp_path / "b.mp4", "DYNAMIC_HDR_PLUS") == before
    for name, encoder in (("c.mp4", "libx264"), ("c.mov", "")):
        message = rendered(info, tmp_path / name, encoder, scale=1)
        assert len([text for text in message if "HDR10+" in text]) == 1


def test_a_movie_without_messages_gets_no_warning(tmp_path):
    ffmpeg(tmp_path, "-f", "lavfi", "-i", f"testsrc2=s=96x64:r=25:d=0.2,{DULL}", *X264, "a.mp4")
    assert probe(SourceMedia(str(tmp_path / "a.mp4"))).messages == frozenset()


AVC = bytes([1, 100, 0, 31, 255])
HVC = bytes([1]) + bytes(20) + bytes([255])


@given(st.lists(st.binary(max_size=600), min_size=1, max_size=3), st.sampled_from(["h264", "hevc"]))
def test_what_is_put_in_is_found_again_and_nothing_else_changes(bodies, codec):
    messages = [b"\xb5\x00\x31GA94\x03" + body for body in bodies]
    extradata, picture = (AVC, b"\x65picture") if codec == "h264" else (HVC, b"\x26\1picture")
    settings = b"\x67settings" if codec == "h264" else b"\x42\1settings"
    packet = b"".join(len(unit).to_bytes(4, "big") + unit for unit in (settings, picture))
    packed = with_messages(packet, codec, extradata, messages)
    assert messages_in(packed, codec, extradata, BOTH) == messages
    first = 4 + len(settings)
    assert (packed[:first], packed[-len(packet) + first :]) == (packet[:first], packet[first:])
    inserted = packed[first : len(packed) - len(packet) + first]
    assert not re.search(b"\0\0[\0-\2]", inserted[4:])
