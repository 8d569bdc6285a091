"""Versions of a result, comparing them, undo, and the preview of one frame."""

from __future__ import annotations

from pathlib import Path

import bpy


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


def damage_makes_another_picture_in_a_version(stage):
    plate = stage.sequence(start=10)
    plate.sparkvsr.policy = "none"
    plate.sparkvsr.judges_damage = False
    plate.sparkvsr.damage = 0.0
    stage.upscale(plate)
    plate.sparkvsr.damage = 1.0
    assert stage.run("update") == {"FINISHED"}, stage.notice
    stage.poll_until(lambda: stage.finished(plate, 2), "the second version")
    remaining, taken_away = stage.results(plate)
    assert remaining.sparkvsr.job == taken_away.sparkvsr.job
    assert _first_picture(remaining) != _first_picture(taken_away)


def shot_that_was_learnt_is_learnt_again(stage):
    plate = stage.sequence(start=10)
    plate.sparkvsr.policy = "manual"
    plate.sparkvsr.learns = True
    plate.sparkvsr.look = "propagate"
    stage.scene.frame_current = 12
    assert stage.run("keyframe_add") == {"FINISHED"}
    plate.sparkvsr.keyframes[0].image = stage.plan["still"]
    assert stage.run("learn_again") == {"CANCELLED"}
    assert "no result" in stage.notice
    stage.upscale(plate)
    assert stage.run("update") == {"CANCELLED"}
    assert "Nothing changed" in stage.notice
    # Of the keyframes as they were the same would be learnt, and every frame kept.
    plate.sparkvsr.keyframes[0].strength = 0.5
    assert stage.run("learn_again") == {"FINISHED"}, stage.notice
    stage.poll_until(lambda: stage.finished(plate, 2), "the version that is learnt again")
    second = stage.results(plate)[1]
    report = stage.job_list.entries[second.sparkvsr.job, 2].report
    assert (report.version, report.frames_reused) == (2, 0)
    assert any("learn" in note for note in (*report.run_notes, *report.warnings)), report


def _first_picture(strip):
    return (Path(bpy.path.abspath(strip.directory)) / strip.elements[0].filename).read_bytes()


def undone_result_does_not_come_back_by_itself(stage):
    source = stage.sequence(start=1)
    bpy.ops.ed.undo_push(message="before")
    stage.upscale(source)
    bpy.ops.ed.undo()
    bpy.ops.ed.undo()
    plate = stage.named("plate")
    assert stage.results(plate) == []
    polling = stage.module("polling")
    for _ in range(5):
        polling.poll()
    assert stage.results(plate) == []
    job = next(iter(stage.job_list.entries.values())).report.job
    assert stage.run("place", job=job) == {"FINISHED"}
    polling.poll()
    plate = stage.named("plate")
    assert len(stage.results(plate)) == 1


def preview_lies_over_its_frame(stage):
    plate = stage.sequence(start=10)
    # At a size nothing was rendered at, so that a quick version comes first.
    plate.sparkvsr.scale = 2.5
    stage.scene.frame_current = 14
    assert stage.run("preview") == {"FINISHED"}, stage.notice
    previewing = stage.module("keyframing.previewing")
    runtime = stage.module("runtime")
    stage.poll_until(lambda: previewing.current() and not runtime.get().previews, "the preview")
    preview = previewing.current()
    assert (stage.timing(preview).left, stage.timing(preview).right) == (14, 15)
    size = preview.elements[0].orig_width, preview.elements[0].orig_height
    assert size == (240, 160), size
    assert round(preview.transform.scale_x, 4) == 0.4
    picture = Path(bpy.path.abspath(preview.directory)) / preview.elements[0].filename
    assert stage.run("clear_preview") == {"FINISHED"}
    assert previewing.current() is None
    assert not picture.exists()


def preview_reports_what_is_wrong_with_a_keyframe(stage):
    plate = stage.sequence(start=10)
    plate.sparkvsr.policy = "manual"
    stage.scene.frame_current = 12
    stage.run("keyframe_add")
    plate.sparkvsr.keyframes[0].image = stage.plan["still"]
    stage.scene.frame_current = 14
    assert stage.run("preview") == {"FINISHED"}, stage.notice
    runtime = stage.module("runtime")
    stage.poll_until(lambda: not runtime.get().previews, "the preview")
    assert stage.notice.startswith("The keyframe at 1003 "), stage.notice
