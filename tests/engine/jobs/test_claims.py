"""Two jobs and one movie: the second is refused, or fails before it writes; nothing is replaced unasked."""

import threading

import pytest

from sparkvsr_bridge.errors import TargetExists
from sparkvsr_bridge.settings import OutputTarget
from sparkvsr_engine.daemon.turns import Turns
from sparkvsr_engine.jobs.storage.outputs import Outputs
from tests.compatibility.claims import covers


@pytest.fixture
def request_for(workshop, plate, tmp_path):
    def make(name="same.mp4", overwrite=False):
        spec = workshop.spec(plate, tmp_path / name, {})
        from dataclasses import replace

        spec = replace(spec, output=OutputTarget(str(tmp_path / name), overwrite=overwrite))
        return replace(spec, source=replace(spec.source, first_frame=0, last_frame=2))

    return make


@covers(
    "kinds of pictures",
    "G. Targets",
    variants="two jobs for one movie, in every unfinished state, by other paths to it",
    result="the second is refused, or leaves the first's file alone",
)
@pytest.mark.parametrize("state", ["queued", "running", "paused"])
def test_the_target_of_an_unfinished_job_is_taken(workshop, request_for, state):
    job = workshop.submit(request_for())
    workshop.store.set_state(job, 1, state)
    with pytest.raises(TargetExists, match=f"target of job {job}, which is {state}"):
        workshop.submit(request_for())


def test_another_name_and_a_job_that_ended_are_free(workshop, request_for):
    job = workshop.submit(request_for())
    workshop.submit(request_for("other.mp4"))
    workshop.store.set_state(job, 1, "cancelled")
    workshop.submit(request_for())


def test_the_same_file_by_another_path_is_taken_too(workshop, request_for, tmp_path):
    (tmp_path / "sub").mkdir()
    workshop.submit(request_for())
    with pytest.raises(TargetExists):
        workshop.submit(request_for("sub/../same.mp4"))


def test_a_movie_may_be_replaced_where_that_was_asked_for(workshop, request_for):
    workshop.submit(request_for())
    workshop.submit(request_for(overwrite=True))


def test_a_movie_that_came_meanwhile_is_left_and_what_was_rendered_kept(workshop, request_for, tmp_path):
    job = workshop.submit(request_for())
    (tmp_path / "same.mp4").write_bytes(b"somebody's")
    with pytest.raises(TargetExists, match="written by somebody else while this job rendered"):
        workshop.run(job)
    assert (tmp_path / "same.mp4").read_bytes() == b"somebody's"
    (tmp_path / "same.mp4").rename(tmp_path / "theirs.mp4")
    again = workshop.run(job)
    assert (tmp_path / "same.mp4").stat().st_size > 1000
    assert again.advance.passes_run == 0


def test_a_run_that_was_killed_while_it_joined_writes_its_movie_again(
    workshop, request_for, tmp_path, monkeypatch
):
    job = workshop.submit(request_for())

    def killed(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Outputs, "finish", killed)
        with pytest.raises(KeyboardInterrupt):
            workshop.run(job)
    folder = workshop.config.work_folder(job, 1)
    (folder / "joining").touch()
    (tmp_path / "same.mp4").write_bytes(b"half of it")
    workshop.run(job)
    assert (tmp_path / "same.mp4").stat().st_size > 1000


def test_requests_for_one_target_are_checked_in_their_order():
    turns, checked, gate = Turns(), [], threading.Event()
    first, second, elsewhere = turns.take("a.mp4"), turns.take("a.mp4"), turns.take("b.mp4")
    waiting = threading.Thread(target=lambda: second.check(lambda: checked.append("second")))
    waiting.start()
    elsewhere.check(lambda: checked.append("elsewhere"))
    first.check(lambda: checked.append("first"))
    gate.set()
    first.is_over.set()
    waiting.join(30)
    assert checked == ["elsewhere", "first", "second"]


def test_a_request_that_is_refused_makes_room_for_the_next():
    turns = Turns()
    first, second = turns.take("a.mp4"), turns.take("a.mp4")

    def refuse():
        raise TargetExists("no")

    with pytest.raises(TargetExists):
        first.check(refuse)
    assert second.check(lambda: "yes") == "yes"
