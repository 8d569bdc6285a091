"""`python -m sparkvsr_engine.viewing`: answers requests on standard input until that is closed."""

from __future__ import annotations

import os
import sys

from sparkvsr_engine.viewing.answering import serve

if __name__ == "__main__":
    # What libraries print must not come between the answers.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)
