"""The picture. The wheel zooms, dragging moves it or the wipe's line, Shift and dragging draws a region."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from sparkvsr_window.model.documents.records import Region
from sparkvsr_window.model.pictures import Placed
from sparkvsr_window.widgets.building import image_of
from sparkvsr_window.widgets.framing import Framing
from sparkvsr_window.widgets.theme import current_theme

_GRIP = 8
_MARGIN = 10


class Viewer(QWidget):
    """Draws what `sides` gives: one picture, or two with a wipe between them."""

    wiped = Signal(float)
    region_drawn = Signal(object)
    zoomed = Signal(float)

    def __init__(self, sides: Callable[[], list[Placed]]) -> None:
        super().__init__()
        self._sides = sides
        self._framing = Framing()
        self._wipe: float | None = None
        self._region: Region | None = None
        self._hint = ""
        self._drag = ""
        self._origin = QPointF()
        self._rubber: QRectF | None = None
        self.setMinimumSize(320, 180)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Viewer")

    def show_state(self, size: tuple[int, int], wipe: float | None, region: Region | None, hint: str) -> None:
        """size: of the result in pixels. wipe: place of its line. region: of previews. hint: over all."""
        before = self.zoom
        self._framing.set_content(*size)
        if self.zoom != before:
            self.zoomed.emit(self.zoom)
        self._wipe, self._region, self._hint = wipe, region, hint
        self.update()

    @property
    def zoom(self) -> float:
        """Screen pixels per pixel of the result."""
        return self._framing.zoom * self.devicePixelRatioF()

    def fit(self) -> None:
        """Show the whole frame."""
        self._framing.fit()
        self._changed()

    def zoom_to(self, zoom: float) -> None:
        """Show pixels of the result at a size, 1 being one of the screen's; the middle stays."""
        middle = QRectF(self.rect()).center()
        self._framing.zoom_at(middle.x(), middle.y(), zoom / self.zoom)
        self._changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the frame in view."""
        super().resizeEvent(event)
        self._framing.set_room(self.width(), self.height())
        self._changed()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw the sides."""
        painter = QPainter(self)
        theme = current_theme()
        painter.fillRect(self.rect(), QColor(theme.stage))
        sides = self._sides()
        frame = QRectF(*self._framing.rectangle())
        if not sides:
            self._write(painter, self._hint, theme.dim)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.zoom < 4)
        if self._wipe is None or len(sides) < 2:
            self._draw(painter, sides[0], frame, QRectF(self.rect()))
            self._tag(painter, sides[0], left=True)
        else:
            self._draw_wiped(painter, sides, frame)
        self._draw_region(painter, frame)
        if self._hint:
            self._write(painter, self._hint, "#ffffff", low=True)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer."""
        place = event.position()
        self._framing.zoom_at(place.x(), place.y(), 1.0015 ** event.angleDelta().y())
        self._changed()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to move, wipe, or draw a region."""
        self.setFocus()
        self._origin = event.position()
        left = event.button() == Qt.MouseButton.LeftButton
        if left and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._drag, self._rubber = "region", QRectF(self._origin, self._origin)
        elif left and self._is_on_line(self._origin):
            self._drag = "wipe"
        elif left or event.button() == Qt.MouseButton.MiddleButton:
            self._drag = "move"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it."""
        place = event.position()
        if self._drag == "move":
            self._framing.move(place.x() - self._origin.x(), place.y() - self._origin.y())
            self._origin = place
            self._changed()
        elif self._drag == "wipe":
            left, _, width, _ = self._framing.rectangle()
            self.wiped.emit((place.x() - left) / max(width, 1))
        elif self._drag == "region":
            self._rubber = QRectF(self._origin, place).normalized()
            self.update()
        else:
            split = Qt.CursorShape.SplitHCursor if self._is_on_line(place) else Qt.CursorShape.ArrowCursor
            self.setCursor(split)

    def mouseReleaseEvent(self, _: QMouseEvent) -> None:
        """End it."""
        if self._drag == "region" and self._rubber is not None:
            rubber, self._rubber = self._rubber, None
            self.region_drawn.emit(
                self._framing.region_of(rubber.x(), rubber.y(), rubber.width(), rubber.height())
            )
        self._drag = ""
        self.update()

    def mouseDoubleClickEvent(self, _: QMouseEvent) -> None:
        """Fit, or pixel by pixel."""
        if self._framing.is_fitted:
            self.zoom_to(1.0)
        else:
            self.fit()

    def _changed(self) -> None:
        self.update()
        self.zoomed.emit(self.zoom)

    def _is_on_line(self, place: QPointF) -> bool:
        if self._wipe is None:
            return False
        left, _, width, _ = self._framing.rectangle()
        return abs(place.x() - left - width * self._wipe) <= _GRIP

    def _draw_wiped(self, painter: QPainter, sides: list[Placed], frame: QRectF) -> None:
        assert self._wipe is not None
        place = frame.x() + frame.width() * self._wipe
        area = QRectF(self.rect())
        self._draw(painter, sides[0], frame, QRectF(0, 0, place, area.height()))
        self._draw(painter, sides[1], frame, QRectF(place, 0, area.width() - place, area.height()))
        painter.setPen(QPen(QColor("#ffffff"), 1))
        painter.drawLine(
            QPointF(place, max(frame.top(), 0)), QPointF(place, min(frame.bottom(), area.height()))
        )
        self._tag(painter, sides[0], left=True)
        self._tag(painter, sides[1], left=False)

    def _draw(self, painter: QPainter, placed: Placed, frame: QRectF, clip: QRectF) -> None:
        painter.save()
        painter.setClipRect(clip)
        if placed.under is not None:
            painter.drawImage(frame, image_of(placed.under))
        if placed.picture is not None:
            painter.drawImage(self._place_of(placed.region, frame), image_of(placed.picture))
        painter.restore()

    def _place_of(self, region: Region | None, frame: QRectF) -> QRectF:
        if region is None:
            return frame
        zoom = self._framing.zoom
        x, y, width, height = region
        return QRectF(frame.x() + x * zoom, frame.y() + y * zoom, width * zoom, height * zoom)

    def _draw_region(self, painter: QPainter, frame: QRectF) -> None:
        rubber = self._rubber
        if rubber is None and self._region is not None:
            rubber = self._place_of(self._region, frame)
        if rubber is not None:
            painter.setPen(QPen(QColor(current_theme().mark), 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rubber)

    def _tag(self, painter: QPainter, placed: Placed, *, left: bool) -> None:
        text = f"{placed.label}  {placed.frame}" + (f"   {placed.note}" if placed.note else "")
        metrics = painter.fontMetrics()
        width = metrics.horizontalAdvance(text) + 14
        box = QRectF(
            _MARGIN if left else self.width() - _MARGIN - width, _MARGIN, width, metrics.height() + 6
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 150))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(QColor("#e8e8e8"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _write(self, painter: QPainter, text: str, colour: str, *, low: bool = False) -> None:
        box = QRectF(self.rect()).adjusted(40, 0, -40, -18)
        low_flag = Qt.AlignmentFlag.AlignBottom if low else Qt.AlignmentFlag.AlignVCenter
        flags = Qt.AlignmentFlag.AlignHCenter | low_flag | Qt.TextFlag.TextWordWrap
        if low:
            used = painter.boundingRect(box, flags, text).adjusted(-8, -4, 8, 4)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 150))
            painter.drawRoundedRect(used, 3, 3)
        painter.setPen(QColor(colour))
        painter.drawText(box, flags, text)
