"""Blender's extension: archives for its own installer."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ..requests import Done, Host, Request
from ..wheels import this_platform
from . import archives, installing


def _build(request: Request) -> list[Path]:
    return archives.build_blender(request.output or Path("dist"), request.wheels)


def _install(request: Request) -> Done:
    blender = installing.find_blender(request.program)
    variants = archives.select_variants(blender.generation, this_platform())
    with tempfile.TemporaryDirectory(prefix="sparkvsr-plugin-") as folder:
        archive = archives.build_blender(request.output or Path(folder), request.wheels, variants)[0]
        installing.install(blender, archive, request.engine)
    sentence = (
        f"SparkVSR is enabled in {blender.text}: open a Video Sequencer, press N, choose the tab SparkVSR"
    )
    return Done(sentence, blender.program, blender.text)


def _remove(request: Request) -> Done:
    blender = installing.find_blender(request.program)
    was_there = installing.uninstall(blender)
    sentence = f"SparkVSR is {'taken out of' if was_there else 'not in'} {blender.text}"
    return Done(sentence, blender.program, blender.text, was_there)


HOST = Host(_build, _install, _remove)
