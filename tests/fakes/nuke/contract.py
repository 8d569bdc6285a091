"""Holds every call against the table: the thread it comes from and the number of its arguments."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from tests.fakes.nuke import tables
from tests.fakes.nuke.refusals import refused

Class = TypeVar("Class", bound=type)
MAIN: list[int] = [threading.get_ident()]
SPECIAL = ("__init__", "__getitem__", "__enter__", "__exit__")


def bind_main_thread() -> None:
    """The calling thread is Nuke's main thread from now on."""
    MAIN[0] = threading.get_ident()


def check_thread(what: str) -> None:
    """Raises: RuntimeError off the main thread, where Nuke crashes or answers with nonsense."""
    if threading.get_ident() != MAIN[0]:
        raise refused(RuntimeError(f"{what} was called off the main thread"))


def check_count(what: str, entry: list[Any] | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raises: TypeError where the number or the names of the arguments are none Nuke takes."""
    if entry is None:
        return
    least, most, names = entry
    count = len(args) + len(kwargs)
    unknown = [name for name in kwargs if name not in names]
    if unknown:
        raise refused(TypeError(f"{what} has no argument {', '.join(unknown)}"))
    if not least <= count <= most:
        span = str(least) if least == most else f"{least} to {most}"
        raise refused(TypeError(f"{what} takes {span} arguments ({', '.join(names)}), {count} given"))


def held_to_the_table(cls: Class) -> Class:
    """Check thread and argument counts of every public method a class defines itself."""
    for name, member in list(vars(cls).items()):
        if name.startswith("_") and name not in SPECIAL:
            continue
        if isinstance(member, staticmethod):
            setattr(cls, name, staticmethod(_checked_static(cls.__name__, name, member.__func__)))
        elif callable(member) and not isinstance(member, type):
            setattr(cls, name, _checked_method(name, member))
    return cls


def _checked_method(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def checked(self: Any, *args: Any, **kwargs: Any) -> Any:
        picture = type(self).__name__
        if name != "__init__" or picture in tables.api_classes():
            entry = tables.entry_of(picture, name)[1]
            what = picture if name == "__init__" else f"{picture}.{name}"
            check_thread(what)
            check_count(what, entry, args, kwargs)
        return method(self, *args, **kwargs)

    return checked


def _checked_static(class_name: str, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def checked(*args: Any, **kwargs: Any) -> Any:
        check_thread(f"{class_name}.{name}")
        check_count(f"{class_name}.{name}", tables.entry_of(class_name, name)[1], args, kwargs)
        return method(*args, **kwargs)

    return checked


def checked_function(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the module `nuke`, held to the table."""
    entry = tables.functions().get(name)

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        check_thread(f"nuke.{name}")
        check_count(f"nuke.{name}", entry, args, kwargs)
        return function(*args, **kwargs)

    return checked
