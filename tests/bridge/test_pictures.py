"""Pixels in and out of messages, whichever way they travel."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Literal

import pytest

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.connections.wire import decode, encode, make_envelope
from sparkvsr_bridge.errors import InvalidSettings, MalformedMessage, MediaUnreadable, OutputUnwritable
from sparkvsr_bridge.media import ImageRef, PixelFormat, SourceMedia
from sparkvsr_bridge.pictures import image_ref, open_image, pack, replace_images, unlink_all
from sparkvsr_bridge.settings import Keyframe

LAYOUT = PixelFormat(4, 2, 3)
GREY = PixelFormat(4, 2, 1)


def request(*keyframes: Keyframe) -> m.PreviewRequest:
    return m.PreviewRequest(SourceMedia("a.mov"), keyframes=keyframes)


def pixels_of(message: m.PreviewRequest, buffers: tuple[object, ...], folder: Path | None) -> list[bytes]:
    """The bytes of every picture of the keyframes, as a receiver reads them."""
    result: list[bytes] = []
    for keyframe in message.keyframes:
        for picture in (keyframe.image, keyframe.matte):
            if picture is not None and not picture.path:
                with open_image(picture, buffers, folder) as pixels:  # type: ignore[arg-type]
                    result.append(bytes(pixels))
    return result


@pytest.mark.parametrize("is_shared", [True, False])
def test_every_picture_of_a_message_arrives(tmp_path: Path, is_shared: bool):
    image, matte = os.urandom(LAYOUT.nbytes), os.urandom(GREY.nbytes)
    message = request(
        Keyframe(1, image_ref(image, LAYOUT), matte=image_ref(matte, GREY)),
        Keyframe(2, ImageRef("/k.png")),
        Keyframe(3),
        Keyframe(4, image_ref(matte, GREY)),
    )
    folder = tmp_path if is_shared else None
    package = pack(message, folder, [b"first"])
    arrived = decode(encode(make_envelope(package.message, buffers=package.buffers)))
    assert isinstance(arrived.message, m.PreviewRequest)
    assert arrived.buffers[0] == b"first"
    assert pixels_of(arrived.message, arrived.buffers, folder) == [image, matte, matte]
    assert len(list(tmp_path.iterdir())) == len(package.shared) == (3 if is_shared else 0)
    unlink_all(folder, package.shared)
    assert list(tmp_path.iterdir()) == []


def test_the_event_of_a_preview_carries_its_picture(tmp_path: Path):
    pixels = os.urandom(LAYOUT.nbytes)
    package = pack(m.PreviewReady("p", 1, "full", image_ref(pixels, LAYOUT)), tmp_path)
    assert isinstance(package.message, m.PreviewReady)
    with open_image(package.message.image, package.buffers, tmp_path, take=True) as seen:
        assert bytes(seen) == pixels
        assert seen.readonly
    assert list(tmp_path.iterdir()) == []


def test_a_message_without_pixels_is_packed_as_it_is(tmp_path: Path):
    message = request(Keyframe(1, ImageRef("/k.png")))
    assert pack(message, tmp_path).message is message


@pytest.mark.parametrize("letter", ["B", "H", "f"])
def test_pixels_of_any_sample_are_taken_as_bytes(letter: Literal["B", "H", "f"]):
    layout = PixelFormat(4, 2, 1, {"B": "uint8", "H": "uint16", "f": "float32"}[letter])
    samples = memoryview(bytes(range(layout.nbytes))).cast(letter, shape=(2, 4))
    picture = image_ref(samples, layout)
    with open_image(picture, (), None) as seen:
        assert bytes(seen) == bytes(range(layout.nbytes))


def test_the_number_of_bytes_must_fit_the_format():
    with pytest.raises(InvalidSettings, match="a picture of 24 bytes came with 23"):
        image_ref(bytes(23), LAYOUT)


def test_pixels_must_lie_in_one_piece():
    with pytest.raises(MalformedMessage, match="one piece"):
        image_ref(memoryview(bytes(48))[::2], LAYOUT)


def test_an_unknown_way_is_refused():
    with pytest.raises(InvalidSettings, match="picture mode is 'post'; use one of auto, shared, buffer"):
        image_ref(bytes(24), LAYOUT, "post")


def test_pixels_never_travel_unpacked():
    with pytest.raises(MalformedMessage, match=r"EngineClient\.request"):
        encode(make_envelope(request(Keyframe(1, image_ref(bytes(24), LAYOUT)))))


def test_insisting_on_shared_memory_that_is_not_there_is_refused(tmp_path: Path):
    message = request(Keyframe(1, image_ref(bytes(24), LAYOUT, "shared")))
    with pytest.raises(InvalidSettings, match="does not share this machine's memory"):
        pack(message, None)
    with pytest.raises(OutputUnwritable):
        pack(message, tmp_path / "absent")


def test_a_failed_packing_takes_back_what_it_shared(tmp_path: Path):
    first = image_ref(bytes(24), LAYOUT)
    view = memoryview(bytes(24))
    released = image_ref(view, LAYOUT)
    view.release()
    with pytest.raises(ValueError, match="released"):
        pack(request(Keyframe(1, first), Keyframe(2, released)), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_room_in_shared_memory_pixels_go_in_the_message_and_into_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING):
        package = pack(request(Keyframe(1, image_ref(bytes(24), LAYOUT))), tmp_path / "absent")
    assert (package.shared, len(package.buffers)) == ((), 1)
    assert "instead of shared memory" in caplog.text


def test_a_buffer_that_is_not_there_or_does_not_fit_is_malformed():
    for index, text in [(1, "in buffer 1; the message has 1"), (-1, "in buffer -1"), (0, "has 3 bytes")]:
        picture = ImageRef(buffer=index, format=LAYOUT)
        with pytest.raises(MalformedMessage, match=text), open_image(picture, (b"123",), None):
            pass


def test_shared_pixels_where_nothing_is_shared_are_unreadable():
    picture = ImageRef(shared="sparkvsr-1-0123456789abcdef", format=LAYOUT)
    with pytest.raises(MediaUnreadable, match="send it in buffers"), open_image(picture, (), None):
        pass


def test_a_picture_by_path_is_opened_like_any_file():
    with pytest.raises(InvalidSettings, match=r"/k\.png is a file"), open_image(ImageRef("/k.png"), (), None):
        pass


def test_an_engine_can_put_files_in_the_place_of_pixels():
    message = request(Keyframe(1, ImageRef(buffer=0, format=LAYOUT)), Keyframe(2))
    stored = replace_images(message, lambda picture: ImageRef("/kept/1.png"))
    assert stored == request(Keyframe(1, ImageRef("/kept/1.png")), Keyframe(2))
