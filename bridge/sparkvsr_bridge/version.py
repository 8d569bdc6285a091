"""The package version and the protocol version, each written once."""

from __future__ import annotations

__version__ = "0.1.0"

PROTOCOL_VERSION = (1, 3)
"""(major, minor). A peer with another major is refused; a higher minor only adds fields and messages."""
