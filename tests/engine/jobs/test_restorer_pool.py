"""Which models stay in memory: lite always, of the large ones the job's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sparkvsr_bridge.errors import StateConflict
from sparkvsr_engine.jobs.plans.session import RestorerPool


class Model:
    """A restorer that knows whether it was closed."""

    def __init__(self, name):
        self.name = name
        self.is_closed = False

    def close(self):
        self.is_closed = True


@pytest.fixture
def pool(workshop, monkeypatch):
    monkeypatch.setattr("sparkvsr_engine.jobs.plans.session.open_restorer", lambda name, *_: Model(name))
    return RestorerPool(workshop.config, "cpu")


def test_a_model_is_opened_once(pool):
    assert pool.restorer("lite", "auto") is pool.restorer("lite", "cpu")


def test_lite_stays_beside_a_large_model(pool):
    large, small = pool.restorer("sparkvsr", "auto"), pool.restorer("lite", "auto")
    assert pool.restorer("sparkvsr", "auto") is large
    assert pool.restorer("lite", "auto") is small
    assert not large.is_closed


@pytest.fixture
def second_model(tmp_path):
    """A folder of weights that takes a large model's place."""
    (tmp_path / "other").mkdir()
    return str(tmp_path / "other")


def test_a_large_model_makes_room_for_another(pool, second_model):
    first = pool.restorer("sparkvsr", "auto")
    pool.restorer(second_model, "auto")
    assert first.is_closed


def test_a_rendering_jobs_model_is_not_displaced(pool, second_model):
    with pool.rendering("sparkvsr", "auto"):
        first = pool.restorer("sparkvsr", "auto")
        with pytest.raises(StateConflict, match="renders with sparkvsr"):
            pool.restorer(second_model, "auto")
        assert pool.restorer("lite", "auto").name == "lite"
        assert not first.is_closed
    pool.restorer(second_model, "auto")
    assert first.is_closed


def test_a_job_with_lite_leaves_room_for_a_large_preview(pool):
    with pool.rendering("lite", "auto"):
        assert pool.restorer("sparkvsr", "auto").name == "sparkvsr"


def test_closing_frees_all(pool):
    models = [pool.restorer("lite", "auto"), pool.restorer("sparkvsr", "auto")]
    pool.close()
    assert all(model.is_closed for model in models)


@pytest.mark.parametrize(("device", "opened"), [("auto", "cuda:1"), ("cpu", "cpu")])
def test_where_nobody_names_a_device_it_is_the_configurations(workshop, monkeypatch, device, opened):
    devices = []
    monkeypatch.setattr(
        "sparkvsr_engine.jobs.plans.session.open_restorer",
        lambda name, _models, _parts, on, _budget: (devices.append(on), Model(name))[1],
    )
    RestorerPool(replace(workshop.config, device="cuda:1"), device).restorer("sparkvsr", "auto")
    assert devices == [opened]
