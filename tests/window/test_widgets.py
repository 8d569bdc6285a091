"""The window without a screen: keys, clicks and drops do what the model does, and everything has a name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QListView,
    QSlider,
    QWidget,
)

from sparkvsr_window.model.viewing import PREVIEW, SOURCE, Side
from sparkvsr_window.model.window_model import WindowModel
from sparkvsr_window.widgets.application import make_application, make_window
from sparkvsr_window.widgets.main_window import MainWindow
from sparkvsr_window.widgets.theme import DARK, LIGHT, Theme, apply_theme, current_theme
from tests.fakes.streams import packed_movie
from tests.window.conftest import DEMO

PATIENCE_SECONDS = 120.0
CONTROLS = (QAbstractButton, QAbstractSpinBox, QComboBox, QListView, QSlider)


@pytest.fixture
def window(model: WindowModel) -> Iterator[MainWindow]:
    make_application()
    window_shown = make_window(model, [])
    window_shown.resize(1200, 760)
    window_shown.show()
    yield window_shown
    window_shown.close()


@pytest.fixture
def opened(window: MainWindow, clip: Path) -> MainWindow:
    window.model.drop([str(clip)])
    process(lambda: has_picture(window))
    return window


def process(is_so: Callable[[], object]) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < give_up
        QApplication.processEvents()
        time.sleep(0.005)
    QApplication.processEvents()


def has_picture(window: MainWindow) -> bool:
    placed = window.model.pictures.placed(0)
    return placed is not None and placed.picture is not None


def press(window: MainWindow, *keys: Qt.Key) -> None:
    window.viewer.setFocus()
    for key in keys:
        QTest.keyClick(window, key)
    window.poll()


def frames(window: MainWindow) -> list[int]:
    document = window.model.document
    assert document is not None
    return [mark.frame for mark in document.keyframes]


def drop(window: MainWindow, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(200, 200), Qt.DropAction.CopyAction, data, button, none))
    window.poll()


def test_keys_move_the_playhead_mark_the_range_and_add_keyframes(opened: MainWindow):
    press(opened, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_I, Qt.Key.Key_K)
    press(opened, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_O)
    document = opened.model.document
    assert (document.first, document.last, frames(opened)) == (2, 4, [2])
    assert opened.model.core.viewing.playhead == 4
    press(opened, Qt.Key.Key_Up)
    assert opened.model.core.viewing.playhead == 2


def test_k_stops_while_it_plays_and_adds_no_keyframe(opened: MainWindow):
    press(opened, Qt.Key.Key_L)
    assert opened.model.core.viewing.is_playing
    process(lambda: opened.model.core.viewing.playhead > 0)
    press(opened, Qt.Key.Key_K)
    assert not opened.model.core.viewing.is_playing
    assert frames(opened) == []


def test_a_press_on_the_timeline_goes_there(opened: MainWindow):
    timeline = opened.timeline
    # In the middle of frame 36 of 72, which is right of the timeline's own middle.
    middle = QPoint(round(12 + (timeline.width() - 24) * 36.5 / 72), 30)
    QTest.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=middle)
    assert opened.model.core.viewing.playhead == 36


def test_shift_and_drag_marks_a_region_in_the_results_pixels(opened: MainWindow):
    viewer, shift = opened.viewer, Qt.KeyboardModifier.ShiftModifier
    middle = viewer.rect().center()
    QTest.mousePress(viewer, Qt.MouseButton.LeftButton, shift, middle)
    QTest.mouseMove(viewer, middle + QPoint(100, 50))
    QTest.mouseRelease(viewer, Qt.MouseButton.LeftButton, shift, middle + QPoint(100, 50))
    region = opened.model.document.region
    assert region is not None
    x, y, width, height = region
    zoom = viewer.zoom
    assert abs(width - 100 / zoom) <= 2
    assert abs(height - 50 / zoom) <= 2
    assert abs(x - 640) <= 2
    assert abs(y - 360) <= 2


def test_the_wipes_line_is_dragged(opened: MainWindow):
    press(opened, Qt.Key.Key_W)
    viewer = opened.viewer
    middle = viewer.rect().center()
    QTest.mousePress(viewer, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(viewer, middle + QPoint(viewer.width() // 4, 0))
    QTest.mouseRelease(viewer, Qt.MouseButton.LeftButton, pos=middle)
    assert 0.7 < opened.model.core.viewing.wipe < 0.8
    press(opened, Qt.Key.Key_X)
    assert opened.model.core.viewing.sides == (Side(PREVIEW), Side(SOURCE))


def test_a_dropped_picture_becomes_the_keyframe_in_view(opened: MainWindow):
    opened.model.player.go_to(36)
    drop(opened, DEMO / "keyframe_36.jpg")
    mark = opened.model.document.keyframe_at(36)
    assert Path(mark.image).name == "keyframe_36.jpg"


@pytest.mark.slow
def test_the_viewer_shows_the_pictures_own_colours(opened: MainWindow):
    viewer = opened.viewer
    picture = opened.model.pictures.placed(0).picture
    index = (90 * picture.width + 160) * 4
    blue, green, red = picture.pixels[index : index + 3]
    viewer.zoom_to(16.0)
    grabbed = viewer.grab().toImage()
    left, top, width, height = viewer._framing.rectangle()
    place = QPoint(round(left + width * 160.5 / 320), round(top + height * 90.5 / 180))
    colour = grabbed.pixelColor(place)
    near = [abs(colour.red() - red), abs(colour.green() - green), abs(colour.blue() - blue)]
    assert max(near) <= 3, (colour.getRgb(), (red, green, blue))


def test_every_control_has_a_name(opened: MainWindow):
    nameless = [
        f"{type(widget).__name__} {widget.objectName()}"
        for widget in opened.findChildren(QWidget)
        if isinstance(widget, CONTROLS) and not widget.accessibleName() and not is_of_qt(widget)
    ]
    assert nameless == []


def is_of_qt(widget: QWidget) -> bool:
    """Parts that Qt makes inside a widget: arrows of tabs, a combo box's list, a menu bar's extension."""
    return (
        widget.objectName().startswith("qt_")
        or isinstance(widget.parent(), QAbstractSpinBox)
        or (
            type(widget).__module__ != "sparkvsr_window.widgets.building"
            and type(widget).__name__ in ("QComboBoxListView", "QListView", "QToolButton")
            and widget.objectName() in ("", "ScrollLeftButton", "ScrollRightButton")
        )
    )


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_text_can_be_read_on_what_lies_under_it(theme: Theme):
    """WCAG 2.1: 4.5 to 1 for text, 3 to 1 for large and dimmed signs."""
    for under in (theme.panel, theme.raised, theme.sunken):
        assert contrast(theme.text, under) >= 4.5
        assert contrast(theme.dim, under) >= 3.0
        assert contrast(theme.bad, under) >= 3.0


def contrast(first: str, second: str) -> float:
    def luminance(name: str) -> float:
        colour = QColor(name)
        parts = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
                 for value in (colour.redF(), colour.greenF(), colour.blueF())]  # fmt: skip
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    lights = sorted((luminance(first), luminance(second)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def test_the_chosen_colours_are_kept_for_the_next_start(window: MainWindow):
    window.set_theme("light")
    assert window.model.memory["theme"] == "light"
    assert current_theme() == LIGHT
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application, DARK)


@pytest.mark.slow
def test_a_window_at_twice_the_text_size_still_shows_all_buttons(opened: MainWindow):
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application, DARK, 19.0)
    opened.resize(1920, 1200)
    QApplication.processEvents()
    cut = [
        widget.text()
        for widget in opened.findChildren(QAbstractButton)
        if widget.isVisible()
        and widget.text()
        and widget.width() < widget.fontMetrics().horizontalAdvance(widget.text())
    ]
    apply_theme(application, DARK)
    assert cut == []


def test_keyframes_that_a_small_stream_brings_are_listed(window: MainWindow, tmp_path: Path):
    window.model.drop([str(packed_movie(tmp_path))])
    process(lambda: has_picture(window))
    texts = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    assert "Brought by the small stream: 0, 6" in texts
    assert window.model.document.output_size == (192, 128)
