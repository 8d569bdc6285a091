# SPDX-License-Identifier: Apache-2.0
"""From a call's name to what does it. Resolve is asked for anew with every call: it may have been
restarted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict

from ..exchange.records import from_plain, to_plain
from ..exchange.requests import (
    MediaImport,
    RenderRequest,
    RenderStarted,
    TakeRequest,
    TimelineImport,
    TrackRequest,
)
from . import measuring
from .changes import appending, deliver, importing, stills, takes, timelines
from .loading import running_resolve
from .readings.reading import Step, read_state, read_timeline

if TYPE_CHECKING:
    from fusionscript import Resolve

Values = Dict[str, Any]
Answer = Callable[["Resolve", Values, Step], Any]

ANSWERS: Dict[str, Answer] = {
    "state": lambda resolve, *_: to_plain(read_state(resolve)),
    "timeline": lambda resolve, _, step: to_plain(read_timeline(resolve, step)),
    "import_media": lambda resolve, values, _: to_plain(
        importing.import_media(resolve, from_plain(MediaImport, values))
    ),
    "add_take": lambda resolve, values, _: to_plain(takes.add_take(resolve, from_plain(TakeRequest, values))),
    "place_on_track": lambda resolve, values, _: to_plain(
        appending.place_on_track(resolve, from_plain(TrackRequest, values))
    ),
    "export_timeline": lambda resolve, values, _: timelines.export_timeline(resolve, values["path"]),
    "import_timeline": lambda resolve, values, _: to_plain(
        timelines.import_timeline(resolve, from_plain(TimelineImport, values))
    ),
    "start_render": lambda resolve, values, _: to_plain(
        deliver.start_render(resolve, from_plain(RenderRequest, values))
    ),
    "render_status": lambda resolve, values, _: to_plain(deliver.render_status(resolve, values["job"])),
    "end_render": lambda resolve, values, _: deliver.end_render(
        resolve, from_plain(RenderStarted, values["started"]), bool(values["is_stopped"])
    ),
    "export_still": lambda resolve, values, _: stills.export_still(
        resolve, values["timeline"], values["timecode"], values["path"]
    ),
    "measure": lambda resolve, values, step: measuring.measure(resolve, values["media"], step),
}


def answer(name: str, values: Values, step: Step) -> Any:
    """Do one call. Raises HostFailure, and whatever Resolve's module raises."""
    return ANSWERS[name](running_resolve(), values, step)
