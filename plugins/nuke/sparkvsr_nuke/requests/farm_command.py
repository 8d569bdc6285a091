"""A job without Nuke and plugin, for a farm: one line that renders it, or a bundle. Pure Python, no Nuke.

Sent again after a failure, the same line goes on with what is missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence


def command_line(requests: Sequence[Any], targets: Sequence[str]) -> str:
    """One line for this system's shell: a command per view.

    Args:
        requests: ShotRequests.
        targets: numbered patterns.
    """
    from ..bridge_link import command_lines

    join: Callable[[List[str]], str] = command_lines.join_command
    return " && ".join(join(command_words(request, target)) for request, target in zip(requests, targets))


def command_words(request: Any, target: str) -> List[str]:
    """The command of one view, word by word."""
    return ["sparkvsr", "upscale", request.path, "-o", target, "--in-process", *_options(request)]


def bundle_words(request: Any, target: str, folder: str) -> List[str]:
    """The command that writes one view's bundle into a folder, without the program."""
    return ["farm", "bundle", request.path, "-o", target, "--to", folder, *_options(request)]


def write_bundles(requests: Dict[str, Any], targets: Dict[str, str], folder: Path) -> List[str]:
    """Write a bundle per view below a folder, by the engine's program; returns their folders.

    Args:
        requests: ShotRequests by view.
        targets: numbered patterns by view.
        folder: of the version; `farm` is made in it, `farm_VIEW` where there are several.

    Raises:
        EngineNotFound: there is no program.
        JobFailed: with the program's own sentence.
    """
    from ..bridge_link import farming

    folders: List[str] = []
    for view, request in requests.items():
        place = str(folder / ("farm" if len(requests) == 1 else f"farm_{view}"))
        farming.write_bundle(bundle_words(request, targets[view], place))
        folders.append(place)
    return folders


def _options(request: Any) -> List[str]:
    values = request.settings()
    words = ["--layers", "main"]
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
