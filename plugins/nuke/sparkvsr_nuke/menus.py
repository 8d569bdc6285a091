"""The plugin's menu entries. Called by menu.py, in the interface alone."""

from __future__ import annotations

import nuke

_NO_ICON = "/"


def add_menus() -> None:
    """Add the node to the toolbar and the commands to the menu bar; nothing in Hiero."""
    if nuke.env["hiero"]:
        return
    nodes = nuke.menu("Nodes").addMenu("SparkVSR")
    nodes.addCommand("SparkVSR", "import sparkvsr_nuke; sparkvsr_nuke.create()", icon=_NO_ICON)
    bar = nuke.menu("Nuke").addMenu("SparkVSR")
    for name, code in (
        ("Dock", "sparkvsr_nuke.show_dock()"),
        ("Engine...", "sparkvsr_nuke.choose_engine()"),
        ("Self-test", "sparkvsr_nuke.run_self_test()"),
    ):
        bar.addCommand(name, f"import sparkvsr_nuke; {code}", icon=_NO_ICON)
    _register_dock()


def _register_dock() -> None:
    """Let Nuke restore the dock with a layout. Its widget is made only when it is shown."""
    import nukescripts  # type: ignore[import-not-found]

    nukescripts.panels.registerWidgetAsPanel(
        "__import__('sparkvsr_nuke.panel.opening', fromlist=['NukeDock']).NukeDock",
        "SparkVSR",
        "com.sparkvsr.dock",
    )
