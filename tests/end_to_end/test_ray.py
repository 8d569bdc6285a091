"""A job on a Ray cluster of several nodes: equal to one machine's, whatever node dies."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_bridge.messages import FramesFinished
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.jobs.control import JobControl
from sparkvsr_engine.jobs.running.runner import JobRunner, Surroundings
from sparkvsr_engine.jobs.spreading.opening import open_executor
from tests.end_to_end.program import ROOT
from tests.fakes.jobs import Workshop, pictures_in, retargeted, write_keyframe, write_plate

ray = pytest.importorskip("ray")
# Ray leaves sockets and processes to the end of the program.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
FRAMES = 60


@pytest.fixture
def cluster(monkeypatch):
    """Three nodes with one processor each, of one machine."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{ROOT / 'bridge'}")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster

    result = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    for _ in range(2):
        result.add_node(num_cpus=1)
    result.wait_for_nodes()
    yield result
    ray.shutdown()
    result.shutdown()


def test_a_node_that_dies_costs_what_it_had_in_hand_and_the_result_is_one_machines(
    cluster, home: Path, tmp_path: Path
):
    workshop = Workshop(home, threads=1)
    source = write_plate(tmp_path / "plate", FRAMES, 48, 32)
    painted = write_keyframe(tmp_path / "fixed.png", 20, width=48, height=32)
    spec = workshop.spec(source, tmp_path / "out" / "%04d.png", {20: painted, 40: None}, device="auto")
    job = workshop.submit(spec)
    executor = open_executor(EngineConfig(home, executor=f"ray:{cluster.address}", threads=1))
    assert executor is not None
    assert executor.place_count() == 3
    events: list = []
    removed: list = []

    def report(event) -> None:
        events.append(event)
        if isinstance(event, FramesFinished) and not removed:
            removed.append(cluster.list_all_nodes()[-1])
            cluster.remove_node(removed[0], allow_graceful=False)

    around = Surroundings(
        workshop.config, workshop.store, workshop.pool, JobControl(), report, lambda: executor
    )
    JobRunner(around, workshop.store.version(job)).run()
    executor.close()
    assert removed
    frames = [frame for event in events if isinstance(event, FramesFinished) for frame in event.frames]
    assert Counter(frames) == Counter(range(FRAMES))
    single = Workshop(home.with_name(f"{home.name}-single"), threads=1)
    single.render(retargeted(spec, tmp_path / "single" / "%04d.png"))
    single.close()
    workshop.close()
    shutil.rmtree(home.with_name(f"{home.name}-single"), ignore_errors=True)
    first, second = pictures_in(tmp_path / "out"), pictures_in(tmp_path / "single")
    assert len(first) == FRAMES
    assert all(np.array_equal(first[name], second[name]) for name in second)
