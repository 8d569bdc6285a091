# SPDX-License-Identifier: Apache-2.0
"""Nuke runs this in every session, renders too: it must never raise, and does nothing but set a path."""

try:
    import sys
    from pathlib import Path

    _folder = Path(__file__).resolve().parent.as_posix()
    if _folder not in sys.path:
        sys.path.append(_folder)
except Exception as error:
    print(f"SparkVSR: init.py failed and the plugin is off ({error!r})")  # noqa: T201
