"""Writes a bundle: the request with its keyframes, the template, the list of assets."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from sparkvsr_bridge.errors import InvalidSettings, TargetExists
from sparkvsr_bridge.settings import JobSpec
from sparkvsr_engine.config import load_config
from sparkvsr_engine.farm.folder import (
    BundleFolder,
    BundleRequest,
    source_folder,
    without_folders,
    write_json,
)
from sparkvsr_engine.farm.template import FRAMES_PER_TASK, TemplateRequest, job_template, parameter_values
from sparkvsr_engine.jobs.intake import adopt_keyframes, check_request
from sparkvsr_engine.media.faults import media_faults
from sparkvsr_engine.models.registry import find_restorer
from sparkvsr_engine.references.named_colour import require_pictures, with_stated_colours
from sparkvsr_engine.storage.listing import visible_files


@dataclass(frozen=True)
class Bundle:
    """A bundle that was written."""

    folder: BundleFolder
    frames: int
    tasks: int


def write_bundle(
    spec: JobSpec, folder: Path, frames_per_task: int = FRAMES_PER_TASK, wheel: str = ""
) -> Bundle:
    """Check a request and write its bundle; nothing is rendered.

    Args:
        spec: the request. Pictures of keyframes are copied into the bundle.
        folder: of the bundle; made, and empty before.
        frames_per_task: how many frames one render task is for, at least 1.
        wheel: what each host gets by pip first; empty where the program is there.

    Raises:
        TargetExists: the folder holds something already.
        InvalidSettings: fewer than one frame per task, a colour config that hosts may not see.
        SparkVSRError: what is raised for a job of the same request.
    """
    if frames_per_task < 1:
        raise InvalidSettings(f"A task of {frames_per_task} frames renders nothing; write 1 or more.")
    if folder.exists() and visible_files(folder):
        raise TargetExists(f"{folder} holds files already; choose an empty folder for the bundle.")
    config = load_config()
    config.make_folders()
    bundle, job = BundleFolder(folder.absolute()), uuid.uuid4().hex[:10]
    spec = replace(spec, keyframes=with_stated_colours(spec.keyframes))
    require_pictures(spec.keyframes)
    checked = check_request(config, spec, config.work_folder(job, 1))
    span = checked.info.span
    with media_faults(folder, writing=True):
        keyframes = adopt_keyframes(spec.keyframes, bundle.keyframes, checked.geometry, None)
        bundle.work.mkdir(parents=True, exist_ok=True)
        request = BundleRequest(job, replace(spec, keyframes=without_folders(keyframes)), span)
        write_json(bundle.request, request.to_dict())
        source = source_folder(spec.source.path, checked.info.pattern is not None)
        template = TemplateRequest(
            name=f"SparkVSR {Path(spec.output.path).name}",
            source=source,
            target=str(Path(spec.output.path).parent),
            is_folder=checked.info.pattern is not None,
            frames=span,
            frames_per_task=frames_per_task,
            wheel=wheel,
            needs_gpu=find_restorer(spec.settings.model, config.models_folder)[0].is_large,
        )
        write_json(bundle.assets, _assets(template))
        values = parameter_values(template)
        write_json(bundle.parameters, values)
        listed = [{"name": name, "value": value} for name, value in values.items()]
        write_json(bundle.deadline_parameters, {"parameterValues": listed})
        # Last: a folder with a template is a whole bundle.
        write_json(bundle.template, job_template(template))
    return Bundle(bundle, len(span), -(-len(span) // frames_per_task))


def _assets(template: TemplateRequest) -> dict[str, object]:
    """In the form of AWS Deadline Cloud's job bundles; other farms pass it over."""
    kind = "directories" if template.is_folder else "filenames"
    inputs: dict[str, list[str]] = {"filenames": [], "directories": []}
    inputs[kind] = [template.source]
    return {"assetReferences": {"inputs": inputs, "outputs": {"directories": [template.target]}}}
