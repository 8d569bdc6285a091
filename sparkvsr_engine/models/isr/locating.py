"""Find the weights of a bundled model: in this package, in the home folder, or inside an installed package.

Installed packages are located and their files read, but never imported: theirs start Vulkan. What is
found is checked against the known content before it is used.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from bridge.errors import ModelMissing
from sparkvsr_engine.models.isr.bundled import BundledModel, PackagedFile

SHIPPED_FOLDER = Path(__file__).parent / "weights"


def fetched_folder(home: Path) -> Path:
    """Where fetched weights lie in a home folder."""
    return home / "models" / "isr"


def find_weights(model: BundledModel, home: Path | None) -> Path | None:
    """The first file of the right size, None where there is none. Looks at no content."""
    for path in _places(model, home):
        try:
            if path.stat().st_size == model.size_bytes:
                return path
        except OSError:
            continue
    return None


def read_weights(model: BundledModel, home: Path | None) -> bytes:
    """The content of the weights file; raises ModelMissing where there is none or it is damaged."""
    path = find_weights(model, home)
    if path is None:
        raise ModelMissing(
            f"The weights of {model.name} are not installed; run 'sparkvsr models fetch {model.name}'.",
            model=model.name,
            remedy=remedy_for(model),
        )
    content = path.read_bytes()
    if not is_known(model, content):
        raise ModelMissing(
            f"The weights {path} of {model.name} are damaged; delete the file and"
            f" {'run ' + repr(remedy_for(model)) if model.packages else 'reinstall sparkvsr'}.",
            model=model.name,
            remedy=remedy_for(model),
        )
    return content


def is_known(model: BundledModel, content: bytes) -> bool:
    """Whether this is the content of the model's weights file."""
    return hashlib.sha256(content).hexdigest() == model.sha256


def remedy_for(model: BundledModel) -> str:
    """The command that brings the weights."""
    return f"sparkvsr models fetch {model.name}"


def _places(model: BundledModel, home: Path | None) -> Iterator[Path]:
    yield SHIPPED_FOLDER / model.file
    if home is not None:
        yield fetched_folder(home) / model.file
    for packaged in model.packages:
        yield from _installed(packaged)


def _installed(packaged: PackagedFile) -> Iterator[Path]:
    """Where the file would lie in an installed package."""
    try:
        found = importlib.util.find_spec(packaged.module)
    except (ImportError, ValueError):
        return
    for folder in (found.submodule_search_locations or ()) if found else ():
        yield Path(folder) / packaged.path
