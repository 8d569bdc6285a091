"""The only import of the bridge: a release carries its own copy, a checkout uses the repository's."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

# find_spec, not `except ImportError`: that would hide a missing pyzmq inside the vendored copy.
_VENDORED = f"{__package__}._vendor"
_is_release = importlib.util.find_spec("._vendor", __package__) is not None
if not _is_release and importlib.util.find_spec("bridge") is None:
    sys.path.append(str(Path(__file__).resolve().parents[2]))
_ROOT = f"{_VENDORED}.bridge" if _is_release else "bridge"

client = importlib.import_module(f"{_ROOT}.client")
connection = importlib.import_module(f"{_ROOT}.connection")
endpoints = importlib.import_module(f"{_ROOT}.endpoints")
errors = importlib.import_module(f"{_ROOT}.errors")
folders = importlib.import_module(f"{_ROOT}.folders")
mailbox = importlib.import_module(f"{_ROOT}.mailbox")
media = importlib.import_module(f"{_ROOT}.media")
messages = importlib.import_module(f"{_ROOT}.messages")
process = importlib.import_module(f"{_ROOT}.process")
settings = importlib.import_module(f"{_ROOT}.settings")
version = importlib.import_module(f"{_ROOT}.version")
