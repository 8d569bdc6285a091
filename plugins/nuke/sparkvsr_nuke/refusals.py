"""The plugin's own errors: something cannot be done as asked. No Nuke."""

from __future__ import annotations


class Refused(Exception):
    """One sentence: what happened and what to do; nothing was changed."""


class Cancelled(Refused):
    """The artist stopped it; nobody needs a message box for that."""
