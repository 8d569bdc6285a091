"""Small functions of the module `nuke`: the script's state, paths, expressions, formats, this node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.fakes.nuke import flags
from tests.fakes.nuke.application import current
from tests.fakes.nuke.formats import Format, parse_format
from tests.fakes.nuke.readers import resolved
from tests.fakes.nuke.refusals import refused
from tests.fakes.nuke.tcl import Place, tcl_interpreter
from tests.fakes.nuke.tcl_commands import find_knob, number_of


def root() -> Any:
    return current().root


def frame(f: float | None = None) -> int:
    if f is not None:
        current().root._knobs["frame"]._from_script(repr(float(f)))
    return int(current().frame)


def modified(status: bool | None = None) -> bool:
    if status is not None:
        current().modified = bool(status)
    return current().modified


def views() -> list[str]:
    return list(current().views)


def thisView() -> str:
    return current().view


def thisNode() -> Any:
    return current().this[-1][0] if current().this else current().root


def thisKnob() -> Any:
    if not current().this:
        raise RuntimeError("no knob is being changed")
    return current().this[-1][1]


def thisGroup() -> Any:
    return current().group


def thisParent() -> Any:
    return thisNode()._parent


def thisRoot() -> Any:
    return current().root


def thisClass() -> str:
    return thisNode()._class


def executing() -> bool:
    return current().executing


def filename(node: Any = None, i: int | None = None) -> str | None:
    """The path of a node as it stands, or evaluated with `nuke.REPLACE`; the proxy's in proxy mode."""
    node = thisNode() if node is None else node
    if "file" not in node._knobs:
        return None
    proxy = node._knobs.get("proxy")
    uses_proxy = current().root.proxy() and proxy is not None and proxy._state
    knob = proxy if uses_proxy else node._knobs["file"]
    if i == flags.CONSTANTS["REPLACE"]:
        return resolved(node, knob._path_at(current().frame, current().view))
    text = knob._text_at(current().frame, current().view)
    return text or None


def addFormat(s: str) -> Format:
    shape = parse_format(s)
    current().formats.append(shape)
    return shape


def formats() -> list[Format]:
    return list(current().formats)


def deleteView(s: str) -> None:
    current().root.deleteView(s)


def expression(s: str) -> float:
    running = current()
    return tcl_interpreter().number(s, Place(thisNode(), running.frame, running.view), number_of)


def value(knob: str, default: str | None = None) -> str:
    try:
        return str(find_knob(knob, thisNode())._text_at(current().frame, current().view))
    except RuntimeError:
        if default is None:
            raise
        return default


def numvalue(knob: str, default: float | None = None) -> float:
    try:
        return float(find_knob(knob, thisNode())._number_at(0, current().frame, current().view))
    except RuntimeError:
        if default is None:
            raise
        return default


def knobDefault(classknob: str, value: str | None = None) -> str | None:
    if value is None:
        return current().knob_defaults.get(classknob)
    current().knob_defaults[classknob] = value
    return None


def undo() -> None:
    current().undo.undo()


def redo() -> None:
    current().undo.redo()


def pluginAddPath(args: Any, addToSysPath: bool = True) -> None:
    _plugin_path(args, addToSysPath, 0)


def pluginAppendPath(args: Any, addToSysPath: bool = True) -> None:
    _plugin_path(args, addToSysPath, len(current().plugin_path))


def _plugin_path(args: Any, is_importable: bool, index: int) -> None:
    from tests.fakes.nuke.startup import add_plugin_folder

    for folder in [args] if isinstance(args, str) else list(args):
        if "\\" in folder:
            raise refused(ValueError(f"a backslash in a plug-in path: {folder}"))
        add_plugin_folder(folder, index, is_importable)


def pluginPath() -> list[str]:
    return list(current().plugin_path)


def pluginExists(name: str) -> bool:
    return any((Path(folder) / name).exists() for folder in current().plugin_path)


def usingOcio() -> bool:
    return bool(current().root._knobs["colorManagement"]._number(0))


def getColorspaceList(colorspaceKnob: Any) -> list[str]:
    return list(colorspaceKnob._items)


def channels(n: Any = None) -> list[str]:
    return current().root.channels() if n is None else n.channels()


def layers(node: Any = None) -> list[str]:
    names = channels(node)
    return list(dict.fromkeys(name.split(".", 1)[0] for name in names))


def memory(cmd: str, value: Any = None) -> int:
    return 0


def waitForThreadsToFinish() -> bool:
    return True


def clearRAMCache() -> None:
    current().read_cache.clear()


def clearDiskCache() -> None:
    """There is none."""


def localizationEnabled(knob: Any) -> bool:
    return bool(current().localised)


def tabClose() -> None:
    current().need_interface("nuke.tabClose")


QUERIES = {
    name: member
    for name, member in dict(globals()).items()
    if callable(member) and getattr(member, "__module__", "") == __name__ and not name.startswith("_")
}
QUERIES["usingOCIO"] = usingOcio
