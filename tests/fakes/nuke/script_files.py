"""Scripts as files: open, save, close, copy and paste; the `nuke` functions about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.fakes.nuke.application import current
from tests.fakes.nuke.callbacks import fire
from tests.fakes.nuke.groups import Root
from tests.fakes.nuke.loading import announce_script, load_text
from tests.fakes.nuke.refusals import refused
from tests.fakes.nuke.scripts import graph_lines, script_text


def new_root() -> Root:
    root = Root.__new__(Root)
    root._setup("Root", None)
    return root


def clear_script() -> None:
    """An empty script, as Nuke starts with."""
    running = current()
    for node in _everything(running.root):
        node._is_there = False
    running.root = new_root()
    running.views[:] = ["main"]
    running.view = "main"
    running.groups.clear()
    running.undo.clear()
    running.read_cache.clear()
    running.modified = False


def _everything(group: Any) -> list[Any]:
    nodes = list(group._children.values())
    return nodes + [inner for node in nodes if hasattr(node, "_children") for inner in _everything(node)]


def scriptOpen(filename: str | None = None) -> None:
    """Open a script in place of this one."""
    if filename is None:
        current().need_interface("scriptOpen without a name")
        raise RuntimeError("Cancelled")
    scriptClear()
    open_file(filename)


def open_file(filename: str) -> None:
    path = Path(filename)
    if not path.is_file():
        raise RuntimeError(f"{filename}: No such file or directory")
    running = current()
    load_text(path.read_text("utf-8"), running.root, is_script=True)
    running.loading = True
    running.root._knobs["name"]._change(str(path).replace("\\", "/"))
    running.loading = False
    running.modified = False
    announce_script()
    running.undo.clear()


def scriptClear(ignoreUnsavedChanges: bool = False) -> None:
    fire("OnScriptClose", current().root)
    clear_script()


def scriptClose(ignoreUnsavedChanges: bool = False) -> bool:
    scriptClear()
    return True


def scriptNew(*_: Any) -> None:
    scriptClear()


def scriptReadFile(filename: str) -> None:
    load_text(Path(filename).read_text("utf-8"), current().group)


def scriptReadText(text: str) -> None:
    load_text(text, current().group)


def scriptSave(filename: str = "") -> bool:
    """Save; does nothing where the script is not modified. Raises: RuntimeError without a name."""
    running = current()
    if not running.modified and not filename:
        return True
    target = filename or str(running.root._knobs["name"]._state)
    if not target:
        raise RuntimeError("no script name")
    _save(target)
    return True


def scriptSaveAs(filename: str = "", overwrite: int = -1) -> bool:
    """Save under a name. Raises: RuntimeError where the file is there and may not be written over."""
    if not filename:
        current().need_interface("scriptSaveAs without a name")
        raise RuntimeError("Cancelled")
    if Path(filename).exists() and overwrite != 1:
        raise RuntimeError(f"{filename} exists")
    _save(filename)
    return True


def scriptSaveToTemp(filename: str) -> str:
    """Save a copy; the script keeps its name."""
    Path(filename).write_text(script_text(current().root), "utf-8")
    return filename


def _save(filename: str) -> None:
    if "\\" in filename:
        raise refused(ValueError(f"a backslash in a script's name: {filename}"))
    running = current()
    fire("OnScriptSave", running.root, is_loud=True)
    running.loading = True
    running.root._knobs["name"]._change(filename)
    running.loading = False
    Path(filename).write_text(script_text(running.root), "utf-8")
    running.modified = False


def scriptName() -> str:
    name = str(current().root._knobs["name"]._state)
    if not name:
        raise RuntimeError("no script name")
    return name


def script_directory() -> str:
    name = str(current().root._knobs["name"]._state)
    return Path(name).parent.as_posix() if name else ""


def scriptExit(*_: Any) -> None:
    raise SystemExit(0)


def nodeCopy(s: str) -> bool:
    """Copy the selection to a file, or to the clipboard `%clipboard%`."""
    nodes = [n for n in current().group._children.values() if n._knobs["selected"]._number(0)]
    if not nodes:
        return False
    text = "\n".join(["set cut_paste_input [stack 0]", *graph_lines(nodes, "$cut_paste_input")]) + "\n"
    if s == "%clipboard%":
        current().clipboard = text
    else:
        Path(s).write_text(text, "utf-8")
    return True


def nodePaste(s: str) -> Any:
    """Paste from a file or the clipboard; what was pasted is selected. Gives the last node."""
    running = current()
    text = running.clipboard if s == "%clipboard%" else Path(s).read_text("utf-8")
    chosen = [n for n in running.group._children.values() if n._knobs["selected"]._number(0)]
    body = text.replace("set cut_paste_input [stack 0]\n", "", 1)
    pasted = load_text(body, running.group, chosen[-1] if chosen else None)
    for node in running.group._children.values():
        node._knobs["selected"]._from_script("true" if node in pasted else "false")
    return pasted[-1] if pasted else None


def nodeDelete(s: str = "") -> bool:
    from tests.fakes.nuke.creation import delete, selectedNodes

    nodes = selectedNodes()
    for node in nodes:
        delete(node)
    return bool(nodes)
