import cv2
import numpy as np
import pytest

from sparkvsr_bridge.errors import InternalError, InvalidSettings
from sparkvsr_engine.evaluation.benchmark import TRUTH, BenchmarkOptions, run_benchmark
from sparkvsr_engine.evaluation.measures.weights import MetricWeights
from sparkvsr_engine.evaluation.metrics import MetricOptions
from sparkvsr_engine.evaluation.pixels import resize_bicubic
from sparkvsr_engine.evaluation.protocol.keyframe_cases import KEYFRAME_CASES
from sparkvsr_engine.evaluation.protocol.methods import Method, bicubic_method, per_frame_method
from tests.fakes.scenes import scene, softened

FRAMES = 5


class Quadrupler:
    scale = 4

    def upscale(self, picture, is_cancelled=None):
        return picture.repeat(4, axis=0).repeat(4, axis=1)


def pasting(task):
    """Bicubic, with each keyframe put in its place."""
    for number, frame in enumerate(task.source):
        yield task.keyframes.get(number, resize_bicubic(frame, task.width, task.height))


PASTING = Method("pasting", pasting)


def degrade(frames, scale, seed):
    noise = np.random.default_rng(seed).normal(0, 6, (36, 48, 3))
    soft = [
        resize_bicubic(softened(frame), frame.shape[1] // scale, frame.shape[0] // scale) for frame in frames
    ]
    return [np.clip(frame + noise, 0, 255).astype(np.uint8) for frame in soft]


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for name, seed in (("hills", 0), ("shore", 4)):
        (folder / name).mkdir()
        for number in range(FRAMES):
            bgr = cv2.cvtColor(scene(number, seed=seed), cv2.COLOR_RGB2BGR)
            assert cv2.imwrite(str(folder / name / f"{number:04d}.png"), bgr)
    return (folder / "hills", folder / "shore")


@pytest.fixture
def options(clips, tmp_path):
    def make(**changes):
        metrics = MetricOptions(
            MetricWeights(tmp_path), names=("psnr_y", "ewarp", "change_error", "colour_shift")
        )
        settings = {"methods": (bicubic_method(), PASTING), "metrics": metrics, "frames": FRAMES} | changes
        return BenchmarkOptions(settings.pop("clips", clips), **settings)

    return make


@pytest.mark.slow
def test_every_case_is_run_with_every_method_on_every_clip(options):
    message = []
    results = run_benchmark(
        options(isr=Quadrupler(), degrade=degrade),
        lambda done, in_all, what: message.append((done, in_all, what)),
    )
    assert results.clips == ("hills", "shore")
    assert [case.name for case in results.cases] == list(KEYFRAME_CASES)
    assert len(results.rows) == 2 * (1 + len(KEYFRAME_CASES) * 2)
    assert results.notes == ()
    assert message[0] == (1, 50, "hills, truth: truth")
    assert message[-1] == (50, 50, "shore, look: pasting")


def test_cases_that_lack_something_are_left_out_with_a_note(options, clips):
    results = run_benchmark(options(clips=clips[:1]))
    assert [case.name for case in results.cases] == ["none", "one", "three", "shifted", "cast", "look"]
    assert results.notes == (
        "The case 'isr-clean' is left out: no image super-resolution model was given.",
        "The case 'degraded' is left out: no degradation was given.",
        "The case 'isr' is left out: no degradation was given.",
        "The case 'degraded-three' is left out: no degradation was given.",
        "The case 'degraded-wrong' is left out: no degradation was given.",
        "The case 'wrong' is left out: a keyframe of another clip needs a second clip.",
    )


def test_a_benchmark_without_a_case_is_refused(options):
    with pytest.raises(InvalidSettings, match="No keyframe case can be run"):
        run_benchmark(options(cases=(KEYFRAME_CASES["degraded"],)))


@pytest.mark.parametrize("bad", [{"clips": ()}, {"methods": ()}, {"cases": ()}, {"frames": 1}, {"scale": 0}])
def test_settings_that_make_no_benchmark_are_refused(bad, options):
    with pytest.raises(InvalidSettings):
        options(**bad)


def test_keyframes_do_not_count(options):
    results = run_benchmark(options(cases=(KEYFRAME_CASES["three"],)))
    bicubic, pasted = results.select("three", clip="hills")
    assert pasted.keyframes == (0, 2, 4)
    assert pasted.summary["psnr_y"] == bicubic.summary["psnr_y"]
    assert pasted.rows[2].values["psnr_y"] == 100.0
    assert pasted.summary["ewarp"] > bicubic.summary["ewarp"]


def test_a_method_that_uses_no_keyframes_runs_once_per_source(options):
    calls = []

    def restore(task):
        calls.append(dict(task.keyframes))
        return pasting(task)

    blind = Method("blind", restore, uses_keyframes=False)
    results = run_benchmark(options(methods=(blind,), isr=Quadrupler(), degrade=degrade))
    # Clean, degraded, and clean against the drawn truth, of two clips.
    assert calls == [{}] * 6
    assert results.select("one", "blind", "hills")[0].keyframes == (0,)


def test_the_truth_is_judged_once_per_clip(options):
    results = run_benchmark(options(cases=(KEYFRAME_CASES["none"],)))
    rows = results.select(TRUTH)
    assert [row.clip for row in rows] == ["hills", "shore"]
    assert set(rows[0].summary) == {"ewarp"}


def test_degraded_sources_reach_the_method(options):
    results = run_benchmark(
        options(cases=(KEYFRAME_CASES["none"], KEYFRAME_CASES["degraded"]), degrade=degrade)
    )
    clean, degraded = (results.select(case, "bicubic", "hills")[0] for case in ("none", "degraded"))
    assert degraded.summary["psnr_y"] < clean.summary["psnr_y"]


def test_isr_keyframes_come_from_the_degraded_source(options):
    seen = {}

    def look(task):
        seen.update(task.keyframes)
        return pasting(task)

    cases = (KEYFRAME_CASES["isr"],)
    run_benchmark(options(methods=(Method("look", look),), cases=cases, isr=Quadrupler(), degrade=degrade))
    source = degrade([scene(number, seed=4) for number in range(FRAMES)], 4, 1)
    assert np.array_equal(seen[2], source[2].repeat(4, axis=0).repeat(4, axis=1))


def test_a_wrong_keyframe_is_of_the_other_clip(options, clips):
    seen = []

    def look(task):
        seen.append(task.keyframes[2])
        return pasting(task)

    run_benchmark(options(methods=(Method("look", look),), cases=(KEYFRAME_CASES["wrong"],)))
    assert np.array_equal(seen[0], scene(FRAMES - 1, seed=4))
    assert np.array_equal(seen[1], scene(FRAMES - 1, seed=0))


def test_results_are_the_same_again(options):
    def figures():
        cases = (KEYFRAME_CASES["isr"], KEYFRAME_CASES["wrong"])
        results = run_benchmark(options(cases=cases, isr=Quadrupler(), degrade=degrade))
        return [(row.clip, row.case, row.method, row.summary) for row in results.rows]

    assert figures() == figures()


@pytest.mark.parametrize(("count", "counted"), [(0, "0 of 5 frames"), (3, "3 of 5"), (6, "more than the 5")])
def test_a_method_with_too_few_or_too_many_frames_is_a_defect(count, counted, options):
    broken = Method("broken", lambda task: [scene()] * count)
    with pytest.raises(InternalError, match=f"broken restored {counted}"):
        run_benchmark(options(methods=(broken,)))


def test_the_per_frame_model_is_a_method(options):
    results = run_benchmark(options(methods=(per_frame_method(Quadrupler(), "quad"),)))
    assert results.select("none", "quad")[0].verdict.seconds_per_frame > 0


def test_results_under_a_look_are_judged_against_the_truth_in_that_look(options):
    looks = []

    def watched(task):
        looks.append(task.look)
        return pasting(task)

    results = run_benchmark(
        options(
            methods=(Method("watched", watched),), cases=(KEYFRAME_CASES["three"], KEYFRAME_CASES["look"])
        )
    )
    assert looks == ["lock", "propagate", "lock", "propagate"]
    drawn = results.select("look", clip="hills")[0]
    assert drawn.rows[2].values["psnr_y"] == 100.0
    # The source itself is not drawn.
    assert drawn.summary["psnr_y"] < results.select("three", clip="hills")[0].summary["psnr_y"] - 0.5
