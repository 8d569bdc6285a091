"""Scenes of a bank on disk, a file each, made when first asked for, beside what they are drawn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from sparkvsr_engine.storage.whole_files import written_whole
from sparkvsr_engine.training.scenes.bank_record import check_record, write_record

Tensors = Mapping[str, NDArray[Any]]


class SceneFiles:
    """Scenes by number under one folder. drawn_from: all that decides what a scene of some number holds."""

    def __init__(self, folder: Path, drawn_from: Mapping[str, Any]) -> None:
        self._folder = folder
        self._drawn_from = drawn_from

    def check(self) -> None:
        """Raise InvalidSettings where the folder's scenes were drawn from another recipe or other footage."""
        check_record(self._folder, self._drawn_from)

    def load(self, number: int, make: Callable[[], Tensors]) -> dict[str, NDArray[Any]]:
        """A scene's tensors by name; `make` is called where they are not there yet."""
        path = self._folder / f"{number // 1000:03d}" / f"{number:06d}.safetensors"
        if not path.is_file():
            write_record(self._folder, self._drawn_from)
            _save(path, make())
        return load_file(path)


def _save(path: Path, tensors: Tensors) -> None:
    """Several processes may make the same scene."""
    with written_whole(path, is_shared=True) as partial:
        save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, partial)
