"""The job template, read by Open Job Description's own library."""

import re
from pathlib import Path

import pytest

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.farm.template import LONGEST_NAME, TemplateRequest, job_template, parameter_values

model = pytest.importorskip("openjd.model")


def request(**changes) -> TemplateRequest:
    values = {
        "name": "SparkVSR out.mov",
        "source": "/shots/a.mov",
        "target": "/shots/out",
        "is_folder": False,
        "frames": FrameSpan(-2, 100),
        "frames_per_task": 48,
    }
    return TemplateRequest(**{**values, **changes})


def job_of(request: TemplateRequest, folder: Path):
    """The job a farm makes of the template, its paths' values read with it."""
    template = model.decode_job_template(template=job_template(request))
    values = model.preprocess_job_parameters(
        job_template=template,
        job_parameter_values=parameter_values(request),
        job_template_dir=folder,
        current_working_dir=folder,
    )
    return model.create_job(job_template=template, job_parameter_values=values)


def test_steps_follow_each_other_and_a_task_is_made_for_every_range(tmp_path):
    job = job_of(request(), tmp_path)
    assert [step.name for step in job.steps] == ["Prepare", "Render", "Join"]
    after = {step.name: [d.dependsOn for d in step.dependencies or []] for step in job.steps}
    assert after == {"Prepare": [], "Render": ["Prepare"], "Join": ["Render"]}
    tasks = list(model.StepParameterSpaceIterator(space=job.steps[1].parameterSpace))
    assert [task["First"].value for task in tasks] == ["-2", "46", "94"]
    assert job.steps[1].hostRequirements is None


def test_hosts_get_the_paths_under_which_they_see_bundle_source_and_target(tmp_path):
    job = job_of(request(), tmp_path)
    values = {name: parameter.value for name, parameter in job.parameters.items()}
    assert values["Bundle"] == str(tmp_path)
    assert (values["Source"], values["TargetFolder"]) == ("/shots/a.mov", "/shots/out")
    for step, command in zip(job.steps, ("prepare", "render", "join"), strict=True):
        action = step.script.actions.onRun
        words = [str(action.command), *map(str, action.args)]
        assert words[:4] == ["{{Param.Sparkvsr}}", "farm", command, "{{Param.Bundle}}"]
        assert words[4:8] == ["--source", "{{Param.Source}}", "--target-folder", "{{Param.TargetFolder}}"]


def test_a_large_model_asks_for_hosts_with_a_gpu_in_the_render_step_alone(tmp_path):
    job = job_of(request(needs_gpu=True), tmp_path)
    required = [step.hostRequirements for step in job.steps]
    assert required[0] is None
    assert required[2] is None
    assert [(amount.name, amount.min) for amount in required[1].amounts] == [("amount.worker.gpu", 1)]


def test_a_wheel_is_installed_before_a_host_works(tmp_path):
    assert job_of(request(), tmp_path).jobEnvironments is None
    job = job_of(request(wheel="/wheels/it's sparkvsr.whl"), tmp_path)
    (environment,) = job.jobEnvironments
    assert str(environment.script.actions.onEnter.command) == "python"
    script = str(environment.script.embeddedFiles[0].data)
    compile(re.sub(r"\{\{[^}]*\}\}", "x", script), "install.py", "exec")
    assert 'r"{{Param.Wheel}}"' in script


def test_a_long_name_is_cut_to_what_the_specification_takes(tmp_path):
    job = job_of(request(name="SparkVSR " + 200 * "x"), tmp_path)
    assert len(job.name) == LONGEST_NAME
