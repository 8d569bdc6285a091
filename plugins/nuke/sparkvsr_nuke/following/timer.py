"""The one timer: on Nuke's main thread it takes in news and brings nodes in line. Interface only.

No thread ever calls Nuke: threads leave news, this drains it.
"""

from __future__ import annotations

import logging
from typing import Any, Optional

from . import jobs, playhead, results

log = logging.getLogger(__name__)

_BUSY_MILLISECONDS = 100
_IDLE_MILLISECONDS = 500

_timer: Optional[Any] = None


def start() -> None:
    """Have `tick` called from now on; starting twice is fine."""
    global _timer  # noqa: PLW0603 - there is one timer in a Nuke
    if _timer is not None:
        return
    from ..panel.qt import QtCore

    runtime = jobs.runtime()
    if results.take_in not in runtime.on_news:
        runtime.on_news.append(results.take_in)
    _timer = QtCore.QTimer()
    _timer.setInterval(_BUSY_MILLISECONDS)
    _timer.timeout.connect(tick)
    _timer.start()


def stop() -> None:
    """Not any more."""
    global _timer  # noqa: PLW0603 - there is one timer in a Nuke
    if _timer is not None:
        _timer.stop()
        _timer = None


def tick() -> None:
    """One look. A defect is shown once and does not end the timer."""
    runtime = jobs.runtime()
    if runtime.is_ticking:
        return
    runtime.is_ticking = True
    try:
        is_busy = jobs.poll()
        results.update_changed()
        results.update_labels()
        playhead.send()
    except Exception as error:
        log.exception("the plugin's timer failed")
        jobs.show_info(jobs.sentence_of(error))
        is_busy = False
    finally:
        runtime.is_ticking = False
    _open_boxes(runtime)
    if _timer is not None:
        is_active = is_busy or jobs.runtime().has_tasks or bool(jobs.job_list().active())
        interval = _BUSY_MILLISECONDS if is_active else _IDLE_MILLISECONDS
        # Setting it anew would start the interval over.
        if _timer.interval() != interval:
            _timer.setInterval(interval)


def _open_boxes(runtime: Any) -> None:
    """Open what the artist is to see in events of its own, so that frames go on landing behind it."""
    from ..panel.qt import QtCore

    boxes, runtime.boxes[:] = list(runtime.boxes), []
    for box in boxes:
        QtCore.QTimer.singleShot(0, box)
