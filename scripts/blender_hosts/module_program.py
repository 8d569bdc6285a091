"""Blender's Python module behind the command line of its program, for what calls a program.

`PYTHON module_program.py --version | --command extension ... | --background --python FILE | --background
--python-expr CODE`, PYTHON having `bpy`. It is the real Blender; what a program does before it reads its
command line (the user's preferences and add-ons) is done here, because a module begins without them.
"""

from __future__ import annotations

import runpy
import sys

import bpy


def main(arguments: list[str]) -> int:
    """What the program would do with these arguments."""
    if arguments == ["--version"]:
        print(f"Blender {bpy.app.version_string}")
        return 0
    bpy.ops.wm.read_userpref()
    if arguments[:2] == ["--command", "extension"]:
        from bl_pkg.bl_extension_cli import cli_extension_handler

        return cli_extension_handler(arguments[2:])
    if arguments[:2] == ["--background", "--python"]:
        sys.argv = arguments[2:]
        runpy.run_path(arguments[2], run_name="__main__")
        return 0
    if arguments[:2] == ["--background", "--python-expr"]:
        exec(compile(arguments[2], "<--python-expr>", "exec"), {"__name__": "__main__"})
        return 0
    print(f"{' '.join(arguments)} is not done by this stand-in; use Blender's program.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
