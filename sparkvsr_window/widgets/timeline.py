"""The clip in time: frame numbers, range, shots, keyframes, trust and the playhead. A press goes there."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from sparkvsr_bridge.hosts.trust import colour_of
from sparkvsr_window.model.documents.records import Document
from sparkvsr_window.widgets.theme import current_theme

_EDGE = 12
_RULER, _TRACK, _TRUST = 20, 26, 6
_LABEL_ROOM = 64
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000)


class Timeline(QWidget):
    """Draws a document along its frames and sends the frame that is pressed."""

    sought = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._document: Document | None = None
        self._playhead = 0
        self._trust: Mapping[int, float] = {}
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Timeline")

    def sizeHint(self) -> QSize:
        """Wide as there is room."""
        return QSize(600, _RULER + _TRACK + _TRUST + 14)

    def show_state(self, document: Document | None, playhead: int, trust: Mapping[int, float]) -> None:
        """trust: 0..1 by frame, where it is known."""
        self._document, self._playhead, self._trust = document, playhead, trust
        text = f"Frame {playhead}" if document is not None else "No clip"
        self.setAccessibleDescription(text)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = current_theme()
        painter.fillRect(self.rect(), QColor(theme.panel))
        if self._document is None:
            return
        self._draw_ruler(painter)
        self._draw_track(painter, self._document)
        self._draw_trust(painter)
        self._draw_keyframes(painter, self._document)
        self._draw_playhead(painter)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the frame under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton and self._document is not None:
            self.sought.emit(self._frame_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub, or show which frame is under the pointer."""
        if self._document is None:
            return
        frame = self._frame_at(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.sought.emit(frame)
        mark = self._document.keyframe_at(frame)
        self.setToolTip(
            f"Keyframe {frame}{': ' + mark.reason if mark.reason else ''}" if mark else f"{frame}"
        )

    def _span(self) -> tuple[int, int]:
        assert self._document is not None
        info = self._document.clip.info
        return info.first_frame, info.last_frame

    def _x(self, frame: float) -> float:
        """The left edge of a frame."""
        first, last = self._span()
        return _EDGE + (frame - first) / (last - first + 1) * (self.width() - 2 * _EDGE)

    def _frame_at(self, x: float) -> int:
        first, last = self._span()
        place = (x - _EDGE) / max(self.width() - 2 * _EDGE, 1)
        return min(max(first + int(place * (last - first + 1)), first), last)

    def _step(self) -> int:
        first, last = self._span()
        most_labels = max((self.width() - 2 * _EDGE) // _LABEL_ROOM, 1)
        return next((step for step in _STEPS if (last - first + 1) / step <= most_labels), _STEPS[-1])

    def _draw_ruler(self, painter: QPainter) -> None:
        theme, step = current_theme(), self._step()
        first, last = self._span()
        painter.setPen(QColor(theme.dim))
        for frame in range(-(-first // step) * step, last + 1, step):
            x = self._x(frame)
            painter.drawLine(QPointF(x, _RULER - 4), QPointF(x, _RULER))
            box = QRectF(x + 3, 2, _LABEL_ROOM, _RULER - 4)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, str(frame))

    def _draw_track(self, painter: QPainter, document: Document) -> None:
        theme = current_theme()
        left, right = self._x(self._span()[0]), self._x(self._span()[1] + 1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.sunken))
        painter.drawRect(QRectF(left, _RULER, right - left, _TRACK))
        start, stop = self._x(document.first), self._x(document.last + 1)
        chosen = QColor(theme.accent)
        chosen.setAlpha(70)
        painter.setBrush(chosen)
        painter.drawRect(QRectF(start, _RULER, stop - start, _TRACK))
        painter.setPen(QPen(QColor(theme.accent), 2))
        for x in (start, stop):
            painter.drawLine(QPointF(x, _RULER), QPointF(x, _RULER + _TRACK))
        painter.setPen(QPen(QColor(theme.dim), 1))
        for cut in document.cuts:
            painter.drawLine(QPointF(self._x(cut), _RULER), QPointF(self._x(cut), _RULER + _TRACK))

    def _draw_trust(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        top = _RULER + _TRACK + 2
        first, last = self._span()
        left, right = self._x(first), self._x(last + 1)
        painter.setBrush(QColor(current_theme().sunken))
        painter.drawRect(QRectF(left, top, right - left, _TRUST))
        for frame, trust in self._trust.items():
            painter.setBrush(QColor.fromRgbF(*colour_of(trust)))
            x = self._x(frame)
            painter.drawRect(QRectF(x, top, max(self._x(frame + 1) - x, 1), _TRUST))

    def _draw_keyframes(self, painter: QPainter, document: Document) -> None:
        theme = current_theme()
        painter.setPen(QPen(QColor(theme.dim), 1.5))
        painter.setBrush(QColor(theme.dim))
        for frame in document.brought:
            painter.drawPolygon(self._diamond(frame, 4))
        painter.setPen(QPen(QColor(theme.mark), 1.5))
        for mark in document.keyframes:
            painter.setBrush(QColor(theme.mark) if mark.image else QColor(theme.sunken))
            painter.drawPolygon(self._diamond(mark.frame, 5 + 2 * min(mark.strength, 1)))

    def _diamond(self, frame: int, size: float) -> QPolygonF:
        middle = QPointF((self._x(frame) + self._x(frame + 1)) / 2, _RULER + _TRACK / 2)
        steps = ((0, -size), (size, 0), (0, size), (-size, 0))
        return QPolygonF([middle + QPointF(x, y) for x, y in steps])

    def _draw_playhead(self, painter: QPainter) -> None:
        theme = current_theme()
        x = (self._x(self._playhead) + self._x(self._playhead + 1)) / 2
        painter.setPen(QPen(QColor(theme.text), 1.5))
        painter.drawLine(QPointF(x, 4), QPointF(x, _RULER + _TRACK + _TRUST + 4))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.text))
        painter.drawPolygon(QPolygonF([QPointF(x - 5, 2), QPointF(x + 5, 2), QPointF(x, 10)]))
