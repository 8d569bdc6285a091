"""Twenty clients at once on one engine that renders: each gets its own answers, all see the same job."""

from __future__ import annotations

import threading

import pytest

from sparkvsr_bridge.messages import (
    ENDED_STATES,
    JobChanged,
    JobListReply,
    JobReply,
    ListJobsRequest,
    ListModelsRequest,
    ModelListReply,
    WatchJobRequest,
)
from tests.end_to_end.clips import plate
from tests.end_to_end.watching import end_of, engine_of, ensure, report_of, submit, until

CLIENTS = 20
REQUESTS = 15


@pytest.mark.slow
def test_twenty_clients_are_all_served_while_a_job_runs(program, tmp_path):
    source = plate(tmp_path / "in", 64, start=0)
    clients = [ensure(program) for _ in range(CLIENTS)]
    ends = [[] for _ in clients]
    failures = []
    try:
        job = submit(clients[0], source, tmp_path / "out" / "%04d.png")

        def work(client, reports):
            def on_event(envelope):
                if isinstance(envelope.message, JobChanged) and envelope.message.report.state in ENDED_STATES:
                    reports.append(envelope.message.report)

            try:
                client.add_listener(on_event)
                client.request(WatchJobRequest(job), JobReply)
                for _ in range(REQUESTS):
                    assert report_of(client, job).job == job
                    assert engine_of(client).jobs_running <= 1
                assert client.request(ListJobsRequest(), JobListReply).reports[-1].job == job
                assert client.request(ListModelsRequest(), ModelListReply).models
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=pair) for pair in zip(clients, ends, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert failures == []
        assert engine_of(clients[0]).clients >= CLIENTS
        assert end_of(clients[0], job).frames_done == 64
        until(lambda: all(ends), "the news of the end for everybody")
        assert {(reports[0].job, reports[0].state) for reports in ends} == {(job, "finished")}
    finally:
        for client in clients:
            client.close()


def test_clients_that_ask_at_once_get_one_engine(own_program):
    result, failures = [], []

    def ask():
        try:
            with ensure(own_program) as client:
                result.append(engine_of(client).pid)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert len(result) == 6
    assert len(set(result)) == 1


def test_jobs_of_many_clients_are_rendered_one_after_the_other(program, tmp_path):
    source = plate(tmp_path / "in", 4, start=0)
    with ensure(program) as client:
        jobs = [submit(client, source, tmp_path / str(n) / "%04d.png", seed=100 + n) for n in range(5)]
        reports = [end_of(client, job) for job in jobs]
    assert [report.frames_done for report in reports] == [4] * 5
    ended = [report.ended for report in reports]
    assert ended == sorted(ended)
