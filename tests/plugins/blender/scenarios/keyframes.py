"""Keyframes of a strip: from the playhead, markers, pictures, files, the brush, the engine."""

from __future__ import annotations

import bpy


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


def suggested_keyframes_come_with_reasons(stage):
    plate = stage.sequence(start=10)
    plate.sparkvsr.policy = "adaptive"
    plate.sparkvsr.budget = 2
    assert stage.run("suggest") == {"FINISHED"}
    runtime = stage.module("runtime")
    stage.poll_until(lambda: "suggest" not in runtime.get().previews, "the suggestion")
    assert 1 <= len(plate.sparkvsr.keyframes) <= 2, stage.notice
    assert all(one.reason for one in plate.sparkvsr.keyframes)
