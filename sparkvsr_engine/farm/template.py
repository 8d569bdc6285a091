"""The job template of a bundle, in the words of Open Job Description 2023-09. Pure values.

Specification: github.com/OpenJobDescription/openjd-specifications, template schemas of 2023-09. Only its base
is used, no extension, so that every farm that reads job templates takes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sparkvsr_engine.core.frames import FrameSpan

SPECIFICATION = "jobtemplate-2023-09"
LONGEST_NAME = 128
FRAMES_PER_TASK = 48
"""Enough that a task renders much longer than it takes to start, few enough that hosts end together."""
_ENVIRONMENT_SECONDS = 3600


@dataclass(frozen=True)
class TemplateRequest:
    """What a template is made of.

    Attributes:
        name: of the job, for people.
        source: path of the source.
        target: path or pattern of the result.
        is_folder: whether the source is a folder or numbered files, else one file.
        frames: to put out.
        frames_per_task: how many frames a render task is for.
        wheel: what each host gets by pip before it works; empty where `sparkvsr` is there.
        needs_gpu: whether frames are rendered on hosts with a GPU alone.
    """

    name: str
    source: str
    target: str
    is_folder: bool
    frames: FrameSpan
    frames_per_task: int
    wheel: str = ""
    needs_gpu: bool = False


def job_template(request: TemplateRequest) -> dict[str, Any]:
    """The whole template: preparing, rendering in tasks, joining, each after the one before."""
    render = _step(
        "Render", "render", ["--first", "{{Task.Param.First}}", "--count", "{{Param.FramesPerTask}}"]
    )
    render["dependencies"] = [{"dependsOn": "Prepare"}]
    render["parameterSpace"] = {
        "taskParameterDefinitions": [
            {
                "name": "First",
                "type": "INT",
                "range": "{{Param.FirstFrame}}-{{Param.LastFrame}}:{{Param.FramesPerTask}}",
            }
        ]
    }
    if request.needs_gpu:
        render["hostRequirements"] = {"amounts": [{"name": "amount.worker.gpu", "min": 1}]}
    join = _step("Join", "join", [])
    join["dependencies"] = [{"dependsOn": "Render"}]
    template: dict[str, Any] = {
        "specificationVersion": SPECIFICATION,
        "name": request.name[:LONGEST_NAME],
        "parameterDefinitions": _parameters(request),
        "steps": [_step("Prepare", "prepare", []), render, join],
    }
    if request.wheel:
        template["jobEnvironments"] = [_installation()]
    return template


def parameter_values(request: TemplateRequest) -> dict[str, str]:
    """Values of the parameters that have no default: a template's paths may only be relative to it."""
    return {"Source": request.source, "TargetFolder": request.target}


def _parameters(request: TemplateRequest) -> list[dict[str, Any]]:
    kind = "DIRECTORY" if request.is_folder else "FILE"
    parameters = [
        {**_path("Bundle", "This folder; every host writes to it.", "DIRECTORY", "INOUT"), "default": "."},
        _path("Source", "What is enlarged; numbered files by their folder.", kind, "IN"),
        _path("TargetFolder", "The folder of the result.", "DIRECTORY", "OUT"),
        _number("FirstFrame", "First frame, in the source's numbers.", request.frames.first),
        _number("LastFrame", "Last frame, inclusive.", request.frames.last),
        _number("FramesPerTask", "Frames of one render task.", request.frames_per_task, least=1),
        {
            "name": "Sparkvsr",
            "type": "STRING",
            "description": "The program, by name or by path.",
            "default": "sparkvsr",
        },
    ]
    if request.wheel:
        parameters.append(
            {
                "name": "Wheel",
                "type": "STRING",
                "description": "What a host gets by pip before it works: a wheel, or sparkvsr==0.1.0.",
                "default": request.wheel,
            }
        )
    return parameters


def _path(name: str, description: str, kind: str, flow: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "PATH",
        "objectType": kind,
        "dataFlow": flow,
        "description": description,
    }


def _number(name: str, description: str, default: int, least: int | None = None) -> dict[str, Any]:
    values: dict[str, Any] = {"name": name, "type": "INT", "description": description, "default": default}
    return values if least is None else {**values, "minValue": least}


def _step(name: str, command: str, options: list[str]) -> dict[str, Any]:
    where = ["--source", "{{Param.Source}}", "--target-folder", "{{Param.TargetFolder}}"]
    return {
        "name": name,
        "script": {
            "actions": {
                "onRun": {
                    "command": "{{Param.Sparkvsr}}",
                    "args": ["farm", command, "{{Param.Bundle}}", *where, *options],
                }
            }
        },
    }


def _installation() -> dict[str, Any]:
    """An environment of its own with the program in it, made once per session of a host."""
    script = """import os, pathlib, subprocess, sys
place = pathlib.Path(r"{{Session.WorkingDirectory}}") / "sparkvsr"
subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
programs = place / ("Scripts" if os.name == "nt" else "bin")
subprocess.run([str(programs / "python"), "-m", "pip", "install", r"{{Param.Wheel}}"], check=True)
print("openjd_env: PATH=" + str(programs) + os.pathsep + os.environ.get("PATH", ""))
"""
    return {
        "name": "Installation",
        "script": {
            "actions": {
                "onEnter": {
                    "command": "python",
                    "args": ["{{Env.File.Install}}"],
                    "timeout": _ENVIRONMENT_SECONDS,
                }
            },
            "embeddedFiles": [{"name": "Install", "type": "TEXT", "filename": "install.py", "data": script}],
        },
    }
