"""The window: panels put together, keys, drops, and the timer that lets the model do what is due."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow, QSplitter, QTabWidget, QWidget

from sparkvsr_window.frames.keys import AS_STORED
from sparkvsr_window.model.commands import actions_of
from sparkvsr_window.model.core import DOCUMENT, ENGINE, JOBS, MESSAGE, PICTURE, VIEW
from sparkvsr_window.model.key_map import COMMANDS
from sparkvsr_window.model.pictures import Placed
from sparkvsr_window.model.window_model import EDITOR, WindowModel
from sparkvsr_window.widgets.building import column, line
from sparkvsr_window.widgets.panels.conform_panel import ConformPanel
from sparkvsr_window.widgets.panels.guidance_panel import GuidancePanel
from sparkvsr_window.widgets.panels.job_panels import JobPanel, VersionPanel
from sparkvsr_window.widgets.panels.keyframe_panel import KeyframePanel
from sparkvsr_window.widgets.panels.message_line import MessageLine
from sparkvsr_window.widgets.panels.render_bar import RenderBar
from sparkvsr_window.widgets.panels.resolve_panel import ResolveModel, ResolvePanel
from sparkvsr_window.widgets.panels.settings_panel import SettingsPanel
from sparkvsr_window.widgets.panels.top_bar import TopBar
from sparkvsr_window.widgets.panels.transport import Transport
from sparkvsr_window.widgets.theme import THEMES, apply_theme
from sparkvsr_window.widgets.timeline import Timeline
from sparkvsr_window.widgets.viewer import Viewer

_TICK_MS = 15
_SIZE = (1360, 820)
_SIDE_WIDTH = 340
_PLAIN_VIEWS = 2


class MainWindow(QMainWindow):
    """Shows a model. `woken` may be emitted from any thread."""

    woken = Signal()

    def __init__(self, model: WindowModel) -> None:
        super().__init__()
        self.model = model
        self._resolve: ResolvePanel | None = None
        self.setWindowTitle("SparkVSR")
        self.setAcceptDrops(True)
        self.viewer = Viewer(self._placed)
        self.top_bar = TopBar(model, self.viewer)
        self.transport = Transport(model)
        self.timeline = Timeline()
        self.settings, self.guidance = SettingsPanel(model), GuidancePanel(model)
        self.keyframes = KeyframePanel(model)
        self.versions, self.jobs = VersionPanel(model), JobPanel(model)
        self.conform = ConformPanel(model)
        self.render_bar, self.message_line = RenderBar(model), MessageLine(model)
        self._build()
        self._connect()
        self._build_menus()
        self._refresh({DOCUMENT, VIEW, JOBS, MESSAGE, ENGINE})
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.poll)
        self._timer.start()
        self.woken.connect(self.poll, Qt.ConnectionType.QueuedConnection)

    def poll(self) -> None:
        """Let the model do what is due and show what changed."""
        if self._resolve is not None:
            self._resolve.poll()
        changed = self.model.poll()
        if changed:
            self._refresh(changed)

    def connect_resolve(self, resolve: ResolveModel) -> ResolvePanel:
        """Add the panel of DaVinci Resolve, and show it."""
        panel = ResolvePanel(resolve, lambda path: self.model.drop([path]))
        self._resolve = panel
        self.tabs.insertTab(0, panel, "Resolve")
        self.tabs.setCurrentIndex(0)
        return panel

    def open_file(self) -> None:
        """Ask for a source and open it."""
        path, _ = QFileDialog.getOpenFileName(self, "Open a movie or a picture of a sequence")
        if path:
            self.model.drop([path])

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep how the window lies, and end."""
        self._timer.stop()
        self.model.remember(geometry=bytes(self.saveGeometry().toBase64().data()).decode())
        self.model.close()
        if self._resolve is not None:
            self._resolve.end()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files are welcome."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open, use as keyframes or conform what was dropped."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            self.model.drop(paths)
            event.acceptProposedAction()

    def _build(self) -> None:
        left, right = QWidget(), QWidget()
        stage = column(left, 0)
        stage.setSpacing(0)
        stage.addWidget(self.top_bar)
        stage.addWidget(line())
        stage.addWidget(self.viewer, 1)
        stage.addWidget(line())
        stage.addWidget(self.transport)
        stage.addWidget(self.timeline)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.setAccessibleName("Panels")
        for widget, name in (
            (self.keyframes, "Keyframes"),
            (self.settings, "Settings"),
            (self.versions, "Versions"),
            (self.jobs, "Jobs"),
        ):
            self.tabs.addTab(widget, name)
        side = column(right, 0)
        side.setSpacing(0)
        side.addWidget(self.tabs, 1)
        side.addWidget(line())
        side.addWidget(self.guidance)
        side.addWidget(line())
        side.addWidget(self.render_bar)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([_SIZE[0] - _SIDE_WIDTH, _SIDE_WIDTH])
        whole = QWidget()
        layout = column(whole, 0)
        layout.setSpacing(0)
        layout.addWidget(splitter, 1)
        layout.addWidget(line())
        layout.addWidget(self.message_line)
        self.setCentralWidget(whole)
        self.resize(*_SIZE)
        geometry = self.model.memory.get("geometry")
        if isinstance(geometry, str):
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))

    def _show_timeline(self) -> None:
        """The tab of a timeline is there while one is in hand."""
        place, has_timeline = self.tabs.indexOf(self.conform), self.model.conforming.state is not None
        if has_timeline and place < 0:
            self.tabs.setCurrentIndex(self.tabs.addTab(self.conform, "Timeline"))
        elif not has_timeline and place >= 0:
            self.tabs.removeTab(place)
        self.conform.refresh()

    def _connect(self) -> None:
        self.viewer.wiped.connect(self.model.stage.set_wipe)
        self.viewer.region_drawn.connect(self.model.set_region)
        self.timeline.sought.connect(self._seek)

    def _build_menus(self) -> None:
        actions = actions_of(self.model)
        menu = self.menuBar().addMenu("File")
        self._add(menu, "Open…", "Ctrl+O", self.open_file)
        menu.addSeparator()
        self._add(menu, "Quit", "Ctrl+Q", self.close)
        menus = {name: self.menuBar().addMenu(name) for name in ("Play", "Keyframes", "View", "Render")}
        for command in COMMANDS:
            self._add(menus[command.menu], command.text, command.keys, actions[command.name])
        menus["Keyframes"].addSeparator()
        self._add(menus["Keyframes"], "Choose the editor…", "", self._choose_editor)
        view = menus["View"]
        view.addSeparator()
        self._add(view, "Whole frame", "F", self.viewer.fit)
        self._add(view, "Pixel by pixel", "Shift+F", lambda: self.viewer.zoom_to(1.0))
        view.addSeparator()
        for name in THEMES:
            self._add(view, f"{name.capitalize()} colours", "", lambda name=name: self.set_theme(name))
        view.addSeparator()
        self._displays = view.addMenu("Display")
        self._displays.aboutToShow.connect(self._fill_displays)
        self._fill_display_menu({})

    def _fill_displays(self) -> None:
        if len(self._displays.actions()) <= _PLAIN_VIEWS:
            self.model.list_displays(self._fill_display_menu)

    def _fill_display_menu(self, displays: dict[str, list[str]]) -> None:
        """displays: of the OpenColorIO config, each with its views."""
        menu = self._displays
        menu.clear()
        self._add(menu, "As suits the source", "", lambda: self.model.set_transform("", ""))
        self._add(menu, AS_STORED, "", lambda: self.model.set_transform("", AS_STORED))
        for display, views in displays.items():
            inner = menu.addMenu(display)
            for view in views:
                self._add(inner, view, "", lambda pair=(display, view): self.model.set_transform(*pair))

    def _choose_editor(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "The program that keyframes are painted in")
        self.model.remember(**{EDITOR: path})
        self.model.core.inform(
            f"Keyframes are opened in {path}."
            if path
            else "Keyframes are opened in the system's usual program."
        )

    def set_theme(self, name: str) -> None:
        """Colour the window, and remember it."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        apply_theme(application, THEMES[name])
        self.model.remember(theme=name)
        self.update()

    def _add(self, menu: object, text: str, keys: str, do: object) -> None:
        action = QAction(text, self)
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _=False: do())  # type: ignore[operator]
        menu.addAction(action)  # type: ignore[attr-defined]

    def _seek(self, frame: int) -> None:
        self.model.player.stop()
        self.model.player.go_to(frame)

    def _placed(self) -> list[Placed]:
        placed = (self.model.pictures.placed(index) for index in range(len(self.model.core.viewing.sides)))
        return [each for each in placed if each is not None]

    def _refresh(self, changed: set[str]) -> None:
        model = self.model
        document, viewing = model.document, model.core.viewing
        if changed & {DOCUMENT, VIEW}:
            self.top_bar.refresh()
            self.transport.refresh()
            self.keyframes.refresh()
        if DOCUMENT in changed:
            self.settings.refresh()
            self.guidance.refresh()
        if changed & {DOCUMENT, JOBS}:
            self.versions.refresh()
            self.jobs.refresh()
            self.render_bar.refresh()
            self._show_timeline()
        if changed & {DOCUMENT, VIEW, JOBS}:
            self.timeline.show_state(document, viewing.playhead, model.advice.trust)
        if changed & {MESSAGE, ENGINE, JOBS}:
            self.message_line.refresh()
        if PICTURE in changed:
            self.keyframes.refresh_pictures()
        size = document.output_size if document is not None else (16, 9)
        self.viewer.show_state(size, viewing.wipe, document.region if document else None, model.hint)
