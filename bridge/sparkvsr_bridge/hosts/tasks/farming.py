# SPDX-License-Identifier: Apache-2.0
"""Bundles for a render farm, written by the engine's program: a host has none of the engine in its Python."""

from __future__ import annotations

import subprocess
from typing import Any, List, Sequence

from ...errors import JobFailed
from ..engine_place import EnginePlace
from ..requests import ShotKeyframe, ShotRequest

BUNDLE_SECONDS = 300.0


def write_bundle(words: Sequence[str], place: EnginePlace) -> None:
    """Have a bundle written; returns when it is. Not for a host's main thread.

    Args:
        words: of the command behind the program, from `farm` on.
        place: this machine's engine, whose program writes it; it need not run.

    Raises:
        EngineNotFound: there is no program.
        JobFailed: with the program's own sentence.
    """
    # Loads pyzmq, which a host's main thread must not.
    from ...process import run_program

    try:
        done = run_program(words, BUNDLE_SECONDS, place.command(), place.home_folder())
    except (OSError, subprocess.TimeoutExpired) as error:
        raise JobFailed(f"The bundle for the farm was not written: {error}.") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise JobFailed(f"The bundle for the farm was not written: {last}")


def bundle_words(request: ShotRequest, target: str, folder: str, layers: str = "all") -> List[str]:
    """The command that writes a bundle, without the program.

    Args:
        request: what is rendered.
        target: numbered pattern of the result.
        folder: of the bundle; made, or empty.
        layers: what becomes of the source's other layers: `all` or `main`.
    """
    return ["farm", "bundle", request.path, "-o", target, "--to", folder, *option_words(request, layers)]


def option_words(request: ShotRequest, layers: str = "all") -> List[str]:
    """The options of a command line that asks for what a request asks for; raises InvalidSettings.

    Args:
        request: what is rendered.
        layers: see `bundle_words`.
    """
    values = request.settings()
    words = ["--layers", layers, "--frames", f"{request.first}-{request.last}"]
    words += (
        ["--size", f"{values.width}x{values.height}"] if values.width else ["--scale", f"{values.scale:g}"]
    )
    words += ["--model", values.model, "--guidance", f"{values.guidance:g}", "--look", values.look]
    words += ["--damage", "auto" if values.damage is None else f"{values.damage:g}"]
    words += ["--keyframes", _policy(values.policy), "--seed", str(values.seed)]
    words += ["--learn", "auto"] if values.learn == "auto" else []
    for name, value in (
        ("--isr", values.isr),
        ("--ocio-config", values.ocio_config),
        ("--input-colour", values.input_colour),
        ("--output-colour", values.output_colour),
    ):
        if value:
            words += [name, value]
    for keyframe in request.keyframes:
        words += _keyframe_words(keyframe)
    return words


def _policy(policy: Any) -> str:
    return f"{policy.name}:{policy.budget}" if policy.budget else str(policy.name)


def _keyframe_words(keyframe: ShotKeyframe) -> List[str]:
    picture = f"={keyframe.image}" if keyframe.image else ""
    strength = f"@{keyframe.strength:g}" if keyframe.strength != 1.0 else ""
    words = ["--keyframe", f"{keyframe.frame}{picture}{strength}"]
    if keyframe.image and keyframe.colour:
        words += ["--keyframe-colour", f"{keyframe.frame}={keyframe.colour}"]
    return words
