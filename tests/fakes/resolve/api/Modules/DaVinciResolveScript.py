"""Resolve's scripting module as the stand-in gives it: every object is a proxy of one in another process.

As in Resolve, any name is there (`hasattr` is always true), a name this version has not is None, `dir()`
alone shows, and once Resolve has ended every call gives None.
"""

import os
import sys
from multiprocessing.connection import Client

_KEY = b"stand-in"

if os.environ.get("STAND_IN_RESOLVE_CRASHES", "") == f"{sys.version_info[0]}.{sys.version_info[1]}":
    # As fusionscript does in a Python it was not built for.
    os.abort()


class _Line:
    def __init__(self):
        host, _, port = os.environ.get("STAND_IN_RESOLVE", ":0").partition(":")
        self.connection = Client((host, int(port)), authkey=_KEY)

    def ask(self, *request):
        try:
            self.connection.send(request)
            return self.connection.recv()
        except (EOFError, OSError):
            return "value", None


class _Object:
    def __init__(self, line, kind, uid):
        self.__dict__.update(_line=line, _kind=kind, _uid=uid)

    def __dir__(self):
        _, value = self._line.ask("dir", self._kind)
        return value or []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        kind, value = self._line.ask("get", self._kind, name)
        if kind == "constant":
            return value
        return _Call(self, name) if value else None


class _Call:
    def __init__(self, owner, name):
        self._owner, self._name = owner, name

    def __call__(self, *arguments):
        owner = self._owner
        plain = [_packed(argument) for argument in arguments]
        kind, value = owner._line.ask("call", owner._kind, owner._uid, self._name, plain)
        if kind == "error":
            raise TypeError(value)
        return _unpacked(owner._line, value)


def _packed(value):
    if isinstance(value, _Object):
        return ("@", value._kind, value._uid)
    if isinstance(value, (list, tuple)):
        return [_packed(item) for item in value]
    if isinstance(value, dict):
        return {name: _packed(item) for name, item in value.items()}
    return value


def _unpacked(line, value):
    if isinstance(value, tuple) and len(value) == 3 and value[0] == "@":
        return _Object(line, value[1], value[2])
    if isinstance(value, list):
        return [_unpacked(line, item) for item in value]
    if isinstance(value, dict):
        return {name: _unpacked(line, item) for name, item in value.items()}
    return value


def scriptapp(name):
    """The running Resolve; None where none answers."""
    try:
        line = _Line()
    except OSError:
        return None
    _, uid = line.ask("open", name)
    return _Object(line, "Resolve", uid) if uid else None
