import threading
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_bridge.errors import OutputUnwritable
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import OutputTarget
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media import images
from sparkvsr_engine.media.base import OutputRequest
from sparkvsr_engine.media.opening import open_sink, plan_output
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.media.sequences.picture_files.pictures import read_header, read_picture
from sparkvsr_engine.media.timecode import Timecode
from tests.fakes.media import numbered_picture, write_movie, write_sequence

ACESCG = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)


def make_sink(info, target, work):
    request = OutputRequest(OutputTarget(str(target)), info.span, info.width, info.height, work)
    plan = plan_output(info, request)
    return open_sink(plan), plan


@pytest.mark.parametrize(
    ("name", "sample"),
    [("o.%04d.png", "uint8"), ("o.%04d.png", "uint16"), ("o.%04d.tif", "uint16"), ("o.%04d.exr", "float16")],
)
def test_written_frames_are_the_given_ones(tmp_path, name, sample):
    source = write_sequence(tmp_path / "in", name, range(5, 9), sample=sample)
    sink, plan = make_sink(probe(SourceMedia(str(source))), tmp_path / "deep" / "out" / name, tmp_path)
    assert (plan.sample, plan.channels) == (sample, 3)
    with sink.open_run(FrameSpan(5, 9)) as run:
        for number in range(5, 9):
            run.write(numbered_picture(number, sample=sample))
    paths = sink.files_of(FrameSpan(5, 9))
    assert [path.name for path in paths] == [name % number for number in range(5, 9)]
    for number, path in zip(range(5, 9), paths, strict=True):
        assert np.array_equal(read_picture(path)[1], numbered_picture(number, sample=sample))
    assert not list(tmp_path.rglob("*.partial*"))


def test_a_sequences_headers_come_along_frame_by_frame(tmp_path):
    folder = tmp_path / "in"
    for number in range(1, 4):
        attributes = {
            "PixelAspectRatio": 2.0,
            "smpte:TimeCode": ("timecode", (Timecode(1, 0, 0, number).pack(), 0)),
            "FramesPerSecond": ("rational", (24000, 1001)),
            "chromaticities": ("float[8]", ACESCG),
            "oiio:ColorSpace": "ACEScg",
            "shot": f"sh{number:03d}",
        }
        write_sequence(folder, "a.%04d.exr", [number], attributes, sample="float16")
    sink, plan = make_sink(probe(SourceMedia(str(folder))), tmp_path / "out" / "b.%04d.exr", tmp_path)
    assert plan.colour.keeps_colour
    with sink.open_run(FrameSpan(1, 4)) as run:
        for number in range(1, 4):
            run.write(numbered_picture(number, sample="float16"))
    for number, path in zip(range(1, 4), sink.files_of(FrameSpan(1, 4)), strict=True):
        result = read_header(path).attributes
        assert result["PixelAspectRatio"].value == 2.0
        assert Timecode.unpack(result["smpte:TimeCode"].value[0]) == Timecode(1, 0, 0, number)
        assert result["framesPerSecond"].value == (24000, 1001)
        assert result["chromaticities"].value == pytest.approx(ACESCG)
        assert result["colorInteropID"].value == "lin_ap1_scene"
        assert result["shot"].value == f"sh{number:03d}"
        assert result["compression"].value == "zip"


def test_a_movies_timecode_counts_on_in_the_pictures(tmp_path):
    movie = write_movie(
        tmp_path / "a.mov",
        frames=6,
        timecode="01:00:00:22",
        codec="prores_ks",
        pixel_format="yuv422p10le",
        options={"profile": "proxy"},
    )
    sink, plan = make_sink(probe(SourceMedia(str(movie), 1, 4)), tmp_path / "b.%04d.exr", tmp_path)
    with sink.open_run(FrameSpan(1, 5)) as run:
        for number in range(1, 5):
            run.write(numbered_picture(number, sample=plan.sample))
    result = [read_header(path).attributes for path in sink.files_of(FrameSpan(1, 5))]
    codes = [str(Timecode.unpack(each["smpte:TimeCode"].value[0])) for each in result]
    assert codes == ["01:00:00:23", "01:00:01:00", "01:00:01:01", "01:00:01:02"]
    assert result[0]["framesPerSecond"].value == (24000, 1001)
    assert not plan.colour.keeps_colour
    assert result[0]["chromaticities"].value[:2] == pytest.approx((0.64, 0.33))


def write_frames(sink, span, numbers, error=None):
    with sink.open_run(span) as run:
        for number in numbers:
            run.write(numbered_picture(number))
        if error:
            raise error


def test_frames_finished_before_an_error_stay_and_none_is_half_written(tmp_path):
    source = write_sequence(tmp_path / "in", "a.%04d.png", range(1, 7))
    sink, _ = make_sink(probe(SourceMedia(str(source))), tmp_path / "out" / "a.%04d.png", tmp_path)
    with pytest.raises(RuntimeError, match="fell over"):
        write_frames(sink, FrameSpan(1, 7), range(1, 4), RuntimeError("the restorer fell over"))
    for path in (tmp_path / "out").iterdir():
        assert read_picture(path)[1].shape == (64, 96, 3)


def test_a_disk_that_fails_is_reported_to_the_writer(tmp_path):
    source = write_sequence(tmp_path / "in", "a.%04d.png", range(1, 7))
    sink, _ = make_sink(probe(SourceMedia(str(source))), tmp_path / "out" / "a.%04d.png", tmp_path)
    (tmp_path / "out").rmdir()
    with pytest.raises(OutputUnwritable, match="folder is not there"):
        write_frames(sink, FrameSpan(1, 7), range(1, 7))


def test_a_run_that_is_not_complete_is_a_defect_of_the_caller(tmp_path):
    source = write_sequence(tmp_path / "in", "a.%04d.png", range(1, 7))
    sink, _ = make_sink(probe(SourceMedia(str(source))), tmp_path / "out" / "a.%04d.png", tmp_path)
    with pytest.raises(ValueError, match="to 1 only"):
        write_frames(sink, FrameSpan(1, 7), [1])


def test_a_slow_disk_slows_the_caller_instead_of_filling_the_memory(tmp_path, monkeypatch):
    source = write_sequence(tmp_path / "in", "a.%04d.png", range(1, 41))
    info = probe(SourceMedia(str(source)))
    sink, _ = make_sink(info, tmp_path / "out" / "a.%04d.png", tmp_path)
    gate, inputs = threading.Event(), []
    real = images._write

    def stuck(*arguments):
        gate.wait()
        real(*arguments)

    monkeypatch.setattr(images, "_write", stuck)

    def caller():
        with sink.open_run(FrameSpan(1, 41)) as run:
            for number in range(1, 41):
                run.write(numbered_picture(number))
                inputs.append(number)

    thread = threading.Thread(target=caller)
    thread.start()
    thread.join(timeout=0.3)
    assert thread.is_alive()
    assert len(inputs) <= 8
    gate.set()
    thread.join()
    assert len(list(Path(tmp_path / "out").iterdir())) == 40
