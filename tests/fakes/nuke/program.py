"""The stand-in as a program: `python -m tests.fakes.nuke.program -t script.py`, or `-x -F 1-10 comp.nk`.

-t FILE.py ARGUMENTS  run Python without interface      -x  render the script's Writes
--nuke-path FOLDER    as NUKE_PATH: init.py, menu.py    -F  frames   -V  views   -X  only these Writes
"""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path

from tests.fakes.nuke.start import start, stop


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="nuke")
    parser.add_argument("-t", dest="terminal", action="store_true")
    parser.add_argument("-x", dest="render", action="store_true")
    parser.add_argument("-F", dest="frames", default="")
    parser.add_argument("-V", dest="views", default="")
    parser.add_argument("-X", dest="nodes", default="")
    parser.add_argument("--version-string", default="15.0v1")
    parser.add_argument("--nuke-path", action="append", default=[])
    parser.add_argument("file")
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    chosen = parser.parse_args(arguments)
    nuke = start(mode="terminal", version=chosen.version_string)
    from tests.fakes.nuke.startup import run_startup

    run_startup(*(Path(folder) for folder in chosen.nuke_path))
    if chosen.render:
        _render(nuke, chosen)
    else:
        sys.argv = [chosen.file, *chosen.rest]
        runpy.run_path(chosen.file, run_name="__main__")
    refusals = stop()
    for refusal in refusals:
        sys.stderr.write(f"refused: {refusal}\n")
    return 3 if refusals else 0


def _render(nuke: object, chosen: argparse.Namespace) -> None:
    from tests.fakes.nuke.application import current
    from tests.fakes.nuke.rendering import execute
    from tests.fakes.nuke.script_files import open_file

    open_file(chosen.file)
    root = current().root
    names = chosen.nodes.split(",") if chosen.nodes else None
    for node in list(root._children.values()):
        if node._class == "Write" and (names is None or node._full_name() in names):
            for frame in _frames(chosen.frames, root):
                execute(node, frame, frame, 1, chosen.views.split(",") if chosen.views else None)


def _frames(text: str, root: object) -> list[int]:
    from tests.fakes.nuke.formats import FrameRanges

    if not text:
        return list(range(root.firstFrame(), root.lastFrame() + 1))  # type: ignore[attr-defined]
    return FrameRanges(text.replace(",", " ")).toFrameList()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
