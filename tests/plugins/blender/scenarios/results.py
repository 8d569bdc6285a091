"""A strip goes out and comes back: place, length, size, colour and pixels of the result."""

from __future__ import annotations

from pathlib import Path

import bpy
from inside import largest_difference, pixels_of


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


def rendered_strip_equals_the_engines_file(stage):
    source = stage.sequence(start=1)
    result = stage.upscale(source)
    render = stage.scene.render
    render.resolution_x, render.resolution_y = 192, 128
    result.transform.scale_x = result.transform.scale_y = 1.0
    picture = stage.render(5, "check.png")
    made = Path(bpy.path.abspath(result.directory)) / result.elements[4].filename
    assert made.name == "001005.png"
    assert largest_difference(picture, made) == 0


def image_sequence_comes_back_in_its_place(stage):
    source = stage.sequence(start=20, channel=3)
    other = stage.strips.new_image(
        name="in the way", filepath=str(stage.plan["still"]), channel=4, frame_start=25, fit_method="ORIGINAL"
    )
    stage.activate(source)
    source.colorspace_settings.name = "Non-Color"
    result = stage.upscale(source)
    assert other.channel == 4
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
    shown = pixels_of(stage.render(107, "up.png"))
    result.mute, movie.mute = True, False
    original = pixels_of(stage.render(107, "source.png"))
    average = sum(abs(a - b) for a, b in zip(shown[2], original[2], strict=True)) / len(shown[2])
    assert average < 0.06, average


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
        there = plate.strip_elem_from_frame(frame).filename
        ours = result.strip_elem_from_frame(frame).filename
        assert int(ours[:6]) == int(there[-8:-4]), (frame, there, ours)


def retimed_strip_is_rendered_first(stage):
    plate = stage.sequence(start=1, numbers=range(1001, 1007))
    plate.use_reverse_frames = True
    result = stage.upscale(plate)
    assert result.elements[0].filename.endswith(".exr")
    assert len(result.elements) == 6
    assert (stage.timing(result).left, stage.timing(result).right) == (1, 7)
    render = stage.scene.render
    render.resolution_x, render.resolution_y = 96, 64
    shown = pixels_of(stage.render(2, "up.png"))
    result.mute, plate.mute = True, False
    original = pixels_of(stage.render(2, "source.png"))
    average = sum(abs(a - b) for a, b in zip(shown[2], original[2], strict=True)) / len(shown[2])
    assert average < 0.06, average
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
