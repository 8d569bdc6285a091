"""The stand-in as a whole: what is open, what misbehaves, and the socket through which scripts reach it."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from fractions import Fraction
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener
from typing import Any

from tests.fakes.resolve import calls
from tests.fakes.resolve.base import Object
from tests.fakes.resolve.project import Project, ProjectManager, Resolve

KEY = b"stand-in"
STUDIO_ONLY = ("GetProjectManager",)


class Application:
    """One running Resolve. Its misbehaviours are attributes; a test sets them."""

    def __init__(self, version: tuple[int, ...] = (21, 0, 4), is_studio: bool = True) -> None:
        self.version, self.is_studio = version, is_studio
        self.objects: dict[str, Object] = {}
        self.constants = {"EXPORT_OTIO": "otio", "EXPORT_NONE": "none"}
        self.clip_defaults = {
            "Data Level": "Auto",
            "Input Color Space": "Rec.709 Gamma 2.4",
            "IDT": "",
            "Reel Name": "",
        }
        self.unset_properties = {"Reel Name"}
        self.refuses_takes = self.refuses_import = self.refuses_tracks = self.refuses_grades = False
        self.renders_nothing = self.is_wedged = False
        self.takes_keep_speed = True
        self.vanishing = 0
        self.saves = 0
        self.page = "edit"
        self.calls: list[str] = []
        self.refusals: list[str] = []
        self._no_dialog = threading.Event()
        self._no_dialog.set()
        self.manager = ProjectManager(self)
        self.resolve = Resolve(self)
        self.project: Project | None = None
        self._listener: Listener | None = None
        self._connections: list[Connection] = []
        self._lock = threading.Lock()

    def open_project(self, name="Cut", rate=Fraction(24), **size: int) -> Project:
        """A new project with an empty timeline."""
        self.project = Project(self, name, rate, **size)
        self.project.add_timeline("Edit")
        return self.project

    def show_dialog(self) -> None:
        """A modal dialog: no call returns until it is closed."""
        self._no_dialog.clear()

    def close_dialog(self) -> None:
        """A person clicked."""
        self._no_dialog.set()

    def wait_for_dialog(self) -> None:
        """What a call does that opens one."""
        self.show_dialog()
        self._no_dialog.wait()

    def start(self) -> str:
        """Listen; returns the address for STAND_IN_RESOLVE."""
        self._listener = Listener(("127.0.0.1", 0), authkey=KEY)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        host, port = self._listener.address
        return f"{host}:{port}"

    def quit(self) -> None:
        """End: connections break, no new ones are taken."""
        self.close_dialog()
        listener, self._listener = self._listener, None
        if listener is not None:
            _end_socket(listener._listener._socket.fileno())
            listener.close()
        for connection in self._connections:
            if not connection.closed:
                _end_socket(connection.fileno())
        self._connections.clear()

    def _accept(self, listener: Listener) -> None:
        while True:
            try:
                connection = listener.accept()
            except (OSError, EOFError, AuthenticationError):
                if self._listener is not listener:
                    return
                continue
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        try:
            while True:
                connection.send(self._answer(*connection.recv()))
        except (EOFError, OSError):
            connection.close()

    def _answer(self, verb: str, *values: Any) -> tuple[str, Any]:
        self._no_dialog.wait()
        with self._lock:
            if verb == "open":
                return "value", self.resolve.uid
            if verb == "dir":
                return "value", sorted(calls.names_of(self.version, values[0]))
            if verb == "get":
                return self._get(*values)
            return self._call(*values)

    def _get(self, kind: str, name: str) -> tuple[str, Any]:
        if kind == "Resolve" and name in self.constants:
            return "constant", self.constants[name]
        # A name that this version has not is None.
        return "call", name in calls.names_of(self.version, kind)

    def _call(self, kind: str, uid: str, name: str, arguments: list[Any]) -> tuple[str, Any]:
        self.calls.append(f"{kind}.{name}")
        if not self.is_studio and name in STUDIO_ONLY:
            self.refusals.append(f"{kind}.{name} raised a dialog: it is for Studio")
            self.show_dialog()
            return "value", None
        owner = self.objects.get(uid)
        method = getattr(owner, name, None)
        if method is None:
            return "error", f"the stand-in has no {kind}.{name}: enlarge it"
        wrong = calls.wrong_count(self.version, kind, name, len(arguments))
        if wrong:
            self.refusals.append(wrong)
            return "error", wrong
        try:
            return "value", self._packed(method(*self._unpacked(arguments)))
        except Exception as error:
            # Its own defect, or arguments that mean nothing: seen by the test, never a silence.
            self.refusals.append(f"{kind}.{name} failed: {error!r}")
            return "error", repr(error)

    def _packed(self, value: Any) -> Any:
        if isinstance(value, Object):
            return ("@", type(value).__name__, value.uid)
        if isinstance(value, list):
            return [self._packed(item) for item in value]
        if isinstance(value, dict):
            return {name: self._packed(item) for name, item in value.items()}
        return value

    def _unpacked(self, value: Any) -> Any:
        if isinstance(value, tuple) and len(value) == 3 and value[0] == "@":
            return self.objects[value[2]]
        if isinstance(value, list):
            return [self._unpacked(item) for item in value]
        if isinstance(value, dict):
            return {name: self._unpacked(item) for name, item in value.items()}
        return value


def _end_socket(number: int) -> None:
    """End a socket under the thread that waits for it; closing it would leave the thread waiting."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(number)) as copy:
        copy.shutdown(socket.SHUT_RDWR)
