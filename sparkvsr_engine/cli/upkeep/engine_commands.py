"""Commands about the engine itself: serve, stop, doctor."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from sparkvsr_engine.cli.console import Console

if TYPE_CHECKING:
    from sparkvsr_engine.cli.subcommands import Commands


def add_commands(commands: Commands) -> None:
    """Add them."""
    serve = commands.add("serve", run_serve, "Run the engine in this terminal.", "sparkvsr serve")
    serve.add_argument(
        "--listen",
        metavar="ENDPOINT",
        help="tcp://HOST:PORT: also let in clients of other machines whose keys are enrolled",
    )
    serve.add_argument(
        "--device",
        default="auto",
        metavar="cpu|openvino[:8bit]|cuda[:i]|mps|auto",
        help="what renders where a job names none",
    )
    serve.add_argument(
        "--executor",
        metavar="local|ray[:HOST:PORT]",
        help="what renders; default: as set in config.toml",
    )
    commands.add("stop", run_stop, "End the engine; running jobs go on at its next start.", "sparkvsr stop")
    doctor = commands.add(
        "doctor", run_doctor, "Check this machine and list what is missing.", "sparkvsr doctor"
    )
    doctor.add_argument("--plan", metavar="WxHxF", help="how large models would run this output")


def run_serve(options: argparse.Namespace, console: Console) -> int:
    """Serve until stopped."""
    from sparkvsr_engine.config import load_config
    from sparkvsr_engine.daemon.serving import serve

    if options.executor:
        # The worker is a process of its own and reads the configuration itself.
        os.environ["SPARKVSR_EXECUTOR"] = options.executor
    config = load_config()
    console.note(f"serving {config.home}; Ctrl-C ends")
    serve(config, options.listen, options.device)
    return 0


def run_stop(options: argparse.Namespace, console: Console) -> int:  # noqa: ARG001 - every command takes both
    """Ask it to end, and wait until it has."""
    from sparkvsr_bridge.process import EngineProcess

    was_running = EngineProcess().stop()
    text = "the engine has ended" if was_running else "no engine runs"
    console.result(text, "stopped", was_running=was_running)
    return 0


def run_doctor(options: argparse.Namespace, console: Console) -> int:
    """Look at everything that may be missing."""
    from sparkvsr_engine.doctor import check_machine, describe_plan

    if options.plan:
        text, values = describe_plan(options.plan)
        console.result(text, "plan", **values)
        return 0
    checks = check_machine()
    for check in checks:
        console.result(
            f"{check.mark:<8} {check.name}: {check.result}",
            "check",
            name=check.name,
            good=check.is_good,
            needed=check.is_needed,
            found=check.result,
        )
        if check.remedy:
            console.note(f"         {check.remedy}")
    return 0 if all(check.is_good or not check.is_needed for check in checks) else 1
