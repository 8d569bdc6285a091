"""Steps, tests and checkpoints of learning, on a small network and tiny pictures."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.base import KeyframePicture, ShotSettings
from sparkvsr_engine.models.distances.files import DISTS_FILES, LPIPS_ALEXNET
from sparkvsr_engine.models.learnt import LearningBudget
from sparkvsr_engine.models.lite.learning.learner import ShotLearner
from sparkvsr_engine.models.lite.learning.learnt_file import pack_learnt, unpack_learnt
from sparkvsr_engine.models.lite.planner import LitePlanner
from sparkvsr_engine.models.lite.restorer import LiteRestorer
from sparkvsr_engine.models.lite.weight_mixer import LiteWeights
from sparkvsr_engine.models.precision import choose_precision
from tests.fakes.learning import use_tiny_recipe
from tests.fakes.lite_shots import MemoryReader, small_network
from tests.fakes.metric_weights import write_all

FRAMES, WIDTH, HEIGHT = 9, 32, 24
GEOMETRY = Geometry.scaled(WIDTH, HEIGHT, 4)
TINY = {"tests": 3, "test_steps": 3, "checkpoint_steps": 2}


@pytest.fixture(autouse=True)
def _tiny_recipe(monkeypatch):
    use_tiny_recipe(monkeypatch, TINY)


def picture(shift, scale):
    """A pattern of waves, float32 [H, W, 3]."""
    x = (np.arange(WIDTH * scale) / scale + shift)[None, :, None]
    y = (np.arange(HEIGHT * scale) / scale)[:, None, None]
    phase = np.arange(3)[None, None]
    return np.asarray(0.5 + 0.3 * np.sin(x / 2 + phase) * np.cos(y / 3), np.float32)


def reader():
    return MemoryReader([picture(0.5 * index, 1) for index in range(FRAMES)])


def keyframes(frames=(0, 4, 8), **changes):
    pictures = [KeyframePicture(frame, picture(0.5 * frame, 4), str(frame)) for frame in frames]
    return [replace(item, **changes) for item in pictures]


def restorer():
    return LiteRestorer(LiteWeights(small_network()), LitePlanner(), choose_precision("cpu"))


def learnt(
    folder, steps=7, on_step=lambda *_: None, pictures=None, geometry=GEOMETRY, settings=None, **budget
):
    inputs = {item.frame: item for item in (keyframes() if pictures is None else pictures)}
    return restorer().learn(
        reader(),
        geometry,
        settings or ShotSettings("propagate"),
        sorted(inputs),
        inputs.__getitem__,
        LearningBudget(steps, **budget),
        folder / "state",
        on_step,
    )


def test_what_is_learnt_lowers_the_error_on_tiles_that_were_held_out(tmp_path):
    result = learnt(tmp_path, steps=12)
    assert result.gain > 0.01
    assert 0 < result.step <= result.steps == 12


@pytest.mark.slow
def test_the_same_request_gives_the_same_bytes(tmp_path):
    first, second = learnt(tmp_path / "a"), learnt(tmp_path / "b")
    assert first.content == second.content
    assert learnt(tmp_path / "c", seed=1).content != first.content


class _Killed(Exception):
    pass


@pytest.mark.parametrize("step", [0, 1, 3, 4, 6])
def test_stopped_at_any_step_it_goes_on_to_the_same_bytes(tmp_path, step):
    whole = learnt(tmp_path / "whole")

    def stop(done, *_):
        if done == step:
            raise _Killed

    with pytest.raises(_Killed):
        learnt(tmp_path, on_step=stop)
    seen = []
    assert learnt(tmp_path, on_step=lambda done, *_: seen.append(done)).content == whole.content
    assert min(done for done in seen if done or not step) >= step


@pytest.mark.slow
def test_killed_between_checkpoints_it_takes_the_steps_again(tmp_path):
    """A kill saves nothing: the file is as the last checkpoint left it."""
    whole = learnt(tmp_path / "whole")
    path, states = tmp_path / "state", []

    def copy(*_):
        if path.is_file() and path.read_bytes() not in states:
            states.append(path.read_bytes())

    learnt(tmp_path, on_step=copy)
    assert len(states) == 3
    for content in states:
        path.write_bytes(content)
        assert learnt(tmp_path).content == whole.content


def test_a_state_of_other_settings_is_not_gone_on_from(tmp_path):
    learnt(tmp_path, seed=1)
    assert learnt(tmp_path).content == learnt(tmp_path / "other").content


def test_keyframes_that_disagree_with_their_frames_teach_nothing(tmp_path):
    result = learnt(tmp_path, pictures=keyframes(trust=0.3))
    changes, card = unpack_learnt(result.content)
    assert (changes, result.gain, card.steps) == ({}, 0, 0)
    assert "no keyframe agrees" in card.reason


def test_damaged_footage_is_learnt_by_its_textures_without_any_weights(tmp_path, monkeypatch):
    use_tiny_recipe(monkeypatch, {**TINY, "least_gain": 0.0})
    result = learnt(tmp_path, steps=12, settings=ShotSettings("lock", damage=1.0))
    assert (result.steps, result.reason) == (12, "")
    assert result.gain > 0


@pytest.mark.slow
def test_dists_counts_from_its_step_on_and_a_stopped_lesson_ends_the_same(tmp_path, monkeypatch):
    files = write_all(tmp_path / "metrics")
    looks = tuple(files / name for name in (LPIPS_ALEXNET, *DISTS_FILES))
    settings = ShotSettings("lock", damage=1.0)

    def learn_with_dists(folder, dists_from, on_step=lambda *_: None):
        fields = {**TINY, "steps": 6, "least_gain": 0.0, "perceptual": 0.0, "dists_from": dists_from}
        use_tiny_recipe(monkeypatch, fields)
        return learnt(folder, settings=settings, looks=looks, on_step=on_step)

    def stop(done, *_):
        if done == 4:
            raise _Killed

    lesson = learn_with_dists(tmp_path / "from 3", 3)
    assert lesson.content != learn_with_dists(tmp_path / "never", 6).content
    with pytest.raises(_Killed):
        learn_with_dists(tmp_path, 3, stop)
    assert learn_with_dists(tmp_path, 3).content == lesson.content


@pytest.mark.parametrize("most_blur", [0.0, 99.0])
def test_half_of_what_was_learnt_is_used_where_all_of_it_gains_less_than_asked(
    tmp_path, monkeypatch, most_blur
):
    """Stopped and gone on with after the trial, too: the state holds the best of both shares."""
    trial = {"least_gain": 0.0, "trial_steps": 6, "most_blur": most_blur, "half_suffices": 1.0}
    use_tiny_recipe(monkeypatch, {**TINY, **trial})
    settings = ShotSettings("lock", damage=1.0)
    whole = learnt(tmp_path / "whole", steps=12, settings=settings)
    assert whole.gain > 0
    assert whole.share == (0.5 if most_blur else 1.0)

    def stop(done, *_):
        if done == 8:
            raise _Killed

    with pytest.raises(_Killed):
        learnt(tmp_path, steps=12, settings=settings, on_step=stop)
    assert learnt(tmp_path, steps=12, settings=settings).content == whole.content


@pytest.mark.parametrize(("least_gain", "steps"), [(0.99, 6), (0.0, 12)])
def test_a_shot_that_gains_too_little_by_the_step_of_decision_is_left(
    tmp_path, monkeypatch, least_gain, steps
):
    use_tiny_recipe(monkeypatch, {**TINY, "least_gain": least_gain, "trial_steps": 6})
    result = learnt(tmp_path, steps=12)
    assert result.steps == steps
    assert (result.gain > 0, result.share > 0) == (steps == 12, steps == 12)


def test_keyframes_that_are_what_the_network_makes_keep_the_weights(tmp_path):
    """Nothing is to be learnt of its own results: no tested step is better than none."""
    model = restorer()
    shot = model.open_shot(reader(), GEOMETRY, ShotSettings(), lambda: False)
    chunks = model.plan(reader().span, reader().span, [], GEOMETRY)
    own_values = {}
    for window in (window for chunk in chunks for window in chunk.windows):
        source = shot.encode_source(window)
        own_values[window.span.start] = shot.decode(shot.predict(window, source, []), source, _guidance())[
            0
        ].pixels
    result = learnt(tmp_path, pictures=[KeyframePicture(4, own_values[4], "own")])
    assert result.gain < 0.2


def _guidance():
    from sparkvsr_engine.models.base import Guidance

    return Guidance()


def test_one_keyframe_teaches_the_path_that_sees_the_source_alone(tmp_path):
    changes, card = unpack_learnt(learnt(tmp_path, steps=12, pictures=keyframes([4])).content)
    assert card.gain > 0
    assert any(value.any() for name, value in changes.items() if name.startswith("blind."))
    assert not any(value.any() for name, value in changes.items() if name.startswith("keyed."))


@pytest.mark.slow
def test_a_matte_keeps_what_it_hides_out_of_the_lesson(tmp_path):
    """A keyframe spoiled where its matte is shut teaches what the sound one does under the same matte."""
    matte = np.ones((4 * HEIGHT, 4 * WIDTH), np.float32)
    matte[:, 64:] = 0
    sound = keyframes([4], matte=matte)
    spoiled = [replace(sound[0], pixels=np.where(matte[..., None] > 0, sound[0].pixels, 1.0))]
    first, second = (
        unpack_learnt(learnt(tmp_path / name, steps=12, pictures=picture).content)[0]
        for name, picture in (("a", sound), ("b", spoiled))
    )
    # Only what the reduction sees across the border differs.
    assert first.keys() == second.keys() != {}.keys()
    apart = max(float((first[name] - second[name]).abs().max()) for name in first)
    assert apart < 0.2 * max(float(value.abs().max()) for value in first.values())


def test_what_is_learnt_changes_what_is_rendered(tmp_path):
    content = learnt(tmp_path, steps=12).content
    assert not np.array_equal(rendered(None), rendered(content))
    assert np.array_equal(rendered(content), rendered(content))


def rendered(content):
    model = restorer()
    shot = model.open_shot(reader(), GEOMETRY, ShotSettings(learnt=content), lambda: False)
    (chunk,) = model.plan(reader().span, reader().span, [], GEOMETRY)[:1]
    source = shot.encode_source(chunk.windows[2])
    return shot.decode(shot.predict(chunk.windows[2], source, []), source, _guidance())[0].pixels


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_it_learns_at_other_scales(tmp_path, scale):
    geometry = Geometry.scaled(WIDTH, HEIGHT, scale)
    pictures = [KeyframePicture(frame, picture(0.5 * frame, scale), str(frame)) for frame in (0, 8)]
    assert learnt(tmp_path, geometry=geometry, pictures=pictures).steps == 7


def test_it_ends_early_where_nothing_is_gained(tmp_path, monkeypatch):
    monkeypatch.setitem(TINY, "shares", (0.0,))
    result = learnt(tmp_path, steps=40, stops_early=True)
    assert (result.gain, result.steps) == (0, 9)


def test_the_file_takes_half_precision_for_the_shipped_sizes():
    from sparkvsr_engine.models.learnt import Learnt
    from sparkvsr_engine.models.lite.learning.learnt_file import pack_learnt
    from sparkvsr_engine.models.lite.networks.network import LiteNetwork

    changes = {name: torch.rand_like(value) for name, value in LiteNetwork().state_dict().items()}
    assert len(pack_learnt(changes, Learnt(b"", 0.1, 15, 1.0, 60))) < 3 * 2**20


def test_a_shot_starts_from_what_one_near_by_has_learnt_where_that_is_better(tmp_path):
    whole = learnt(tmp_path / "first", steps=12)
    near = learnt(tmp_path / "near", steps=3, settings=ShotSettings("propagate", learnt=whole.content))
    bare = learnt(tmp_path / "bare", steps=3)
    assert near.begun_near
    assert not bare.begun_near
    # What was learnt is kept in half precision, from which the second shot starts.
    assert near.gain > whole.gain - 1e-3
    assert whole.gain > bare.gain + 0.01
    again = learnt(tmp_path / "again", steps=3, settings=ShotSettings("propagate", learnt=whole.content))
    assert near.content == again.content


def test_what_another_scene_has_learnt_is_not_started_from(tmp_path):
    first = learnt(tmp_path / "first", steps=12)
    changes, card = unpack_learnt(first.content)
    spoiled = pack_learnt({name: -4 * value for name, value in changes.items()}, card)
    near = learnt(tmp_path / "near", settings=ShotSettings("propagate", learnt=spoiled))
    assert not near.begun_near
    assert near.content == learnt(tmp_path / "bare").content


@pytest.mark.parametrize("step", [0, 2])
def test_a_shot_that_started_near_goes_on_after_a_stop_to_the_same_bytes(tmp_path, step):
    settings = ShotSettings("propagate", learnt=learnt(tmp_path / "first", steps=12).content)
    whole = learnt(tmp_path / "whole", settings=settings)

    def stop(done, *_):
        if done == step:
            raise _Killed

    with pytest.raises(_Killed):
        learnt(tmp_path, settings=settings, on_step=stop)
    assert learnt(tmp_path, settings=settings).content == whole.content


def test_a_file_of_an_earlier_version_is_read(tmp_path):
    tensors = load(learnt(tmp_path).content)
    card = json.loads(bytes(tensors["card"].tolist()))
    del card["begun_near"]
    tensors["card"] = torch.tensor(list(json.dumps(card).encode()), dtype=torch.uint8)
    changes, result = unpack_learnt(save(tensors))
    assert changes
    assert not result.begun_near


@pytest.mark.parametrize("rate", [0.3, float("inf")])
def test_a_lesson_that_bursts_goes_on_from_its_best_weights_at_half_the_rate(tmp_path, monkeypatch, rate):
    use_tiny_recipe(monkeypatch, {**TINY, "test_steps": 1, "learning_rate": rate, "warm_up": 1})
    rows = []
    recorded = ShotLearner._learnt

    def learnt_with_rows(learner):
        rows.extend(learner.state.losses)
        assert all(torch.isfinite(value).all() for value in learner._network.state_dict().values())
        return recorded(learner)

    monkeypatch.setattr(ShotLearner, "_learnt", learnt_with_rows)
    result = learnt(tmp_path, steps=4 if rate > 1 else 16)
    bursts = {row["step"] for row in rows if row["against"] >= 2}
    assert bursts
    assert 0 <= result.gain < 1
    if rate > 1:
        assert bursts == {1, 2, 3, 4}
        assert (result.gain, result.step) == (0, 0)
    else:
        assert max(row["against"] for row in rows[-2:]) < 2
