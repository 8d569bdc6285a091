# SPDX-License-Identifier: Apache-2.0
"""What the engine reports, brought into the script: jobs, results, previews, suggestions.

With the session the timer starts: `jobs` does not know who polls it, so the two are joined here.
"""

from __future__ import annotations

import nuke

from . import jobs


def _start_timer() -> None:
    """Have the session's news taken in, where an interface has an event loop."""
    if nuke.GUI:
        from . import timer

        timer.start()


jobs.call_on_session(_start_timer)
