"""What goes wrong or stops on the way, and what the extension leaves behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import bpy


def cancelled_job_keeps_the_original(stage):
    source = stage.sequence(start=1, numbers=range(1001, 1061))
    source.sparkvsr.scale = 4.0
    assert stage.run("upscale") == {"FINISHED"}, stage.notice
    stage.poll_until(stage.job_list.active, "the job")
    job = stage.job_list.active()[0].report.job
    assert stage.run("cancel", job=job) == {"FINISHED"}
    stage.poll_until(lambda: stage.job_list.entries[job, 1].report.state == "cancelled", "the end")
    assert not source.mute
    assert all(strip.sparkvsr.state != "finished" for strip in stage.results(source))


def killed_engine_comes_back_and_the_strip_completes(stage):
    source = stage.sequence(start=1, numbers=range(1001, 1061))
    assert stage.run("upscale") == {"FINISHED"}, stage.notice
    stage.poll_until(lambda: stage.results(source), "the first frames")
    assert "001001.png" in stage.names(stage.results(source)[0]), "frames appear while the job renders"
    engine = stage.describe_engine()
    assert stage.job_list.active(), "the job was over before the engine could be killed"
    os.kill(engine.pid, signal.SIGKILL)
    os.kill(engine.worker_pid, signal.SIGKILL)
    stage.poll_until(lambda: stage.finished(source), "the whole result")
    result = stage.results(source)[0]
    assert stage.names(result) == [f"{number:06d}.png" for number in range(1001, 1061)]
    for element in result.elements:
        assert (Path(bpy.path.abspath(result.directory)) / element.filename).is_file()
    assert stage.describe_engine().pid != engine.pid


def reopened_file_goes_on(stage):
    stage.sequence(start=1, numbers=range(1001, 1041))
    assert stage.run("upscale") == {"FINISHED"}, stage.notice
    # An event may overtake the reply, and the strip knows its job by the reply alone.
    stage.poll_until(lambda: any(entry.record for entry in stage.job_list.active()), "the job")
    stage.save("reopened.blend")
    stage.module("runtime").end()
    bpy.ops.wm.open_mainfile(filepath=str(stage.folder / "reopened.blend"))
    result = stage.named("plate")
    stage.poll_until(lambda: stage.finished(result), "the result")
    assert len(stage.results(result)) == 1


def missing_media_are_reported(stage):
    plate = stage.sequence(start=1)
    plate.directory = str(stage.folder / "gone") + "/"
    assert stage.run("upscale") == {"CANCELLED"}
    assert "is missing" in stage.notice
    assert not stage.job_list.pending


def unsaved_file_is_reported(stage):
    stage.open_empty(is_saved=False)
    stage.sequence(start=1)
    assert stage.run("upscale") == {"CANCELLED"}
    assert "Save the .blend file first" in stage.notice


def absent_engine_is_reported(stage):
    source = stage.sequence(start=1)
    stage.preferences.program = str(stage.folder / "no such python")
    assert stage.run("upscale") == {"FINISHED"}
    stage.poll_until(lambda: stage.notice, "the report")
    assert "is not there" in stage.notice
    assert not stage.job_list.pending
    assert stage.results(source) == []
    stage.set_preferences()
    assert stage.upscale(source)


def connection_and_self_test_report(stage):
    assert stage.run("test_connection") == {"FINISHED"}
    stage.poll_until(lambda: stage.notice.startswith("Engine "), "the answer")
    assert any(model.name == "lite" for model in stage.job_list.models)
    assert stage.run("self_test") == {"FINISHED"}
    stage.poll_until(lambda: "Self-test" in stage.notice, "the report")
    text = bpy.data.texts["SparkVSR Self-Test"].as_string()
    assert "ok       Upscale: 3 frames" in text, text
    assert "PROBLEM" not in text, text


def leaves_no_trace(stage):
    registering = stage.module("registering")
    strip = stage.sequence(start=1)
    assert strip.sparkvsr.scale == 2.0
    for _ in range(2):
        registering.unregister()
        assert not hasattr(strip, "sparkvsr")
        assert not hasattr(bpy.types, "SPARKVSR_PT_main")
        handlers = [*bpy.app.handlers.load_post, *bpy.app.handlers.undo_post, *bpy.app.handlers.redo_post]
        assert not [item for item in handlers if "sparkvsr" in item.__module__]
        assert not bpy.app.timers.is_registered(stage.module("polling").tick)
        registering.register()
    assert strip.sparkvsr.scale == 2.0
