"""Damaged files in a sequence: each costs its own frame, which shows its neighbour, or ends the job."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import OutputTarget
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import OutputRequest
from sparkvsr_engine.media.faults import FrameDamaged
from sparkvsr_engine.media.opening import open_sink, open_source, plan_output
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.media.sequences.picture_files.pictures import read_picture
from sparkvsr_engine.media.sequences.standing_in import nearest_whole
from sparkvsr_engine.media.sequences.survey import surveyed
from sparkvsr_engine.media.timecode import Timecode
from tests.compatibility.claims import covers
from tests.fakes.exr import Part, channels, read_exr, texture, write_exr
from tests.fakes.ffmpeg import raw_frames
from tests.fakes.media import number_in, numbered_picture, write_picture, write_sequence

CUT = {
    "exr": "float16",
    "png": "uint16",
    "tif": "uint16",
    "jpg": "uint8",
    "dpx": "uint16",
    "tga": "uint8",
    "bmp": "uint8",
    "webp": "uint8",
    "hdr": "float32",
    "jp2": "uint8",
    "sgi": "uint8",
    "ppm": "uint8",
}
DAMAGE = {
    "empty": lambda _: b"",
    "no picture": lambda _: b"not a picture at all",
    "cut in its head": lambda data: data[:40],
    "cut in the middle": lambda data: data[: len(data) // 2],
    "cut at its end": lambda data: data[: len(data) * 95 // 100],
    "zeros": lambda data: bytes(len(data)),
}


def look(path, first=None, last=None):
    return probe(SourceMedia(str(path), first, last))


def spoil(path, how="cut in the middle"):
    path.write_bytes(DAMAGE[how](path.read_bytes()))


@covers(
    "kinds of pictures",
    "L. Damage, and one reader for one file",
    variants=", ".join(CUT),
    result="a file cut short in its head, middle or end, empty, of zeros or no picture costs one frame: it"
    " shows the nearest whole one before it, else after it, or ends the job (`--on-damage`)",
)
@pytest.mark.parametrize("kind", CUT)
@pytest.mark.parametrize("how", DAMAGE)
def test_damage_costs_one_frame_in_every_format(tmp_path, kind, how):
    pattern = write_sequence(tmp_path, f"a.%04d.{kind}", range(1, 5), sample=CUT[kind])
    spoil(tmp_path / f"a.0003.{kind}", how)
    info = surveyed(look(pattern), conceals=True)
    frames = [open_source(info, conceals=True).read(number) for number in info.span]
    assert [frame.is_concealed for frame in frames] == [False, False, True, False]
    assert np.array_equal(frames[2].pixels, frames[1].pixels)
    assert number_in(np.clip(frames[3].pixels, 0, None)) == 4
    with pytest.raises(FrameDamaged, match="--on-damage conceal"):
        open_source(info).read(3)


@given(
    frames=st.lists(st.sampled_from(["whole", "damaged", "odd"]), min_size=1, max_size=9),
    at=st.integers(0, 8),
)
def test_the_nearest_before_stands_in_else_the_nearest_after(frames, at):
    number = at % len(frames)

    def read(frame):
        if frames[frame] == "whole":
            return frame
        raise {"damaged": FrameDamaged, "odd": MediaUnreadable}[frames[frame]](f"{frame}")

    whole = [item for item, state in enumerate(frames) if state == "whole"]
    before = [item for item in whole if item <= number]
    if frames[number] == "odd" or not whole:
        with pytest.raises(MediaUnreadable, match=f"^{number}$"):
            nearest_whole(number, FrameSpan(0, len(frames)), read)
    else:
        expected = before[-1] if before else whole[0]
        assert nearest_whole(number, FrameSpan(0, len(frames)), read) == (expected, expected)


@pytest.mark.parametrize(("bad", "shows"), [([1], 2), ([1, 2], 3), ([4], 3), ([3, 4], 2)])
def test_the_first_and_the_last_frames_may_be_damaged_too(tmp_path, bad, shows):
    pattern = write_sequence(tmp_path, "a.%04d.png", range(1, 5))
    for number in bad:
        spoil(tmp_path / f"a.{number:04d}.png", "empty")
    info = surveyed(look(pattern), conceals=True)
    assert (info.width, info.span) == (96, FrameSpan(1, 5))
    source = open_source(info, conceals=True)
    assert {number_in(source.read(number).pixels) for number in bad} == {shows}


def test_a_sequence_without_a_whole_frame_is_refused(tmp_path):
    pattern = write_sequence(tmp_path, "a.%04d.png", range(1, 4))
    for path in tmp_path.iterdir():
        spoil(path)
    with pytest.raises(MediaUnreadable, match=r"a\.0001\.png"):
        open_source(look(pattern), conceals=True).read(1)
    for path in tmp_path.iterdir():
        spoil(path, "empty")
    with pytest.raises(FrameDamaged, match="0 bytes"):
        look(pattern)


def test_what_is_no_damage_is_not_concealed(tmp_path):
    pattern = write_sequence(tmp_path, "a.%04d.png", range(1, 4))
    write_picture(tmp_path / "a.0002.png", numbered_picture(2, 128, 64))
    with pytest.raises(MediaUnreadable, match="128x64") as raised:
        surveyed(look(pattern), conceals=True)
    assert not isinstance(raised.value, FrameDamaged)


def carried_through(source, target, conceals=True):
    """A sequence written as it was read: (files by number, warnings of the end)."""
    info = surveyed(look(source), conceals)
    request = OutputRequest(
        OutputTarget(str(target)), info.span, info.width, info.height, target.parent, conceals=conceals
    )
    plan = plan_output(info, request)
    sink, frames = open_sink(plan), open_source(info, conceals)
    with sink.open_run(info.span) as run:
        for number in info.span:
            model = plan.colour.to_model(frames.read(number).pixels[..., : plan.channels])
            run.write(plan.colour.from_model(model, plan.sample))
    return dict(zip(info.span, sink.files_of(info.span), strict=True)), sink.finish([info.span])


@pytest.mark.slow
def test_headers_of_a_concealed_frame_count_on(tmp_path):
    for number in range(1, 4):
        code = Timecode(1, 0, 0, number).pack()
        clocks = {"smpte:TimeCode": ("timecode", (code, 0)), "framesPerSecond": ("rational", (24, 1))}
        write_sequence(tmp_path / "in", "a.%04d.exr", [number], clocks, sample="float16")
    spoil(tmp_path / "in" / "a.0002.exr", "empty")
    files, _ = carried_through(tmp_path / "in" / "a.%04d.exr", tmp_path / "out" / "%04d.exr")
    codes = [str(read_exr(files[number])[0][1]["timeCode"])[:12] for number in (1, 2, 3)]
    assert codes == ["(1, 0, 0, 1,", "(1, 0, 0, 2,", "(1, 0, 0, 3,"]


def test_damaged_layers_are_those_of_the_neighbour_and_reported(tmp_path):
    size = (64, 48)
    for number in range(3):
        depth = np.full(size[::-1], number, "f4") + texture(*size)[..., 0].astype("f4")
        parts = [Part(channels(texture(*size)), "rgba"), Part({"Z": depth}, "depth")]
        write_exr(tmp_path / "in" / f"a.{number:04d}.exr", *parts)
    spoil(tmp_path / "in" / "a.0001.exr", "cut at its end")
    source = tmp_path / "in" / "a.%04d.exr"
    read_picture(tmp_path / "in" / "a.0001.exr")
    files, warnings = carried_through(source, tmp_path / "out" / "%04d.exr")
    layers = {number: read_exr(path)[1][2]["Z"] for number, path in files.items()}
    assert np.array_equal(layers[1], layers[0])
    assert not np.array_equal(layers[2], layers[0])
    assert "picture of 1 cannot be decoded" in " ".join(warnings)
    with pytest.raises(FrameDamaged):
        carried_through(source, tmp_path / "stopped" / "%04d.exr", conceals=False)


def codes_of(path):
    """Integers of a picture by OpenCV's word, of DPX, which it does not read, by FFmpeg's."""
    if path.suffix == ".dpx":
        return raw_frames(path, "rgb48le", np.uint16).reshape(64, 96, 3)
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_UNCHANGED))[..., ::-1]


MIXED = {
    "8 and 16 bit PNG": ("png", "uint8", "uint16", "uint16"),
    "16 and 8 bit PNG": ("png", "uint16", "uint8", "uint16"),
    "8 and 16 bit TIFF": ("tif", "uint8", "uint16", "uint16"),
    "half and float EXR": ("exr", "float16", "float32", "float32"),
    "float and half EXR": ("exr", "float32", "float16", "float32"),
    "8 and 16 bit DPX": ("dpx", "uint8", "uint16", "uint16"),
}


@covers(
    "kinds of pictures",
    "B. Integers and floats, mixed depths",
    variants=", ".join(MIXED),
    result="reported before rendering; every frame is written with the deepest samples, with its own light;"
    " integers among floats are refused",
)
@pytest.mark.parametrize("case", MIXED)
def test_frames_of_several_depths_keep_the_deepest(tmp_path, case):
    kind, first, second, deepest = MIXED[case]
    for number, sample in ((1, first), (2, second), (3, first)):
        write_sequence(tmp_path / "in", f"a.%04d.{kind}", [number], sample=sample)
    source = tmp_path / "in" / f"a.%04d.{kind}"
    info = surveyed(look(source), conceals=True)
    assert info.sample == deepest
    named = [number for number, sample in ((1, first), (2, second), (3, first)) if sample != deepest]
    words = f"Frame 2 of {source}" if named == [2] else f"Frames 1, 3 of {source}"
    assert any(note.startswith(words) for note in info.notes)
    files, _ = carried_through(source, tmp_path / "out" / f"%04d.{kind}")
    for number, path in files.items():
        if kind == "exr":
            result = read_exr(path)[0][2]
            pixels = np.stack([result[name] for name in "RGB"], -1).astype(float)
            assert {str(values.dtype) for values in result.values()} == {deepest}
        else:
            pixels = codes_of(path)
            assert pixels.dtype == deepest
            pixels = pixels / np.iinfo(deepest).max
        assert np.abs(pixels - numbered_picture(number, sample="float32")).max() < 3e-3


def test_integers_among_floats_are_refused(tmp_path):
    write_sequence(tmp_path, "a.%04d.tif", [1, 3], sample="uint16")
    write_sequence(tmp_path, "a.%04d.tif", [2], sample="float32")
    with pytest.raises(MediaUnreadable, match=r"frame 2 .* holds float32, but the first frame uint16"):
        surveyed(look(tmp_path / "a.%04d.tif"), conceals=True)


@covers(
    "pictures", "PNG", kept="colour where some frames are stored as grey", reported="frames of other tags"
)
@pytest.mark.parametrize("grey", [[1], [2], [1, 3]])
def test_frames_that_were_stored_as_grey_do_not_make_the_others_grey(tmp_path, grey):
    for number in (1, 2, 3):
        pixels = numbered_picture(number)
        write_picture(tmp_path / f"a.{number:04d}.png", pixels[..., :1] if number in grey else pixels)
    files, _ = carried_through(tmp_path / "a.%04d.png", tmp_path / "out" / "%04d.png")
    for number, path in files.items():
        expected = numbered_picture(number)
        expected = np.repeat(expected[..., :1], 3, 2) if number in grey else expected
        assert np.array_equal(cv2.imread(str(path))[..., ::-1], expected)


def test_frames_with_other_tags_or_layers_are_named(tmp_path):
    depth = {"Z": np.ones((16, 24), "f4")}
    for number in (1, 2, 3):
        layers = {} if number == 1 else {**depth, **channels(texture(), "key.")}
        header = {"chromaticities": (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)}
        path = tmp_path / f"a.{number:04d}.exr"
        write_exr(path, {**channels(texture()), **layers}, **(header if number == 3 else {}))
    info = surveyed(look(tmp_path / "a.%04d.exr"), conceals=True)
    assert set(info.beside) == {"Z", "key"}
    text = " ".join(info.notes)
    assert f"Frame 3 of {info.path} is tagged with other colours" in text
    assert f"Frame 1 of {info.path} lacks the layer key" in text
