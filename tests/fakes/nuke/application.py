"""The one running stand-in: its mode, script, views and everything that is true of the program as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.nuke.contract import bind_main_thread
from tests.fakes.nuke.refusals import refused
from tests.fakes.nuke.undo import UndoStack

if TYPE_CHECKING:
    from tests.fakes.nuke.nodes import Group, Node, Root

VARIANTS = ("nuke", "nukex", "studio", "hiero", "indie", "nc", "assist")


class Application:
    """State of a stand-in Nuke.

    gui: False is `nuke -t`. version: as `15.0v1`. variant: one of `VARIANTS`. views: the script's views.
    messages: dialogs and messages in the order they came. answers: what the artist will answer to them.
    localised: path -> path of its local copy. background: background renders asked for.
    """

    def __init__(self, gui: bool, version: str, variant: str, views: tuple[str, ...]) -> None:
        if variant not in VARIANTS:
            raise ValueError(f"{variant} is no variant of Nuke; there are {', '.join(VARIANTS)}")
        bind_main_thread()
        self.gui, self.version, self.variant = gui, version, variant
        self.views = list(views)
        self.undo = UndoStack()
        self.modified = False
        self.loading = False
        self.reading = False
        self.executing = False
        self.view = views[0]
        self.root: Root = None  # type: ignore[assignment]
        self.preferences: Node = None  # type: ignore[assignment]
        self.groups: list[Group] = []
        self.this: list[tuple[Any, Any]] = []
        self.formats: list[Any] = []
        self.callbacks: dict[str, list[tuple[Any, ...]]] = {}
        self.callback_errors: list[str] = []
        self.callback_calls: list[tuple[str, str]] = []
        self.messages: list[tuple[str, str]] = []
        self.answers: list[Any] = []
        self.menus: dict[str, Any] = {}
        self.plugin_path: list[str] = []
        self.knob_defaults: dict[str, str] = {}
        self.clipboard = ""
        self.localised: dict[str, str] = {}
        self.read_cache: dict[tuple[Any, ...], Any] = {}
        self.opened_files: list[str] = []
        self.background: list[dict[str, Any]] = []
        self.has_render_licence = True
        self.progress: list[Any] = []
        self.cancel_at: int | None = None
        self.fail_at: int | None = None
        self.active_viewer: Any = None
        self.panels: list[Any] = []
        self.widget_panels: dict[str, tuple[Any, ...]] = {}

    @property
    def major(self) -> int:
        return int(self.version.split(".", 1)[0])

    @property
    def group(self) -> Group:
        """The group that nodes are made in now."""
        return self.groups[-1] if self.groups else self.root

    @property
    def frame(self) -> float:
        return float(self.root._knobs["frame"]._number(0))

    def touch(self) -> None:
        """The script differs from its file from now on."""
        if not self.loading:
            self.modified = True

    def need_interface(self, what: str) -> None:
        """Raises: RuntimeError in `-t`, where there is no interface."""
        if not self.gui:
            raise refused(RuntimeError(f"{what} needs the interface, and this is nuke -t"))

    def check_idle(self) -> None:
        """Raises: AssertionError where control would go back to Nuke with an undo group still open."""
        if self.undo.depth:
            names = ", ".join(self.undo.open_names)
            raise refused(AssertionError(f"undo was begun and not ended: {names}"))


_running: list[Application] = []


def current() -> Application:
    """The stand-in that runs."""
    if not _running:
        raise RuntimeError("no stand-in Nuke runs; call tests.fakes.nuke.start.start")
    return _running[-1]


def is_running() -> bool:
    return bool(_running)


def set_current(application: Application | None) -> None:
    _running.clear()
    if application is not None:
        _running.append(application)
