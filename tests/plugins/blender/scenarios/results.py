"""A strip goes out and comes back: place, length, size, colour and pixels of the result."""

from __future__ import annotations

import subprocess
from pathlib import Path

import bpy
from inside import frame_in, largest_difference, pixels_of


def movie_strip_comes_back_larger(stage):
    source = stage.movie(start=10)
    source.transform.offset_x, source.blend_alpha = 4.0, 0.75
    result = stage.upscale(source)
    assert source.mute
    assert not result.mute
    assert stage.timing(result).left == 10
    assert stage.timing(result).right == 34
    assert result.channel == 2
    assert len(result.elements) == 24
    assert (result.elements[0].orig_width, result.elements[0].orig_height) == (192, 128)
    assert (result.transform.scale_x, result.transform.scale_y) == (0.5, 0.5)
    assert result.transform.offset_x == 4.0
    assert result.blend_alpha == 0.75
    assert result.colorspace_settings.name == source.colorspace_settings.name
    assert stage.names(result)[0] == "000000.png"


def long_strip_grows_over_several_ticks(stage):
    placing = stage.module("sequencer.placing")
    placing._GROW_SECONDS = 0.0
    lengths = []
    real = placing._grow

    def counted(strip, entry, order):
        is_grown = real(strip, entry, order)
        lengths.append(len(strip.elements))
        return is_grown

    placing._grow = counted
    source = stage.sequence(start=50)
    stage.module("host").set_handles(source, 48, 60)
    result = stage.upscale(source)
    assert lengths == [*range(2, 11), 10]
    assert not result.sparkvsr.is_growing
    assert (stage.timing(result).left, stage.timing(result).right) == (48, 60)
    assert stage.names(result) == [f"{number:06d}.png" for number in range(1001, 1011)]


def rendered_strip_equals_the_engines_file(stage):
    source = stage.sequence(start=1)
    result = stage.upscale(source)
    render = stage.scene.render
    render.resolution_x, render.resolution_y = 192, 128
    result.transform.scale_x = result.transform.scale_y = 1.0
    picture = stage.render(5, "check.png")
    file = Path(bpy.path.abspath(result.directory)) / result.elements[4].filename
    assert file.name == "001005.png"
    assert largest_difference(picture, file) == 0


def image_sequence_comes_back_in_its_place(stage):
    source = stage.sequence(start=20, channel=3)
    second = stage.strips.new_image(
        name="in the way", filepath=str(stage.plan["still"]), channel=4, frame_start=25, fit_method="ORIGINAL"
    )
    stage.activate(source)
    source.colorspace_settings.name = "Non-Color"
    result = stage.upscale(source)
    assert second.channel == 4
    assert result.channel == 5
    assert (stage.timing(result).left, stage.timing(result).right) == (20, 32)
    assert stage.names(result) == [f"{number:06d}.png" for number in range(1001, 1013)]
    assert result.colorspace_settings.name == "Non-Color"


def trimmed_strip_takes_the_right_frames(stage):
    host = stage.module("host")
    movie = stage.movie(start=100)
    host.set_handles(movie, 105, 112)
    result = stage.upscale(movie)
    assert stage.names(result) == [f"{number:06d}.png" for number in range(5, 12)]
    assert (stage.timing(result).left, stage.timing(result).right) == (105, 112)
    picture = [stage.file_at(result, frame) for frame in range(105, 112)]
    assert [frame_in(path, stage.plan["movie_frames"], range(24)) for path in picture] == [*range(5, 12)]


def held_and_offset_strip_is_covered_whole(stage):
    host = stage.module("host")
    plate = stage.sequence(start=50)
    trim = "content_trim_start" if hasattr(plate, "content_trim_start") else "animation_offset_start"
    setattr(plate, trim, 2)
    begins = stage.timing(plate).content_start
    host.set_handles(plate, begins - 3, begins + 6)
    result = stage.upscale(plate)
    assert stage.names(result) == [f"{number:06d}.png" for number in range(1003, 1009)]
    assert (stage.timing(result).left, stage.timing(result).right) == (begins - 3, begins + 6)
    for frame in (begins - 3, begins, begins + 5):
        source_number = int(stage.file_at(plate, frame).stem[-4:])
        result_number = frame_in(stage.file_at(result, frame), stage.plan["sequence"], range(1001, 1013))
        assert result_number == source_number, (frame, source_number, result_number)


def retimed_strip_is_rendered_first(stage):
    plate = stage.sequence(start=1, numbers=range(1001, 1007))
    plate.use_reverse_frames = True
    result = stage.upscale(plate)
    assert result.elements[0].filename.endswith(".exr")
    assert len(result.elements) == 6
    assert (stage.timing(result).left, stage.timing(result).right) == (1, 7)
    picture = [stage.file_at(result, frame) for frame in range(1, 7)]
    numbers = [frame_in(path, stage.plan["sequence"], range(1001, 1007)) for path in picture]
    assert numbers == [1006, 1005, 1004, 1003, 1002, 1001]
    assert not list(Path(stage.folder).glob("*.blend1"))


def meta_strip_is_rendered_first(stage):
    inner = stage.sequence(start=1, numbers=range(1001, 1005))
    meta = stage.strips.new_meta(name="group", channel=2, frame_start=1)
    inner.move_to_meta(meta)
    stage.module("host").set_handles(meta, 1, 5)
    stage.activate(meta)
    result = stage.upscale(meta)
    assert len(result.elements) == 4
    assert (result.elements[0].orig_width, result.elements[0].orig_height) == (192, 128)
    assert result.channel > meta.channel


def linear_pictures_stay_linear_and_unclamped(stage):
    plate = stage.sequence(start=1, numbers=range(1, 7), path=stage.plan["linear"])
    plate.colorspace_settings.name = "Linear Rec.709"
    result = stage.upscale(plate)
    assert result.elements[0].filename == "000001.exr"
    assert result.colorspace_settings.name == "Linear Rec.709"
    pixels = pixels_of(stage.file_at(result, 3))
    assert pixels[:2] == (192, 128)
    assert max(pixels[2]) > 2, max(pixels[2])
    assert min(pixels[2]) < -0.1, min(pixels[2])


def movie_of_another_rate_than_the_scene_keeps_its_place(stage):
    stage.scene.render.fps = 12
    source = stage.movie(start=1)
    result = stage.upscale(source)
    assert (stage.timing(result).left, stage.timing(result).right) == (
        stage.timing(source).left,
        stage.timing(source).right,
    )
    assert len(result.elements) == stage.timing(source).frames


def copied_strip_has_results_of_its_own(stage):
    source = stage.sequence(start=1, numbers=range(1001, 1005))
    stage.upscale(source)
    for strip in stage.strips:
        strip.select = strip.name == source.name
    copy = stage.sequence(start=40, numbers=range(1001, 1005))
    copy.sparkvsr.token = source.sparkvsr.token
    assert stage.run("upscale") == {"FINISHED"}, stage.notice
    stage.poll_until(lambda: stage.finished(copy), "the copy's result")
    assert copy.sparkvsr.token != source.sparkvsr.token
    assert [stage.timing(item).left for item in stage.results(copy)] == [40]
    assert [stage.timing(item).left for item in stage.results(source)] == [1]


def a_farms_bundle_makes_the_frames_of_a_job(stage):
    source = stage.sequence(start=10, numbers=range(1001, 1005))
    source.sparkvsr.scale = 2.0
    assert stage.run("farm") == {"FINISHED"}, stage.notice
    stage.poll_until(lambda: not stage.job_list.pending, "the bundle")
    assert "bundle was written" in stage.notice, stage.notice
    (bundle,) = stage.folder.rglob("farm/template.json")
    frames = bundle.parents[1]
    for step in (("prepare",), ("render", "--first", "1001", "--count", "4"), ("join",)):
        words = [stage.plan["engine"], "farm", step[0], str(bundle.parent), *step[1:]]
        done = subprocess.run(words, capture_output=True, text=True, timeout=200, check=False)
        assert done.returncode == 0, done.stderr
    result = stage.upscale(source)
    for number in range(1001, 1005):
        name = f"{number:06d}.png"
        assert largest_difference(frames / name, Path(bpy.path.abspath(result.directory)) / name) == 0


def a_farms_bundle_of_a_changed_strip_is_of_rendered_frames(stage):
    source = stage.movie(start=10)
    source.use_reverse_frames = True
    assert stage.run("farm") == {"FINISHED"}, stage.notice
    stage.poll_until(lambda: not stage.job_list.pending, "the bundle")
    assert "bundle was written" in stage.notice, stage.notice
    (bundle,) = stage.folder.rglob("farm/parameters.json")
    assert "renders" in bundle.read_text("utf-8")
