"""Builds the documentation, which needs nothing from the network: `python scripts/build_docs.py [-o FOLDER]`.

Needs the extra `docs`. `sparkvsr docs` opens what it leaves in `build/site`; a wheel carries it.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "build" / "site"
CONFIG = ROOT / "mkdocs.yml"
# Module -> package: the extra docs, and pyzmq for the command reference, which imports the parser.
_NEEDED = {"material": "mkdocs-material", "mkdocstrings_handlers": "mkdocstrings-python", "zmq": "pyzmq"}
# Maps of the theme's sources: they serve its developers alone, and are half of a built site.
_LEFT_OUT = ("*.map",)


class DocumentationNotBuilt(Exception):
    """The documentation cannot be built; the message gives the reason and what to do."""


def build_site(folder: Path = SITE, config: Path = CONFIG) -> Path:
    """Build the site of MkDocs' `config` into `folder`, which is emptied first; returns its first page.

    Raises DocumentationNotBuilt: without MkDocs, and for every fault of a page, with MkDocs' words.
    """
    missing = [package for module, package in _NEEDED.items() if not importlib.util.find_spec(module)]
    if missing:
        raise DocumentationNotBuilt(
            f"The documentation cannot be built without its tools; run: pip install {' '.join(missing)}"
        )
    # Not --quiet: MkDocs then counts no warnings, and its strict build passes over every broken link.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean"]
    # The theme prints an advertisement of its own unless this is set.
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        [*command, "-f", str(config), "-d", str(folder.absolute())],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise DocumentationNotBuilt(f"The documentation has faults; mend them:\n{done.stdout}{done.stderr}")
    for pattern in _LEFT_OUT:
        for path in folder.rglob(pattern):
            path.unlink()
    return folder / "index.html"


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="build_docs.py", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=SITE, metavar="FOLDER")
    try:
        print(build_site(parser.parse_args(arguments).output))
    except DocumentationNotBuilt as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
