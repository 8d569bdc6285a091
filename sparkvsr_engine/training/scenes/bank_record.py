"""What a bank's scenes were drawn from, kept beside them: those of another recipe are not used unseen."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.storage.whole_files import written_whole

logger = logging.getLogger(__name__)

RECORD = "drawn_from.json"


def check_record(folder: Path, drawn_from: Mapping[str, Any]) -> None:
    """Refuse scenes that were drawn from something else.

    drawn_from: JSON values by name, of the part of a recipe and the footage that decide what scenes hold.
    Scenes without a record, as older versions left them, are used with a warning.
    Raises InvalidSettings naming what differs.
    """
    record = _read(folder / RECORD)
    if record is None:
        if _has_scenes(folder):
            logger.warning(
                "The scenes in %s have no record of their recipe; they are used as they are", folder
            )
        return
    expected = _as_stored(drawn_from)
    differing = sorted(
        name for name in record.keys() | expected.keys() if record.get(name) != expected.get(name)
    )
    if differing:
        raise InvalidSettings(
            f"The scenes in {folder} were drawn from another recipe or other footage ({', '.join(differing)}"
            " differ); name another folder with --bank, or remove this one to have it made anew."
        )


def write_record(folder: Path, drawn_from: Mapping[str, Any]) -> None:
    """Note what scenes are drawn from, before the first of them; scenes that are there already get none."""
    path = folder / RECORD
    if path.is_file() or _has_scenes(folder):
        return
    with written_whole(path, is_shared=True) as partial:
        partial.write_text(json.dumps(_as_stored(drawn_from), indent=1), encoding="utf-8")


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InvalidSettings(
            f"{path} cannot be read ({error}); remove it if the scenes beside it are of this recipe."
        ) from error


def _has_scenes(folder: Path) -> bool:
    return next(folder.glob("*/*.safetensors"), None) is not None


def _as_stored(drawn_from: Mapping[str, Any]) -> dict[str, Any]:
    """As it comes back from a file: tuples are lists."""
    return json.loads(json.dumps(drawn_from))
