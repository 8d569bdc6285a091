"""Commands about jobs that are there: jobs, status, cancel, pause, resume."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sparkvsr_engine.cli.console import Console, record_values

if TYPE_CHECKING:
    from sparkvsr_bridge.messages import JobReport
    from sparkvsr_engine.cli.subcommands import Commands


def add_commands(commands: Commands) -> None:
    """Add them."""
    commands.add("jobs", run_jobs, "List all jobs, newest first.", "sparkvsr jobs")
    status = commands.add("status", run_status, "Show the engine, or one job.", "sparkvsr status 1f0c2d3e4b")
    status.add_argument("job", nargs="?", metavar="JOB", help="default: the engine itself")
    for name, summary in (
        ("cancel", "Stop a job; finished chunks are kept."),
        ("pause", "Stop a job after the frame in hand."),
        ("resume", "Go on with a stopped or interrupted job, and follow it."),
    ):
        command = commands.add(name, RUNS[name], summary, f"sparkvsr {name} 1f0c2d3e4b")
        command.add_argument("job", metavar="JOB", help="its name, as 'sparkvsr jobs' lists it")


def run_jobs(options: argparse.Namespace, console: Console) -> int:  # noqa: ARG001 - every command takes both
    """List them."""
    from sparkvsr_bridge.messages import JobListReply, ListJobsRequest

    with _connect() as client:
        reports = client.request(ListJobsRequest(), JobListReply).reports
    if console.as_json:
        for report in reports:
            console.event("job", **record_values(report))
        return 0
    columns = ["job", "state", "version", "frames", "target"]
    rows = [
        [r.job, r.state, str(r.version), f"{r.frames_done}/{r.frames_total or '?'}", r.target]
        for r in reports
    ]
    console.result(console.table(columns, rows) if rows else "there are no jobs", "jobs")
    return 0


def run_status(options: argparse.Namespace, console: Console) -> int:
    """One job, or the engine."""
    from sparkvsr_bridge.messages import DescribeEngineRequest, DescribeJobRequest, EngineReply, JobReply

    with _connect() as client:
        if options.job:
            report = client.request(DescribeJobRequest(options.job), JobReply).report
            console.result(_describe(report), "job", **record_values(report))
            return 0
        engine = client.request(DescribeEngineRequest(), EngineReply)
    text = (
        f"engine {engine.version} (process {engine.pid}) up {engine.uptime_seconds:.0f} s,"
        f" device {engine.device},"
        f" worker {engine.worker_state} (process {engine.worker_pid}); {engine.jobs_running} running,"
        f" {engine.jobs_queued} queued; {engine.clients} clients; home {engine.home}"
    )
    console.result(text, "engine", **record_values(engine))
    return 0


def run_cancel(options: argparse.Namespace, console: Console) -> int:
    """Stop for good."""
    from sparkvsr_bridge.messages import CancelJobRequest

    return _send(CancelJobRequest(options.job), console)


def run_pause(options: argparse.Namespace, console: Console) -> int:
    """Stop for now."""
    from sparkvsr_bridge.messages import PauseJobRequest

    return _send(PauseJobRequest(options.job), console)


def run_resume(options: argparse.Namespace, console: Console) -> int:
    """Go on, started if need be, and follow to the end."""
    from sparkvsr.job import open_job
    from sparkvsr_bridge.errors import StateConflict
    from sparkvsr_bridge.process import EngineProcess
    from sparkvsr_engine.cli.following import JobFollower, show_end

    engine = EngineProcess()
    with engine.ensure("cli") as client:
        job = open_job(engine, client, options.job)
        try:
            job.resume()
        except StateConflict:
            # An engine that comes back goes on by itself, and may have been quicker.
            job = open_job(engine, client, options.job)
            if job.report.state != "finished":
                raise
        show_end(console, JobFollower(console).follow(job))
    return 0


_STOPPING_SECONDS = 30.0
RUNS = {"cancel": run_cancel, "pause": run_pause, "resume": run_resume}


def _send(request: Any, console: Console) -> int:
    import time

    from sparkvsr_bridge.messages import DescribeJobRequest, JobReply

    with _connect() as client:
        report = client.request(request, JobReply).report
        # It stops after the frame in hand.
        give_up = time.monotonic() + _STOPPING_SECONDS
        while report.state == "running" and time.monotonic() < give_up:
            time.sleep(0.05)
            report = client.request(DescribeJobRequest(report.job), JobReply).report
    console.result(f"job {report.job} is {report.state}", "job", **record_values(report))
    return 0


def _connect() -> Any:
    """The engine, started when it is not there: the jobs of an earlier one are its own."""
    from sparkvsr_bridge.process import EngineProcess

    return EngineProcess().ensure("cli")


def _describe(report: JobReport) -> str:
    lines = [
        f"job {report.job} version {report.version} of {report.versions}: {report.state}"
        + (f" ({report.phase})" if report.phase else ""),
        f"  {report.source} -> {report.target}",
        f"  {report.frames_done} of {report.frames_total or '?'} frames, {report.frames_reused} reused",
    ]
    return "\n".join([*lines, *_details(report)])


def _details(report: JobReport) -> Iterator[str]:
    if report.eta_seconds is not None:
        yield f"  {report.frames_per_second:.2f} frames/s, {report.eta_seconds:.0f} s left"
    if report.keyframes:
        yield "  keyframes " + ", ".join(str(frame) for frame in report.keyframes)
    for warning in report.warnings:
        yield f"  warning: {warning}"
    if report.error:
        yield f"  error: {report.error.message}"
