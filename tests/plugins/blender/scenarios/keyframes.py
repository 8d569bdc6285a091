"""Keyframes of a strip: from the playhead, markers, pictures, files, the brush, the engine."""

from __future__ import annotations

from pathlib import Path

import bpy


def markers_become_keyframes(stage):
    plate = stage.sequence(start=10)
    plate.sparkvsr.policy = "manual"
    for name, frame in (("KEY 1", 12), ("key face", 17), ("cut", 14), ("KEY far", 90)):
        stage.scene.timeline_markers.new(name, frame=frame)
    assert stage.run("keyframes_from_markers") == {"FINISHED"}
    assert [item.content for item in plate.sparkvsr.keyframes] == [2, 7]
    plate.sparkvsr.keyframes[1].image = stage.plan["still"]
    plate.sparkvsr.keyframes[1].strength = 0.5
    result = stage.upscale(plate)
    entry = stage.job_list.entries[result.sparkvsr.job, 1]
    assert tuple(entry.report.keyframes) == (1003, 1008)


def painted_keyframe_is_noticed(stage):
    plate = stage.sequence(start=10)
    plate.sparkvsr.policy = "manual"
    stage.scene.frame_current = 12
    stage.run("keyframe_add")
    assert stage.run("keyframe_paint") == {"FINISHED"}, stage.notice
    stage.poll_until(lambda: plate.sparkvsr.keyframes[0].image, "the picture")
    painting = stage.module("keyframing.painting")
    path = painting.picture_of(plate.sparkvsr.keyframes[0])
    image = bpy.data.images.load(str(path), check_existing=True)
    assert tuple(image.size) == (192, 128)
    image.pixels[0] = 1.0
    image.save()
    stage.poll_until(lambda: "was saved" in stage.notice, "the edit")


def suggested_keyframes_come_with_reasons(stage):
    plate = stage.sequence(start=10)
    plate.sparkvsr.policy = "adaptive"
    plate.sparkvsr.budget = 2
    assert stage.run("suggest") == {"FINISHED"}
    runtime = stage.module("runtime")
    stage.poll_until(lambda: "suggest" not in runtime.get().previews, "the suggestion")
    assert 1 <= len(plate.sparkvsr.keyframes) <= 2, stage.notice
    assert all(item.reason for item in plate.sparkvsr.keyframes)


def confidence_is_kept_with_the_strip_and_names_the_next_keyframe(stage):
    plate = stage.sequence(start=10)
    plate.sparkvsr.policy = "manual"
    stage.scene.frame_current = 12
    stage.run("keyframe_add")
    result = stage.upscale(plate)
    stage.poll_until(lambda: result.sparkvsr.trust, "the confidence")
    confidence = stage.module("bridge_link")
    trust = confidence.unpacked(result.sparkvsr.trust)
    assert len(trust) == 12
    assert None not in trust
    bars = stage.module("sidebar.confidence_bar").bars_of(result, 1000)
    assert [(item.start, item.stop) for item in bars] == [(frame, frame + 1) for frame in range(10, 22)]
    assert stage.run("suggest_next") == {"FINISHED"}, stage.notice
    stage.poll_until(lambda: "suggest" not in stage.module("runtime").get().previews, "the next keyframe")
    assert len(plate.sparkvsr.keyframes) == 2, stage.notice
    assert stage.run("heat_map") == {"FINISHED"}, stage.notice
    stage.poll_until(stage.module("keyframing.previewing").current, "the heat map")
    picture = stage.module("keyframing.previewing").current()
    assert (stage.timing(picture).left, stage.timing(picture).right) == (12, 13)


def keyframes_come_and_go_with_undo(stage):
    stage.sequence(start=10)
    bpy.ops.ed.undo_push(message="before")
    stage.scene.frame_current = 15
    assert stage.run("keyframe_add") == {"FINISHED"}
    bpy.ops.ed.undo_push(message="after")
    assert [item.content for item in stage.named("plate").sparkvsr.keyframes] == [5]
    bpy.ops.ed.undo()
    assert len(stage.named("plate").sparkvsr.keyframes) == 0
    bpy.ops.ed.redo()
    assert [item.content for item in stage.named("plate").sparkvsr.keyframes] == [5]
    assert stage.run("keyframe_remove") == {"FINISHED"}
    assert len(stage.named("plate").sparkvsr.keyframes) == 0


def pictures_above_and_files_become_keyframes(stage):
    plate = stage.sequence(start=10)
    above = stage.strips.new_image(
        name="painted", filepath=stage.plan["still"], channel=3, frame_start=14, fit_method="ORIGINAL"
    )
    stage.module("host").set_handles(above, 14, 15)
    stage.activate(plate)
    assert stage.run("keyframes_from_strips") == {"FINISHED"}, stage.notice
    assert [(item.content, Path(item.image).name) for item in plate.sparkvsr.keyframes] == [(4, "still.png")]
    folder = str(Path(stage.plan["sequence"]).parent) + "/"
    names = [{"name": "plate.1002.png"}, {"name": "plate.1010.png"}, {"name": "plate.1060.png"}]
    assert stage.run("keyframes_from_files", directory=folder, files=names) == {"FINISHED"}, stage.notice
    assert [item.content for item in plate.sparkvsr.keyframes] == [1, 4, 9]
    assert Path(plate.sparkvsr.keyframes[2].image).name == "plate.1010.png"


def keyframes_of_a_small_stream_come_with_its_full_size(stage):
    runtime = stage.module("runtime")
    stream = stage.movie(start=10, path=stage.plan["stream"])
    assert stage.run("keyframes_from_stream") == {"FINISHED"}, stage.notice
    stage.poll_until(lambda: "suggest" not in runtime.get().previews, "the stream's keyframes")
    assert [(item.content, item.image) for item in stream.sparkvsr.keyframes] == [(2, ""), (7, "")], (
        stage.notice
    )
    assert stream.sparkvsr.scale == 2.0
    assert "2 keyframes from the small stream" in stage.notice


def a_strip_that_is_no_small_stream_keeps_its_list(stage):
    runtime = stage.module("runtime")
    shot = stage.movie(start=10)
    assert stage.run("keyframes_from_stream") == {"FINISHED"}, stage.notice
    stage.poll_until(lambda: "suggest" not in runtime.get().previews, "the answer")
    assert len(shot.sparkvsr.keyframes) == 0
    assert "brings no keyframes" in stage.notice
