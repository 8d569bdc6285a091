"""`nukescripts`: the few bits that plugins use."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from tests.fakes.nuke import tables
from tests.fakes.nuke.application import current
from tests.fakes.nuke.contract import check_count, check_thread
from tests.fakes.nuke.knobs import Knob


def _call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    check_thread(f"nukescripts.panels.{name}")
    check_count(f"nukescripts.panels.{name}", tables.entry_of("nukescripts.panels", name)[1], args, kwargs)
    current().need_interface(f"nukescripts.panels.{name}")


def registerPanel(*args: Any, **kwargs: Any) -> None:
    _call("registerPanel", args, kwargs)
    current().widget_panels[args[0]] = args


def unregisterPanel(*args: Any, **kwargs: Any) -> None:
    _call("unregisterPanel", args, kwargs)
    current().widget_panels.pop(args[0], None)


def registerWidgetAsPanel(*args: Any, **kwargs: Any) -> Any:
    """The widget's class is a text that is evaluated when the panel opens."""
    _call("registerWidgetAsPanel", args, kwargs)
    widget, name, panel_id = args[:3]
    if not isinstance(widget, str):
        raise TypeError(f"the widget's class is a text, not {widget!r}")
    current().widget_panels[panel_id] = (widget, name)
    return PythonPanel(name, panel_id) if len(args) > 3 and args[3] else None


def restorePanel(*args: Any, **kwargs: Any) -> Any:
    """Makes the widget of a registered panel and puts it into a pane; None for one nobody registered."""
    _call("restorePanel", args, kwargs)
    registered = current().widget_panels.get(args[0])
    if registered is None:
        return None
    current().panels.append(args[0])
    return eval(registered[0], {})()


class PythonPanel:
    """A panel of knobs."""

    def __init__(self, title: str = "", id: str = "", scrollable: bool = True) -> None:
        check_thread("PythonPanel")
        current().need_interface("PythonPanel")
        self.title, self.id = title, id
        self._knobs: dict[str, Knob] = {}

    def addKnob(self, knob: Knob) -> None:
        self._knobs[knob._name] = knob

    def removeKnob(self, knob: Knob) -> None:
        self._knobs.pop(knob._name, None)

    def knobs(self) -> dict[str, Knob]:
        return dict(self._knobs)

    def show(self) -> None:
        current().messages.append(("panel", self.title))

    def showModalDialog(self, defaultKnobText: str = "") -> bool:
        current().messages.append(("dialog", self.title))
        return bool(current().answers.pop(0)) if current().answers else True

    def addToPane(self, pane: Any = None) -> PythonPanel:
        current().panels.append(self.id)
        return self


def modules() -> dict[str, ModuleType]:
    """`nukescripts` and `nukescripts.panels`, ready for `sys.modules`."""
    package, panels = ModuleType("nukescripts"), ModuleType("nukescripts.panels")
    for member in (registerPanel, unregisterPanel, registerWidgetAsPanel, restorePanel, PythonPanel):
        setattr(panels, member.__name__, member)
    package.panels = panels  # type: ignore[attr-defined]
    package.PythonPanel = PythonPanel  # type: ignore[attr-defined]
    package.registerWidgetAsPanel = registerWidgetAsPanel  # type: ignore[attr-defined]
    package.__path__ = []  # type: ignore[attr-defined]
    return {"nukescripts": package, "nukescripts.panels": panels}


def installed() -> bool:
    return "nukescripts" in sys.modules
