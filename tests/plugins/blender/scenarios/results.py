"""What the extension must do in a real Blender with the real engine: a function per scenario of `inside`."""

from __future__ import annotations

import os
import signal
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


def markers_become_keyframes(stage):
    plate = stage.sequence(start=10)
    plate.sparkvsr.policy = "manual"
    for name, frame in (("KEY 1", 12), ("key face", 17), ("cut", 14), ("KEY far", 90)):
        stage.scene.timeline_markers.new(name, frame=frame)
    assert stage.run("keyframes_from_markers") == {"FINISHED"}
    assert [one.content for one in plate.sparkvsr.keyframes] == [2, 7]
    plate.sparkvsr.keyframes[1].image = stage.plan["still"]
    plate.sparkvsr.keyframes[1].strength = 0.5
    result = stage.upscale(plate)
    entry = stage.book.entries[result.sparkvsr.job, 1]
    assert tuple(entry.report.keyframes) == (1003, 1008)


def changed_keyframe_makes_a_version(stage):
    plate = stage.sequence(start=10)
    plate.sparkvsr.policy = "manual"
    stage.scene.frame_current = 12
    assert stage.run("keyframe_add") == {"FINISHED"}
    plate.sparkvsr.keyframes[0].image = stage.plan["still"]
    first = stage.upscale(plate)
    assert stage.run("update") == {"CANCELLED"}
    assert "Nothing changed" in stage.notice
    plate.sparkvsr.guidance = 0.5
    assert stage.run("update") == {"FINISHED"}, stage.notice
    stage.poll_until(lambda: stage.finished(plate, 2), "the second version")
    second = stage.results(plate)[1]
    assert second.sparkvsr.job == first.sparkvsr.job
    assert second.sparkvsr.version == 2
    assert second.channel == first.channel + 1
    assert [strip.mute for strip in (plate, first, second)] == [True, True, False]
    assert stage.run("toggle") == {"FINISHED"}
    assert [strip.mute for strip in (plate, first, second)] == [False, True, True]
    assert stage.run("toggle") == {"FINISHED"}
    assert [strip.mute for strip in (plate, first, second)] == [True, True, False]
    plate.sparkvsr.scale = 3.0
    assert stage.run("update") == {"CANCELLED"}
    assert "Scale" in stage.notice


def cancelled_job_keeps_the_original(stage):
    source = stage.sequence(start=1, numbers=range(1001, 1061), path=stage.plan["long"])
    source.sparkvsr.scale = 4.0
    assert stage.run("upscale") == {"FINISHED"}, stage.notice
    stage.poll_until(stage.book.active, "the job")
    job = stage.book.active()[0].report.job
    assert stage.run("cancel", job=job) == {"FINISHED"}
    stage.poll_until(lambda: stage.book.entries[job, 1].report.state == "cancelled", "the end")
    assert not source.mute
    assert all(strip.sparkvsr.state != "finished" for strip in stage.results(source))


def killed_engine_comes_back_and_the_strip_completes(stage):
    source = stage.sequence(start=1, numbers=range(1001, 1061), path=stage.plan["long"])
    assert stage.run("upscale") == {"FINISHED"}, stage.notice
    stage.poll_until(lambda: any(entry.landed for entry in stage.book.entries.values()), "the first frames")
    shown = stage.names(stage.results(source)[0])
    assert "001001.png" in shown, "frames appear while the job renders"
    engine = stage.describe_engine()
    assert stage.book.active(), "the job was over before the engine could be killed"
    os.kill(engine.pid, signal.SIGKILL)
    os.kill(engine.worker_pid, signal.SIGKILL)
    stage.poll_until(lambda: stage.finished(source), "the whole result")
    result = stage.results(source)[0]
    assert stage.names(result) == [f"{number:06d}.png" for number in range(1001, 1061)]
    for element in result.elements:
        assert (Path(bpy.path.abspath(result.directory)) / element.filename).is_file()
    assert stage.describe_engine().pid != engine.pid


def reopened_file_goes_on(stage):
    stage.sequence(start=1, numbers=range(1001, 1041), path=stage.plan["long"])
    assert stage.run("upscale") == {"FINISHED"}, stage.notice
    stage.poll_until(stage.book.active, "the job")
    stage.save("reopened.blend")
    stage.module("runtime").end()
    bpy.ops.wm.open_mainfile(filepath=str(stage.folder / "reopened.blend"))
    found = next(strip for strip in stage.strips if strip.name == "plate")
    stage.poll_until(lambda: stage.finished(found), "the result")
    assert len(stage.results(found)) == 1


def undone_result_does_not_come_back_by_itself(stage):
    source = stage.sequence(start=1)
    bpy.ops.ed.undo_push(message="before")
    stage.upscale(source)
    bpy.ops.ed.undo()
    bpy.ops.ed.undo()
    plate = next(strip for strip in stage.strips if strip.name == "plate")
    assert stage.results(plate) == []
    polling = stage.module("polling")
    for _ in range(5):
        polling.poll()
    assert stage.results(plate) == []
    job = next(iter(stage.book.entries.values())).report.job
    assert stage.run("place", job=job) == {"FINISHED"}
    polling.poll()
    plate = next(strip for strip in stage.strips if strip.name == "plate")
    assert len(stage.results(plate)) == 1


def preview_lies_over_its_frame(stage):
    stage.sequence(start=10)
    stage.scene.frame_current = 14
    assert stage.run("preview") == {"FINISHED"}, stage.notice
    previewing = stage.module("previewing")
    runtime = stage.module("runtime")
    stage.poll_until(lambda: previewing.current() and not runtime.get().previews, "the preview")
    shown = previewing.current()
    assert (stage.timing(shown).left, stage.timing(shown).right) == (14, 15)
    assert (shown.elements[0].orig_width, shown.elements[0].orig_height) == (192, 128)
    assert shown.transform.scale_x == 0.5
    picture = Path(bpy.path.abspath(shown.directory)) / shown.elements[0].filename
    assert stage.run("clear_preview") == {"FINISHED"}
    assert previewing.current() is None
    assert not picture.exists()


def painted_keyframe_is_noticed(stage):
    plate = stage.sequence(start=10)
    plate.sparkvsr.policy = "manual"
    stage.scene.frame_current = 12
    stage.run("keyframe_add")
    assert stage.run("keyframe_paint") == {"FINISHED"}, stage.notice
    stage.poll_until(lambda: plate.sparkvsr.keyframes[0].image, "the picture")
    painting = stage.module("painting")
    path = painting.picture_of(plate.sparkvsr.keyframes[0])
    image = bpy.data.images.load(str(path), check_existing=True)
    assert tuple(image.size) == (192, 128)
    image.pixels[0] = 1.0
    image.save()
    stage.poll_until(lambda: "was saved" in stage.notice, "the edit")


def missing_media_is_told(stage):
    plate = stage.sequence(start=1)
    plate.directory = str(stage.folder / "gone") + "/"
    assert stage.run("upscale") == {"CANCELLED"}
    assert "is missing" in stage.notice
    assert not stage.book.pending


def unsaved_file_is_told(stage):
    stage.open_empty(is_saved=False)
    stage.sequence(start=1)
    assert stage.run("upscale") == {"CANCELLED"}
    assert "Save the .blend file first" in stage.notice


def absent_engine_is_told(stage):
    source = stage.sequence(start=1)
    stage.preferences.program = str(stage.folder / "no such python")
    assert stage.run("upscale") == {"FINISHED"}
    stage.poll_until(lambda: stage.notice, "the report")
    assert "is not there" in stage.notice
    assert not stage.book.pending
    assert stage.results(source) == []
    stage.set_preferences()
    assert stage.upscale(source)


def connection_and_self_test_report(stage):
    assert stage.run("test_connection") == {"FINISHED"}
    stage.poll_until(lambda: stage.notice.startswith("Engine "), "the answer")
    assert any(model.name == "lite" for model in stage.book.models)
    assert stage.run("self_test") == {"FINISHED"}
    stage.poll_until(lambda: "Self-test" in stage.notice, "the report")
    text = bpy.data.texts["SparkVSR Self-Test"].as_string()
    assert "ok       Upscale: 3 frames" in text, text
    assert "PROBLEM" not in text, text


def suggested_keyframes_come_with_reasons(stage):
    plate = stage.sequence(start=10)
    plate.sparkvsr.policy = "adaptive"
    plate.sparkvsr.budget = 2
    assert stage.run("suggest") == {"FINISHED"}
    runtime = stage.module("runtime")
    stage.poll_until(lambda: "suggest" not in runtime.get().previews, "the suggestion")
    assert 1 <= len(plate.sparkvsr.keyframes) <= 2, stage.notice
    assert all(one.reason for one in plate.sparkvsr.keyframes)


def leaves_no_trace(stage):
    registering = stage.module("registering")
    strip = stage.sequence(start=1)
    assert strip.sparkvsr.scale == 2.0
    for _ in range(2):
        registering.unregister()
        assert not hasattr(strip, "sparkvsr")
        assert not hasattr(bpy.types, "SPARKVSR_PT_main")
        handlers = [*bpy.app.handlers.load_post, *bpy.app.handlers.undo_post, *bpy.app.handlers.redo_post]
        assert not [one for one in handlers if "sparkvsr" in one.__module__]
        assert not bpy.app.timers.is_registered(stage.module("polling").tick)
        registering.register()
    assert strip.sparkvsr.scale == 2.0
