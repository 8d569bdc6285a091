"""The command that renders a job without Nuke and plugin: one line for a farm. Pure Python, no Nuke.

Sent again after a failure, the same line goes on with what is missing.
"""

from __future__ import annotations

import shlex
from typing import Any, List, Sequence


def command_line(requests: Sequence[Any], targets: Sequence[str]) -> str:
    """One line for a shell: a command per view. requests: ShotRequests. targets: numbered patterns."""
    return " && ".join(
        shlex.join(command_words(request, target)) for request, target in zip(requests, targets)
    )


def command_words(request: Any, target: str) -> List[str]:
    """The command of one view, word by word."""
    values = request.settings()
    words = ["sparkvsr", "upscale", request.path, "-o", target, "--in-process", "--layers", "main"]
    words += ["--frames", f"{request.first}-{request.last}"]
    words += ["--size", f"{values.width}x{values.height}"]
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


def _keyframe_words(keyframe: Any) -> List[str]:
    picture = f"={keyframe.image}" if keyframe.image else ""
    strength = f"@{keyframe.strength:g}" if keyframe.strength != 1.0 else ""
    words = ["--keyframe", f"{keyframe.frame}{picture}{strength}"]
    if keyframe.image and keyframe.colour:
        words += ["--keyframe-colour", f"{keyframe.frame}={keyframe.colour}"]
    return words
