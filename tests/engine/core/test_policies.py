"""A policy is accepted everywhere or nowhere: by requests, engine, command line, hosts and documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plugins.nuke.sparkvsr_nuke.node.knob_specs import POLICY_NAMES
from sparkvsr_bridge.hosts.tasks import farming
from sparkvsr_bridge.policies import KEYFRAME_POLICIES, POLICIES
from sparkvsr_bridge.settings import KeyframePolicy
from sparkvsr_engine.cli.job_options import settings_of
from sparkvsr_engine.cli.parser import make_parser
from sparkvsr_engine.core.keyframe_choice import keyframes

ROOT = Path(__file__).resolve().parents[3]


def test_the_engine_chooses_by_every_policy_and_by_no_other():
    assert set(keyframes.POLICIES) == set(KEYFRAME_POLICIES)


@pytest.mark.parametrize("name", KEYFRAME_POLICIES)
def test_requests_take_every_policy(name: str):
    assert KeyframePolicy(name).name == name


def test_the_command_line_names_every_policy(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        make_parser().parse_args(["upscale", "--help"])
    text = re.sub(r"\s+", "", capsys.readouterr().out)
    assert "|".join(KEYFRAME_POLICIES) in text


def test_blenders_menu_is_made_of_them():
    text = (ROOT / "plugins" / "blender" / "properties.py").read_text("utf-8")
    assert "items=[policy.item() for policy in POLICIES]" in text


def test_the_node_in_nuke_offers_every_policy():
    assert POLICY_NAMES == KEYFRAME_POLICIES


def test_the_window_offers_every_policy():
    pytest.importorskip("PySide6")
    from sparkvsr_window.widgets.panels.settings_panel import _POLICIES

    assert [name for _, name, _ in _POLICIES] == ["", *KEYFRAME_POLICIES]


@pytest.mark.parametrize("name", KEYFRAME_POLICIES)
def test_every_command_with_settings_takes_every_policy(name: str):
    for command in (["keyframes", "clip.mp4"], ["resolve"], ["conform", "cut.otio", "-o", "out.otio"]):
        options = make_parser().parse_args([*command, "--keyframes", f"{name}:2"])
        assert settings_of(options).policy == KeyframePolicy(name, 2)


@pytest.mark.parametrize("name", KEYFRAME_POLICIES)
def test_a_farm_command_of_a_host_names_the_policy(name: str):
    assert farming._policy(KeyframePolicy(name, 3)) == f"{name}:3"


def test_the_protocol_names_every_policy():
    text = (ROOT / "bridge" / "PROTOCOL.md").read_text("utf-8")
    (row,) = re.findall(r"^\| `name` \| string \| \"adaptive\" \|.*$", text, re.MULTILINE)
    assert set(KEYFRAME_POLICIES) <= set(re.findall(r"`(\w+)`", row))


def test_every_policy_has_words_for_menus():
    assert all(policy.title and policy.summary for policy in POLICIES)
    assert len(set(KEYFRAME_POLICIES)) == len(POLICIES)
