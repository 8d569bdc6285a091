"""The process that shows frames: the engine's own frames, by their numbers, as a screen takes them."""

from __future__ import annotations

import importlib.util
import io
import json
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings, MediaUnreadable
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.cli import demo
from sparkvsr_engine.media.images import read_image, write_image
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.viewing.answering import PLAIN_VIEW, answer, serve
from sparkvsr_engine.viewing.display import AS_STORED, SHOULDER, DisplayWish, plain_view, rolled_off
from sparkvsr_engine.viewing.pictures import CLIPPED, Viewer, fitting

BUNNY = SourceMedia(str(Path(demo.__file__).parent / "demo_clip" / "bunny.mp4"))
PLAIN = DisplayWish()


@pytest.mark.parametrize("number", [0, 37, 71, 5])
def test_a_frame_is_the_engines_own(number: int):
    viewer = Viewer()
    picture = viewer.frame(BUNNY, number, PLAIN).pixels
    frames = open_source(probe(BUNNY))
    expected = frames.read(number).pixels.astype(np.float64) / 257
    frames.close()
    viewer.close()
    assert picture.shape == (180, 320, 4)
    assert np.abs(picture[..., 2::-1] - expected).max() <= 0.5 + 1e-6
    assert (picture[..., 3] == 255).all()


def test_a_thumbnail_keeps_its_shape():
    viewer = Viewer()
    picture = viewer.frame(BUNNY, 0, PLAIN, (160, 160))
    viewer.close()
    assert picture.pixels.shape == (90, 160, 4)
    assert (picture.full_width, picture.full_height) == (320, 180)
    assert fitting(100, 50, (400, 400)) == (100, 50), "nothing is enlarged"


def write_light(path: Path) -> Path:
    pixels = np.zeros((8, 8, 3), np.float16)
    pixels[:4] = 0.18
    pixels[4:] = 4.0
    write_image(path, pixels)
    return path


def test_light_goes_through_the_displays_view_and_not_as_codes(tmp_path: Path):
    path = write_light(tmp_path / "light.0001.exr")
    viewer = Viewer()
    usual = viewer.still(str(path), PLAIN).pixels
    untouched = viewer.still(str(path), DisplayWish(view=AS_STORED)).pixels
    plain = viewer.still(str(path), DisplayWish("sRGB - Display", "Un-tone-mapped")).pixels
    assert untouched[0, 0, 0] == round(0.18 * 255)
    # sRGB's curve at 0.18 is 0.461.
    assert abs(int(plain[0, 0, 0]) - round(0.461 * 255)) <= 1
    assert usual[0, 0, 0] != untouched[0, 0, 0]
    assert usual[7, 7, 0] < plain[7, 7, 0] == 255, "the usual view rolls highlights off"


def test_a_view_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path):
    path = write_light(tmp_path / "light.0001.exr")
    with pytest.raises(InvalidSettings, match="has no view 'Nowhere'"):
        Viewer().still(str(path), DisplayWish("sRGB - Display", "Nowhere"))


def test_a_file_that_is_gone_and_comes_back_is_shown_again(tmp_path: Path):
    path = write_light(tmp_path / "light.0001.exr")
    source = SourceMedia(str(tmp_path / "light.%04d.exr"))
    viewer = Viewer()
    viewer.frame(source, 1, PLAIN)
    hidden = path.rename(tmp_path / "elsewhere.exr")
    with pytest.raises(MediaUnreadable):
        viewer.frame(source, 1, PLAIN)
    hidden.rename(path)
    assert viewer.frame(source, 1, PLAIN).pixels.shape == (8, 8, 4)


def test_requests_are_answered_in_order_and_errors_are_answers():
    requests = [
        {"id": 1, "op": "describe", "path": BUNNY.path},
        {"id": 2, "op": "frame", "path": BUNNY.path, "number": 3, "fit": [32, 18]},
        {"id": 3, "op": "frame", "path": BUNNY.path, "number": 1000},
        {"id": 4, "op": "nothing"},
        {"id": 5, "op": "still", "path": "/nowhere/a.png"},
    ]
    answers = io.BytesIO()
    serve(io.BytesIO(b"\n".join(json.dumps(each).encode() for each in requests)), answers)
    answers.seek(0)
    replies = []
    for _ in requests:
        values = json.loads(answers.readline())
        assert len(answers.read(values.get("nbytes", 0))) == values.get("nbytes", 0)
        replies.append(values)
    assert [each["id"] for each in replies] == [1, 2, 3, 4, 5]
    assert replies[0]["info"]["last_frame"] == 71
    assert (replies[1]["width"], replies[1]["height"], replies[1]["nbytes"]) == (32, 18, 32 * 18 * 4)
    assert [each["error"]["code"] for each in replies[2:]] == [
        "media_unreadable",
        "invalid_settings",
        "media_unreadable",
    ]


def test_the_built_in_view_shows_light_of_every_strength(tmp_path: Path):
    """For want of OpenColorIO: as sRGB up to the shoulder, above it brighter light stays brighter."""
    strengths = np.array([-0.5, 0.0, 0.18, 0.5, SHOULDER, 1.0, 2.0, 4.0, 16.0], np.float32)
    path = tmp_path / "light.0001.exr"
    write_image(path, np.repeat(strengths[None, :, None], 3, axis=2))
    codes = plain_view(probe(SourceMedia(str(path))))(np.repeat(strengths[None, :, None], 3, axis=2))[0, :, 0]
    assert list(codes[:2]) == [0, 0]
    # sRGB's curve at 0.18, 0.5 and 0.6.
    assert list(codes[2:5]) == [118, 188, 203]
    assert (np.diff(codes[4:].astype(int)) > 0).all()
    assert codes[-1] < 255
    assert rolled_off(np.float32([1e4])) < 1


def test_light_shown_by_the_built_in_view_is_reported_when_it_is_opened(tmp_path: Path):
    write_light(tmp_path / "light.0001.exr")
    request = json.dumps({"op": "describe", "path": str(tmp_path / "light.%04d.exr")}).encode()
    values, _ = answer(Viewer(), request, io.BytesIO())
    has_ocio = importlib.util.find_spec("PyOpenColorIO") is not None
    assert (PLAIN_VIEW in values["warnings"]) != has_ocio


def test_values_that_are_clipped_as_stored_are_reported(tmp_path: Path):
    viewer = Viewer()
    path = write_light(tmp_path / "light.0001.exr")
    assert viewer.still(str(path), DisplayWish(view=AS_STORED)).note == CLIPPED
    assert viewer.still(str(path), PLAIN).note == ""
    write_image(tmp_path / "low.0001.exr", np.full((8, 8, 3), 0.4, np.float16))
    assert viewer.still(str(tmp_path / "low.0001.exr"), DisplayWish(view=AS_STORED)).note == ""


def test_a_preview_in_light_is_shown_as_the_sources_frames_are(tmp_path: Path):
    path = write_light(tmp_path / "light.0001.exr")
    source = str(tmp_path / "light.%04d.exr")
    pixels = read_image(path).pixels.astype(np.float32)
    light = {"op": "light", "path": source, "width": 8, "height": 8, "channels": 3, "sample": "float32"}
    wrong = {**light, "width": 9}
    payload = pixels.tobytes()
    requests = b"".join(
        json.dumps({**request, "payload": len(payload)}).encode() + b"\n" + payload
        for request in (light, wrong, light)
    )
    answers = io.BytesIO()
    serve(io.BytesIO(requests), answers)
    answers.seek(0)
    first = json.loads(answers.readline())
    picture = answers.read(first["nbytes"])
    assert "error" in json.loads(answers.readline()), "what does not fit is an answer, and no picture"
    assert answers.read(json.loads(answers.readline())["nbytes"]) == picture
    expected = Viewer().frame(SourceMedia(source), 1, PLAIN).pixels
    assert np.array_equal(np.frombuffer(picture, np.uint8).reshape(8, 8, 4), expected)
