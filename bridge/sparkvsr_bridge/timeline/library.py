"""OpenTimelineIO, which comes without types, as one name; nothing else here imports it."""

from __future__ import annotations

from typing import Any

import opentimelineio  # pyright: ignore[reportMissingTypeStubs]

otio: Any = opentimelineio
