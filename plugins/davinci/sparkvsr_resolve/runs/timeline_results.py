# SPDX-License-Identifier: Apache-2.0
"""The whole timeline conformed: exported as .otio, every clip upscaled, imported as a new timeline beside
it.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Mapping, Tuple

from ..bridge_link import EngineClient, conform_parts, settings
from ..connections.host import Host
from ..exchange.requests import TimelineImport
from ..plans.wishes import Wishes
from ..refusals import Refused
from .outputs import plain_name


@dataclasses.dataclass(frozen=True)
class TimelineResult:
    """The timeline that was imported. skipped: clips without a result, with why. notes: to be read."""

    name: str
    path: str
    items: int
    offline: Tuple[str, ...]
    skipped: Tuple[str, ...]
    notes: Tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What was done."""
        offline = (
            f" {len(self.offline)} of its clips are offline: {', '.join(self.offline)}."
            if self.offline
            else ""
        )
        return f"The timeline '{self.name}' has {self.items} clips; grades were not taken along.{offline}"


def place_timeline(host: Host, client: EngineClient, name: str, wishes: Wishes) -> TimelineResult:
    """Export, conform, import. name: of the timeline in front. Raises Refused, SparkVSRError."""
    if not wishes.results:
        raise Refused("A timeline's results need a folder; name one with --results.")
    parts = conform_parts()
    if parts is None:
        raise Refused("Timelines need OpenTimelineIO; install it with: pip install 'sparkvsr[timeline]'")
    folder = Path(wishes.results)
    folder.mkdir(parents=True, exist_ok=True)
    stem = plain_name(name)
    source = host.export_timeline(str(folder / f"{stem}.otio"))
    output = str(folder / f"{stem}_sparkvsr.otio")
    report = parts.conform(
        source,
        output,
        parts.wishes(handles=wishes.handles, keys=wishes.keys, shape="resolve"),
        parts.recipe(settings=_settings(wishes.options)),
        parts.describer(client),
        parts.renderer(client),
    )
    if not report.shots:
        reasons = "; ".join(f"{skip.clip}: {skip.reason}" for skip in report.skipped)
        raise Refused(f"No clip of {name} has a result, so nothing was imported. {reasons}")
    done = host.import_timeline(TimelineImport(output, f"{name} SparkVSR", str(folder)))
    skipped = tuple(f"{skip.clip}: {skip.reason}" for skip in report.skipped)
    return TimelineResult(done.name, output, done.items, done.offline, skipped, tuple(report.notes))


def _settings(options: Mapping[str, Any]) -> settings.UpscaleSettings:
    return settings.UpscaleSettings.from_dict(dict(options))
