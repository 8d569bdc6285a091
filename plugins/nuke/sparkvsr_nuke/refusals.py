"""The one error of the plugin's own: something cannot be done as asked. No Nuke."""

from __future__ import annotations


class Refused(Exception):
    """One sentence that says what happened and what to do; nothing was changed."""
