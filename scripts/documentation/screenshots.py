"""Pictures of pages of the built site at two widths, to be looked at.

`python scripts/documentation/screenshots.py` needs Chromium and the site (`python scripts/build_docs.py`);
it leaves PAGE-WIDTH.png in `build/screenshots`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE, OUTPUT = ROOT / "build" / "site", ROOT / "build" / "screenshots"
PAGES = ("index.html", "keyframes.html", "figures/lite.html")
# A desktop's and a phone's.
WIDTHS = (1280, 400)
HEIGHT = 2000
_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=4000")


def take(chromium: str, page: str, width: int) -> Path:
    """A picture of a page as a browser without a server shows it."""
    picture = OUTPUT / f"{page.removesuffix('.html').replace('/', '-')}-{width}.png"
    size = f"--window-size={width},{HEIGHT}"
    url = (SITE / page).as_uri()
    command = [chromium, *_FLAGS, size, f"--screenshot={picture}", url]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return picture


def main(arguments: list[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", default=PAGES, metavar="PAGE", help="below the site, with .html")
    parser.add_argument("--chromium", default="chromium", metavar="PROGRAM")
    options = parser.parse_args(arguments)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for page in options.pages:
        for width in WIDTHS:
            print(take(options.chromium, page, width))


if __name__ == "__main__":
    main(sys.argv[1:])
