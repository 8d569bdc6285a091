"""`python -m sparkvsr_engine` is the same program as `sparkvsr`."""

from __future__ import annotations

import sys

from sparkvsr_engine.cli import main

if __name__ == "__main__":
    sys.exit(main())
