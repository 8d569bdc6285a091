# SPDX-License-Identifier: Apache-2.0
"""`python -m sparkvsr_resolve.host_process`: one JSON line in, one out, until standard input ends.

`--probe` loads the module, prints `ok`, and ends: where the Python does not fit, the process ends otherwise.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Dict, TextIO

from .answers import answer
from .failures import HostFailure
from .loading import load_module, running_resolve

_ENDED = "DaVinci Resolve has ended, or its project was closed; open it again."


def main() -> int:
    """Answer calls."""
    lines = _own_output()
    if "--probe" in sys.argv[1:]:
        return _probe(lines)
    for text in sys.stdin:
        request: Dict[str, Any] = json.loads(text)
        _write(lines, {"id": request["id"], **_answered(request, lines)})
    return 0


def _own_output() -> TextIO:
    """What was standard output. What Resolve's module prints goes to standard error from now on."""
    copy = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(copy, "w", encoding="utf-8")


def _answered(request: Dict[str, Any], lines: TextIO) -> Dict[str, Any]:
    def step() -> None:
        _write(lines, {"id": request["id"], "step": True})

    try:
        return {"value": answer(request["call"], request["arguments"], step)}
    except HostFailure as failure:
        return {"error": failure.message, "kind": failure.kind}
    except Exception as error:
        # A name that is absent is None on Resolve's objects, and everything is once Resolve has ended.
        if _has_ended():
            return {"error": _ENDED, "kind": "lost"}
        return {"error": f"Resolve failed at {request['call']}: {error!r}.", "kind": "failed"}


def _has_ended() -> bool:
    try:
        manager = running_resolve().GetProjectManager()
        return manager is None or manager.GetCurrentDatabase() is None or manager.GetCurrentProject() is None
    except Exception:
        return True


def _probe(lines: TextIO) -> int:
    try:
        load_module()
    except HostFailure as failure:
        _write(lines, {"error": failure.message})
        return 1
    _write(lines, {"value": "ok"})
    return 0


def _write(lines: TextIO, values: Dict[str, Any]) -> None:
    lines.write(json.dumps(values) + "\n")
    lines.flush()


if __name__ == "__main__":
    sys.exit(main())
