# SPDX-License-Identifier: Apache-2.0
"""Nuke runs this when its interface starts; an exception here would keep Nuke from starting."""

try:
    from sparkvsr_nuke import menus

    menus.add_menus()
except Exception as error:
    print(f"SparkVSR: menu.py failed and the menus are missing ({error!r})")  # noqa: T201
