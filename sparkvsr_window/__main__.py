"""`python -m sparkvsr_window [FILE]`: the window, as `sparkvsr window` starts it."""

from __future__ import annotations

import sys

from sparkvsr_window.start import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
