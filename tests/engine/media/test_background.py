import threading

import pytest

from sparkvsr_engine.media.buffering.background import BoundedWorkers


def test_one_worker_does_things_in_order():
    done = []
    workers = BoundedWorkers(1, 3, "test")
    for number in range(50):
        workers.submit(done.append, number)
    workers.finish()
    assert done == list(range(50))


def test_no_more_waits_than_agreed():
    gate, used = threading.Event(), []
    workers = BoundedWorkers(1, 2, "test")
    workers.submit(gate.wait)
    workers.submit(used.append, 1)
    third = threading.Thread(target=workers.submit, args=(used.append, 2))
    third.start()
    third.join(timeout=0.1)
    assert third.is_alive()
    gate.set()
    third.join()
    workers.finish()
    assert used == [1, 2]


def test_the_first_error_reaches_the_caller_who_goes_on():
    failed = threading.Event()

    def fail():
        failed.set()
        raise ValueError("no number")

    workers = BoundedWorkers(1, 1, "test")
    workers.submit(fail)
    failed.wait()
    # One thing may slip in before the error is known; it holds the only place until then.
    with pytest.raises(ValueError, match="no number"):
        submit_twice(workers)


def submit_twice(workers):
    workers.submit(int, "1")
    workers.submit(int, "1")


def test_an_error_in_the_last_thing_is_raised_on_finishing():
    workers = BoundedWorkers(1, 1, "test")
    workers.submit(int, "no number")
    with pytest.raises(ValueError, match="no number"):
        workers.finish()


def test_aborting_drops_what_was_not_begun():
    gate, done = threading.Event(), []
    workers = BoundedWorkers(1, 5, "test")
    workers.submit(gate.wait)
    workers.submit(done.append, 1)
    aborting = threading.Thread(target=workers.abort)
    aborting.start()
    gate.set()
    aborting.join()
    assert done in ([], [1])
