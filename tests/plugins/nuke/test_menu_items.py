"""What the menu's items do: dock, choice of the engine, self-test; and callbacks that fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.nuke.application import current
from tests.plugins.nuke.scenes import Scene


class Knob:
    """A knob as a callback gets it."""

    def name(self) -> str:
        return "inputChange"


def test_the_dock_opens_in_the_pane_it_is_registered_for(scene: Scene):
    import sparkvsr_nuke
    from sparkvsr_nuke import menus
    from sparkvsr_nuke.panel.opening import PANEL_ID, NukeDock

    assert sparkvsr_nuke.show_dock() is None
    menus.add_menus()
    dock = sparkvsr_nuke.show_dock()
    assert isinstance(dock, NukeDock)
    assert current().panels == [PANEL_ID]


def test_the_engine_is_chosen_once_and_kept(scene: Scene):
    import sparkvsr_nuke
    from sparkvsr_nuke.preferences import preferences_path, read_preferences

    sparkvsr_nuke.choose_engine()
    assert not preferences_path().exists()
    current().answers.append("/opt/sparkvsr/bin/sparkvsr")
    sparkvsr_nuke.choose_engine()
    assert read_preferences().program == "/opt/sparkvsr/bin/sparkvsr"
    assert scene.had_message("The engine is /opt/sparkvsr/bin/sparkvsr")


def test_a_choice_that_cannot_be_kept_is_reported(scene: Scene):
    import sparkvsr_nuke

    home = Path(scene.folder / "user")
    home.mkdir(parents=True)
    (home / ".nuke").write_text("a file where Nuke's folder should be", "utf-8")
    current().answers.append("/opt/sparkvsr/bin/sparkvsr")
    sparkvsr_nuke.choose_engine()
    assert scene.had_message("cannot be kept")


def test_the_self_test_writes_a_report_and_leaves_no_node(scene: Scene):
    from sparkvsr_nuke import self_test

    before = len(scene.nuke.allNodes())
    self_test.run(scene.folder)
    report = scene.folder / self_test.REPORT_NAME
    scene.wait(report.is_file)
    text = report.read_text("utf-8")
    assert "Nuke 15" in text
    assert "result_none" in text
    assert "Engine" in text
    assert len(scene.nuke.allNodes()) == before


def test_a_callback_that_fails_is_a_line_and_no_exception(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    import sparkvsr_nuke
    from sparkvsr_nuke import actions

    def fail(_: object) -> None:
        raise RuntimeError("no such branch")

    monkeypatch.setattr(actions, "show_route", fail)
    sparkvsr_nuke.knob_changed(None, Knob())
    assert ("tprint", "SparkVSR: RuntimeError('no such branch')") in current().messages
