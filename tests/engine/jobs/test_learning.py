"""Shots learnt from their keyframes as a part of a job: keys, revisions, previews, kills."""

from __future__ import annotations

import numpy as np
import pytest

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_bridge.media import ImageRef
from sparkvsr_bridge.messages import JobProgress, JobWarning, PreviewRequest
from sparkvsr_bridge.settings import Keyframe, Revision, UpscaleSettings
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.control import JobControl, JobStopped
from sparkvsr_engine.jobs.interactive.previews import PreviewMaker
from sparkvsr_engine.jobs.plans.learning_plan import with_learning
from sparkvsr_engine.jobs.plans.plan import JobPlan, PlannedKeyframe
from sparkvsr_engine.media.images import read_image
from sparkvsr_engine.models.lite.planner import LitePlanner
from tests.fakes.jobs import HEIGHT, WIDTH, Workshop, assert_same_pictures, pictures_in, write_plate
from tests.fakes.learning import use_tiny_recipe
from tests.fakes.media import write_picture
from tests.fakes.scenes import scene

FRAMES = 9
SHOT = FrameSpan(0, 12)
LEARNT = {"learn": "budget", "learn_seconds": 1.0, "look": "propagate"}
TINY = {"tests": 4, "test_steps": 2, "checkpoint_steps": 1}


@pytest.fixture(autouse=True)
def _tiny_recipe(monkeypatch):
    use_tiny_recipe(monkeypatch, TINY)


@pytest.fixture(scope="module")
def short_plate(tmp_path_factory):
    return write_plate(tmp_path_factory.mktemp("short"), FRAMES)


@pytest.fixture
def request_of(short_plate, workshop, artist, tmp_path):
    """A request under three keyframes by its target's folder."""
    keyframes = {frame: artist(frame, 1.5) for frame in (0, 4, 8)}
    return lambda name, **settings: workshop.spec(
        short_plate, tmp_path / name / "%04d.png", keyframes, **{**LEARNT, **settings}
    )


def plan_of(keyframes=(4,), shots=(SHOT,)):
    span = FrameSpan(shots[0].start, shots[-1].stop)
    named = tuple(PlannedKeyframe(frame, "digest") for frame in keyframes)
    geometry = Geometry(64, 48, 128, 96)
    return JobPlan("source", span, shots, geometry, named, "lite-10-weights", 1.0, "lock", 0, "png")


def taught(plan, tmp_path, **settings):
    return with_learning(plan, UpscaleSettings(**{**LEARNT, **settings}), LitePlanner(), tmp_path)


def keys_of(plan, shot=None):
    shot = shot or plan.shots[0]
    keyframes = [key.frame for key in plan.keyframes_of(shot)]
    chunks = LitePlanner().plan(shot, shot, keyframes, plan.geometry)
    return [plan.chunk_key(chunk) for chunk in chunks], plan.prediction_key(chunks[0].windows[0])


def test_without_learning_all_keys_are_what_they_were_before_there_was_any(tmp_path):
    expected = [
        "4a2c9764e3953cf45e6b51a3ae494101",
        "8c1cc37c920586b4d56bce80408303ee",
        "c463a3d5acdab4da86dc9caad7b21f88",
    ]
    assert keys_of(plan_of()) == (expected, "f4a2ed497574fb16ed84cbcbcd4123a4")
    assert keys_of(taught(plan_of(), tmp_path, learn="off")) == (expected, "f4a2ed497574fb16ed84cbcbcd4123a4")
    learnt, predicted = keys_of(taught(plan_of(), tmp_path))
    assert not set(learnt) & set(expected)
    assert predicted != "f4a2ed497574fb16ed84cbcbcd4123a4"


def test_shots_are_learnt_apart_and_only_where_keyframes_are(tmp_path):
    shots = (FrameSpan(0, 6), FrameSpan(6, 12), FrameSpan(12, 18))
    plan = taught(plan_of((2, 14), shots), tmp_path)
    lessons = plan.learning.lessons
    assert [(lesson.shot, lesson.keyframes[0].frame) for lesson in lessons] == [(shots[0], 2), (shots[2], 14)]
    assert lessons[0].key != lessons[1].key
    untaught = plan_of((2, 14), shots)
    assert keys_of(plan, shots[1]) == keys_of(untaught, shots[1])


def test_of_four_shots_the_later_ones_may_start_from_the_first(tmp_path):
    shots = tuple(FrameSpan(6 * index, 6 * index + 6) for index in range(6))
    plan = taught(plan_of((2, 8, 14, 20, 26, 32), shots), tmp_path)
    lessons = plan.learning.lessons
    first, fifth = lessons[0].key, lessons[4].key
    assert [lesson.near for lesson in lessons] == ["", first, first, first, "", fifth]
    assert JobPlan.from_dict(plan.to_dict()) == plan


def test_what_a_shot_starts_from_is_part_of_its_key(tmp_path):
    shots = (FrameSpan(0, 6), FrameSpan(6, 12))
    keys = [
        taught(plan_of(keyframes, shots), tmp_path).learning.lessons[-1].key
        for keyframes in ((2, 8), (3, 8), (8,))
    ]
    assert len(set(keys)) == 3


def test_what_is_learnt_goes_by_keyframes_budget_and_seed(tmp_path):
    keys = {
        taught(plan, tmp_path, **settings).learning.lessons[0].key
        for plan in (plan_of((4,)), plan_of((5,)))
        for settings in ({}, {"learn_seconds": 3.0}, {"learn": "auto"}, {"seed": 1})
    }
    assert len(keys) == 8


def test_a_plan_with_lessons_survives_its_store(tmp_path):
    plan = taught(plan_of(), tmp_path)
    assert JobPlan.from_dict(plan.to_dict()) == plan


@pytest.mark.slow
def test_frames_are_rendered_with_what_was_learnt_and_the_job_reports_it(workshop, request_of, tmp_path):
    ran = workshop.render(request_of("learnt"))
    message = [event.report.phase for event in ran.reports if isinstance(event, JobProgress)]
    assert any(phase.startswith("learning frames 0-8") for phase in message)
    assert "of 8 steps" in ran.advance.run_notes[-1]
    workshop.render(request_of("plain", learn="off"))
    learnt, plain = pictures_in(tmp_path / "learnt"), pictures_in(tmp_path / "plain")
    assert not any(np.array_equal(learnt[name], plain[name]) for name in ("0002.png", "0005.png"))


@pytest.mark.slow
def test_the_same_job_again_learns_and_renders_nothing(workshop, request_of):
    workshop.render(request_of("first"))
    ran = workshop.render(request_of("second"))
    assert ran.advance.passes_run == 0
    assert not any(
        event.report.phase.startswith("learning") for event in ran.reports if isinstance(event, JobProgress)
    )


@pytest.mark.slow
@pytest.mark.parametrize("learn", ["off", "budget"])
def test_a_revision_keeps_what_was_learnt_and_renders_what_it_touches(
    workshop, request_of, artist, tmp_path, learn
):
    ran = workshop.render(request_of("kept", learn=learn))
    revision = Revision(set_keyframes=(Keyframe(8, artist(8, 3.0)),))
    revised, version = workshop.revise(ran.job, revision)
    assert (revised.frames_reused, revised.frames_total) == (5, FRAMES)
    workshop.run(ran.job, version)
    before, after = pictures_in(tmp_path / "kept"), pictures_in(tmp_path / "kept_v002")
    same = [name for name in before if np.array_equal(before[name], after[name])]
    assert same == ["0000.png", "0001.png", "0002.png", "0003.png", "0004.png"]
    if learn == "budget":
        lessons = [workshop.plan(ran.job, number).learning.lessons for number in (1, 2)]
        assert lessons[0] == lessons[1]


@pytest.mark.slow
def test_a_lesson_that_left_the_cache_is_learnt_again_from_the_keyframes_it_was_of(
    workshop, request_of, artist, tmp_path
):
    ran = workshop.render(request_of("kept"))
    revision = Revision(set_keyframes=(Keyframe(8, artist(8, 3.0)),))
    _, version = workshop.revise(ran.job, revision)
    for path in (workshop.config.cache_folder / "learnt").rglob("*.safetensors"):
        path.unlink()
    workshop.run(ran.job, version)
    shop = Workshop(tmp_path / "elsewhere")
    first = shop.render(request_of("other"))
    _, version = shop.revise(first.job, revision)
    shop.run(first.job, version)
    shop.close()
    assert_same_pictures(tmp_path / "kept_v002", tmp_path / "other_v002")


@pytest.mark.slow
@pytest.mark.parametrize(("learn", "lessons"), [("again", 1), ("off", 0)])
def test_learning_again_or_no_more_renders_every_frame(workshop, request_of, artist, learn, lessons):
    ran = workshop.render(request_of("kept"))
    revised, version = workshop.revise(
        ran.job, Revision(set_keyframes=(Keyframe(8, artist(8, 3.0)),), learn=learn)
    )
    assert (revised.frames_reused, revised.frames_total) == (0, FRAMES)
    learning = workshop.plan(ran.job, version).learning
    assert len(learning.lessons if learning else ()) == lessons
    if learning:
        assert learning.lessons[0].key != workshop.plan(ran.job, 1).learning.lessons[0].key


@pytest.mark.slow
@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_stopped_while_it_learns_it_goes_on_to_the_same_frames(workshop, request_of, tmp_path, step):
    job = workshop.submit(request_of("stopped"))
    control = JobControl()
    control.begin(job)

    def stop(report):
        if isinstance(report, JobProgress) and report.report.phase.startswith("learning"):
            seen.append(report.report.frames_done)
            if report.report.frames_done >= step:
                control.stop(job, "paused")

    seen = []
    workshop_report = pytest.MonkeyPatch()
    workshop_report.setattr("sparkvsr_engine.jobs.running.runner.REPORT_SECONDS", 0.0)
    with pytest.raises(JobStopped):
        workshop.run(job, control=control, on_report=stop)
    workshop_report.undo()
    assert seen
    workshop.run(job)
    shop = Workshop(tmp_path / "elsewhere")
    shop.render(request_of("whole"))
    shop.close()
    assert_same_pictures(tmp_path / "stopped", tmp_path / "whole")


@pytest.mark.slow
def test_learning_that_did_not_help_is_reported_and_keeps_the_shipped_weights(
    workshop, request_of, tmp_path, monkeypatch
):
    monkeypatch.setitem(TINY, "shares", (0.0,))
    ran = workshop.render(request_of("learnt"))
    warnings = [report.message for report in ran.reports if isinstance(report, JobWarning)]
    assert any("did not improve held-out parts" in warning for warning in warnings)
    workshop.render(request_of("plain", learn="off"))
    assert_same_pictures(tmp_path / "learnt", tmp_path / "plain")


@pytest.mark.parametrize("kind", ["none", "blank", "white", "of another scene"])
@pytest.mark.parametrize("look", ["lock", "propagate"])
def test_auto_keeps_the_shipped_weights_where_keyframes_show_nothing_of_the_shot(
    workshop, short_plate, tmp_path, kind, look
):
    pictures = {
        "blank": np.zeros((2 * HEIGHT, 2 * WIDTH, 3), np.uint8),
        "white": np.full((2 * HEIGHT, 2 * WIDTH, 3), 255, np.uint8),
        "of another scene": 255 - scene(70, 2 * WIDTH, 2 * HEIGHT, seed=9),
    }
    keyframes = {}
    if kind != "none":
        write_picture(tmp_path / "key.png", pictures[kind])
        keyframes = {4: ImageRef(path=str(tmp_path / "key.png"))}
    settings = {"look": look, "damage": 0.0, "learn": "auto"}
    ran = workshop.render(workshop.spec(short_plate, tmp_path / "auto" / "%04d.png", keyframes, **settings))
    warnings = " ".join(report.message for report in ran.reports if isinstance(report, JobWarning))
    assert "weights that ship are used" in warnings
    settings["learn"] = "off"
    workshop.render(workshop.spec(short_plate, tmp_path / "off" / "%04d.png", keyframes, **settings))
    assert_same_pictures(tmp_path / "auto", tmp_path / "off")


def test_why_a_shot_was_not_learnt_is_reported(workshop, request_of, short_plate, tmp_path):
    write_picture(tmp_path / "other.png", 255 - scene(70, 2 * WIDTH, 2 * HEIGHT, seed=9))
    keyframes = {4: ImageRef(path=str(tmp_path / "other.png"))}
    spec = workshop.spec(
        short_plate, tmp_path / "locked" / "%04d.png", keyframes, **{**LEARNT, "look": "lock"}
    )
    warnings = [report.message for report in workshop.render(spec).reports if isinstance(report, JobWarning)]
    assert any("were not learnt" in warning and "no keyframe agrees" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"scale": 5.0}, "learns no shots at this size"),
        ({"model": "identity", "scale": 1.0}, "learns no shots"),
    ],
)
def test_what_cannot_be_learnt_is_reported_before_rendering(workshop, request_of, settings, sentence):
    ran = workshop.render(request_of("small", **settings))
    first = next(index for index, report in enumerate(ran.reports) if isinstance(report, JobWarning))
    assert sentence in ran.reports[first].message
    assert not any(
        event.report.phase == "rendering" for event in ran.reports[:first] if isinstance(event, JobProgress)
    )


@pytest.mark.slow
def test_a_preview_shows_what_was_learnt_once_it_is_there(
    workshop, request_of, short_plate, artist, tmp_path
):
    workshop.config.runtime.mkdir(parents=True, exist_ok=True)
    reports = []
    maker = PreviewMaker(workshop.config, workshop.pool, reports.append)

    def preview_pixels(edits=()):
        named = {0: artist(0, 1.5), 4: artist(4, 1.5), 8: artist(8, 1.5), **dict(edits)}
        spec = request_of("unused")
        request = PreviewRequest(
            spec.source, 2, spec.settings, tuple(Keyframe(at, picture) for at, picture in named.items())
        )
        maker.expect("p")
        maker.make("p", request)
        return np.load(reports[-1].image.path)

    untaught = preview_pixels()
    workshop.render(request_of("learnt"))
    workshop.render(request_of("plain", learn="off"))
    assert np.array_equal(untaught, read_image(tmp_path / "plain" / "0002.png").pixels)
    learnt = read_image(tmp_path / "learnt" / "0002.png").pixels
    assert np.array_equal(preview_pixels(), learnt)
    # What an edit elsewhere will keep is shown before there is a revision.
    assert np.array_equal(preview_pixels({8: artist(8, 3.0)}), learnt)
    maker.close()


def test_the_second_shot_is_rendered_first_with_what_a_whole_job_learns(workshop, tmp_path):
    """Whichever shot is asked for first, both are learnt in the same order, to the same frames."""
    plate = write_two_shots(tmp_path / "plate")
    keyframes = {frame: ImageRef(path=str(tmp_path / "plate" / f"key{frame}.png")) for frame in (0, 5, 8, 13)}
    settings = {**LEARNT, "learn_seconds": 0.5}
    whole = workshop.render(workshop.spec(plate, tmp_path / "whole" / "%04d.png", keyframes, **settings))
    lessons = workshop.plan(whole.job, 1).learning.lessons
    assert [lesson.near for lesson in lessons] == ["", lessons[0].key]
    shop = Workshop(tmp_path / "elsewhere")
    job = shop.submit(shop.spec(plate, tmp_path / "late" / "%04d.png", keyframes, **settings))
    control = JobControl()
    control.begin(job)
    control.move_playhead(job, 13)
    ran = shop.run(job, control=control)
    shop.close()
    assert ran.announced[0] >= 7
    assert_same_pictures(tmp_path / "whole", tmp_path / "late")


def test_a_lesson_of_another_way_to_learn_is_never_made_anew(workshop, request_of, artist, monkeypatch):
    ran = workshop.render(request_of("kept"))
    _, version = workshop.revise(ran.job, Revision(set_keyframes=(Keyframe(8, artist(8, 3.0)),)))
    monkeypatch.setattr("sparkvsr_engine.models.lite.learning.recipe.LEARNING_VERSION", 99)
    for path in (workshop.config.cache_folder / "learnt").rglob("*.safetensors"):
        path.unlink()
    with pytest.raises(ModelMissing, match="learns shots in another way"):
        workshop.run(ran.job, version)


def write_two_shots(folder):
    """Fourteen frames of two scenes, the second a negative, each with itself at twice the size."""
    folder.mkdir()
    for index in range(14):
        positive = scene(index, WIDTH, HEIGHT)
        picture = positive if index < 7 else 255 - positive
        write_picture(folder / f"{index:04d}.png", picture)
        write_picture(folder / f"key{index}.png", picture.repeat(2, axis=0).repeat(2, axis=1))
    return str(folder / "%04d.png")
