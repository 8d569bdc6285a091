"""A keyframe's picture is opened in the editor of one's choice, as each system starts programs."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("PySide6", reason="the window needs PySide6")

from PySide6.QtCore import QProcess

from sparkvsr_window.widgets.application import open_picture

PICTURE = Path("/shots/a b.exr")


@pytest.mark.parametrize(
    ("platform", "editor", "command"),
    [
        ("darwin", "/Applications/Krita.app", ["open", "-a", "/Applications/Krita.app", str(PICTURE)]),
        ("darwin", "/opt/homebrew/bin/gimp", ["/opt/homebrew/bin/gimp", str(PICTURE)]),
        ("linux", "/opt/Krita.app", ["/opt/Krita.app", str(PICTURE)]),
    ],
)
def test_an_application_of_a_mac_is_a_folder_that_the_system_opens(
    monkeypatch: pytest.MonkeyPatch, platform: str, editor: str, command: list[str]
):
    started: list[list[str]] = []
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(
        QProcess, "startDetached", lambda program, arguments: started.append([program, *arguments])
    )
    open_picture(PICTURE, editor)
    assert started == [command]
