"""Where the frame lies in the viewer: zoom and place, as numbers alone."""

from __future__ import annotations

import math

from sparkvsr_window.model.documents.records import Region

_LEAST, _MOST = 0.02, 64.0
_SMALLEST_REGION = 16


class Framing:
    """Zoom (screen points per pixel of the content) and the place of the content's left top corner."""

    def __init__(self) -> None:
        self._content = (1, 1)
        self._viewer = (1.0, 1.0)
        self.zoom = 1.0
        self._x = self._y = 0.0
        self.is_fitted = True

    def set_content(self, width: int, height: int) -> None:
        """The size of the result. Another size keeps the part of the picture that is in view."""
        before, self._content = self._content, (max(width, 1), max(height, 1))
        if self._content != before and not self.is_fitted:
            self.zoom *= before[0] / self._content[0]
        self._refit()

    def set_room(self, width: float, height: float) -> None:
        """The size of the viewer in points; the middle stays in the middle."""
        before, self._viewer = self._viewer, (max(width, 1.0), max(height, 1.0))
        self._x += (self._viewer[0] - before[0]) / 2
        self._y += (self._viewer[1] - before[1]) / 2
        self._refit()

    def fit(self) -> None:
        """Show all of it."""
        self.is_fitted = True
        self._refit()

    def zoom_at(self, x: float, y: float, factor: float) -> None:
        """Zoom by a factor; the point under (x, y) stays there."""
        zoom = min(max(self.zoom * factor, _LEAST), _MOST)
        factor = zoom / self.zoom
        self._x = x + (self._x - x) * factor
        self._y = y + (self._y - y) * factor
        self.zoom, self.is_fitted = zoom, False

    def move(self, x: float, y: float) -> None:
        """Move by points."""
        self._x += x
        self._y += y
        self.is_fitted = False

    def rectangle(self) -> tuple[float, float, float, float]:
        """x, y, width, height of the frame in points."""
        return self._x, self._y, self._content[0] * self.zoom, self._content[1] * self.zoom

    def region_of(self, x: float, y: float, width: float, height: float) -> Region | None:
        """A rectangle of points as whole pixels of the content inside it; None where that is hardly any."""
        left = max(0, math.floor((x - self._x) / self.zoom))
        top = max(0, math.floor((y - self._y) / self.zoom))
        right = min(self._content[0], math.ceil((x + width - self._x) / self.zoom))
        bottom = min(self._content[1], math.ceil((y + height - self._y) / self.zoom))
        if min(right - left, bottom - top) < _SMALLEST_REGION:
            return None
        return left, top, right - left, bottom - top

    def _refit(self) -> None:
        if not self.is_fitted:
            return
        self.zoom = min(self._viewer[0] / self._content[0], self._viewer[1] / self._content[1])
        self._x = (self._viewer[0] - self._content[0] * self.zoom) / 2
        self._y = (self._viewer[1] - self._content[1] * self.zoom) / 2
