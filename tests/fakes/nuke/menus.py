"""Menus and toolbars: in the interface only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fakes.nuke.application import current
from tests.fakes.nuke.contract import held_to_the_table
from tests.fakes.nuke.refusals import refused

MENUS = ("Nuke", "Pane", "Nodes", "Properties", "Animation", "Viewer", "Node Graph", "Axis")


@held_to_the_table
class MenuItem:
    """An entry of a menu."""

    def __init__(self, name: str, command: Any = None, icon: str = "", shortcut: str = "") -> None:
        self._name, self._command, self._icon, self._shortcut = name, command, icon, shortcut
        self._enabled = True
        self._visible = True

    def name(self) -> str:
        return self._name

    def icon(self) -> str:
        return self._icon

    def setIcon(self, icon: str) -> None:
        self._icon = icon

    def shortcut(self) -> str:
        return self._shortcut

    def setShortcut(self, shortcut: str) -> None:
        self._shortcut = shortcut

    def script(self) -> str:
        return self._command if isinstance(self._command, str) else ""

    def setScript(self, script: str) -> None:
        self._command = script

    def setEnabled(self, enabled: bool, recursive: bool = False) -> None:
        self._enabled = enabled

    def setVisible(self, visible: bool) -> None:
        self._visible = visible

    def invoke(self) -> None:
        """Run the command, as one undo step."""
        running = current()
        with running.undo.step(self._name):
            depth = running.undo.depth
            if callable(self._command):
                self._command()
            elif self._command:
                import nuke  # type: ignore[import-not-found]

                exec(compile(self._command, "<menu>", "exec"), {"nuke": nuke, "__name__": "__main__"})
            if running.undo.depth != depth:
                running.check_idle()


@held_to_the_table
class Menu(MenuItem):
    """A menu: entries, and menus within."""

    def __init__(self, name: str, icon: str = "") -> None:
        self._name, self._icon, self._command, self._shortcut = name, icon, None, ""
        self._enabled = self._visible = True
        self._items: list[MenuItem] = []

    def addCommand(
        self,
        name: str,
        command: str | Callable[[], Any] | None = None,
        shortcut: str = "",
        icon: str = "",
        tooltip: str = "",
        index: int = -1,
        readonly: bool = False,
        shortcutContext: int = -1,
        tag: int = 0,
        tagTarget: str = "",
        nodeClass: str = "",
    ) -> MenuItem:
        if command is not None and not (isinstance(command, str) or callable(command)):
            raise refused(TypeError(f"a command is a text or a function, not {command!r}"))
        menu, last = self._walk(name)
        item = _plain_item(last, command, icon, shortcut)
        menu._items = [item for item in menu._items if item._name != last]
        menu._items.insert(len(menu._items) if index < 0 else index, item)
        return item

    def addMenu(self, name: str, icon: str = "", tooltip: str = "", index: int = -1) -> Menu:
        menu, last = self._walk(name)
        child = next((item for item in menu._items if isinstance(item, Menu) and item._name == last), None)
        if child is None:
            child = make_menu(last, icon)
            menu._items.append(child)
        return child

    def addSeparator(self) -> MenuItem:
        item = _plain_item("", None, "", "")
        self._items.append(item)
        return item

    def findItem(self, name: str) -> MenuItem | None:
        here: Any = self
        for part in name.split("/"):
            here = next((item for item in getattr(here, "_items", []) if item._name == part), None)
        return here

    def menu(self, name: str) -> Menu | None:
        item = self.findItem(name)
        return item if isinstance(item, Menu) else None

    def removeItem(self, name: str) -> None:
        self._items = [item for item in self._items if item._name != name]

    def items(self) -> list[MenuItem]:
        return list(self._items)

    def clearMenu(self) -> None:
        self._items.clear()

    def _walk(self, name: str) -> tuple[Menu, str]:
        *parts, last = name.split("/")
        menu: Menu = self
        for part in parts:
            menu = menu.addMenu(part)
        return menu, last


def make_menu(name: str, icon: str = "") -> Menu:
    menu = Menu.__new__(Menu)
    menu._name, menu._icon, menu._command, menu._shortcut = name, icon, None, ""
    menu._enabled = menu._visible = True
    menu._items = []
    return menu


def _plain_item(name: str, command: Any, icon: str, shortcut: str) -> MenuItem:
    item = MenuItem.__new__(MenuItem)
    item._name, item._command, item._icon, item._shortcut = name, command, icon, shortcut
    item._enabled = item._visible = True
    return item


def menu(name: str) -> Menu:
    running = current()
    running.need_interface("nuke.menu")
    if name not in MENUS:
        raise refused(RuntimeError(f"there is no menu {name}"))
    return running.menus.setdefault(name, make_menu(name))


def toolbar(name: str, create: bool = True) -> Menu:
    running = current()
    running.need_interface("nuke.toolbar")
    return running.menus.setdefault(name, make_menu(name))
