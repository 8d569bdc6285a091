"""What every object of the stand-in has: an identity, its application, and only the calls of its version."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fakes.resolve.application import Application

_numbers = itertools.count(1)


class Object:
    """Capitalised methods are Resolve's; everything else is the stand-in's own."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.uid = f"{type(self).__name__}-{next(_numbers)}"
        app.objects[self.uid] = self

    def GetUniqueId(self) -> str:
        return self.uid


class Marked(Object):
    """Anything with markers. markers: frame -> as Resolve gives them."""

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        self.markers: dict[float, dict[str, Any]] = {}

    def AddMarker(self, frame, color, name, note, duration, customData="") -> bool:
        if float(frame) in self.markers:
            return False
        self.markers[float(frame)] = {
            "color": color,
            "name": name,
            "note": note,
            "duration": float(duration),
            "customData": customData or "",
        }
        return True

    def GetMarkers(self):
        return {frame: dict(marker) for frame, marker in self.markers.items()}
