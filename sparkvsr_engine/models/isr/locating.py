"""Find the weights of a bundled model: in this package, in the home folder, or inside an installed package.

Installed packages are located and their files read, but never imported: theirs start Vulkan. What is
found is checked against the known content before it is used.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.models.isr.bundled_models.bundled import BundledModel, PackagedFile

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
        raise missing_weights(model)
    content = path.read_bytes()
    if not is_known(model, content):
        raise ModelMissing(
            f"The weights {path} of {model.name} are damaged; delete the file and"
            f" {'run ' + repr(remedy_for(model)) if model.packages else 'reinstall sparkvsr'}.",
            model=model.name,
            remedy=remedy_for(model),
        )
    return content


def missing_weights(model: BundledModel) -> ModelMissing:
    """The error for weights that are nowhere."""
    return ModelMissing(
        f"The weights of {model.name} are not installed; run '{remedy_for(model)}'.",
        model=model.name,
        remedy=remedy_for(model),
    )


def digest_of_model(path: Path) -> str:
    """SHA-256 of a user's model file; raises ModelMissing when there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelMissing(
            f"The model file {path} cannot be read ({error.strerror}); check the path given with --isr.",
            path=str(path),
        ) from error


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
        module_spec = importlib.util.find_spec(packaged.module)
    except (ImportError, ValueError):
        return
    for folder in (module_spec.submodule_search_locations or ()) if module_spec else ():
        yield Path(folder) / packaged.path
