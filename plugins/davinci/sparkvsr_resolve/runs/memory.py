# SPDX-License-Identifier: Apache-2.0
"""Which job made which result, kept in the engine's home: a second run on a clip revises, it does not start
anew.

One file per project of Resolve. What cannot be read is as if it were not there: the next run is a new job.
"""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from ..exchange.records import from_plain, to_plain

# The stored name of `pool_path`; files of earlier versions have it, too.
_POOL_PATH_KEY = "shown"
_UNSAFE = '/\\:*?"<>|'


@dataclasses.dataclass(frozen=True)
class ResultRecord:
    """A result. item: uid of the clip. request: `ShotRequest.to_json`. path: of the result, a movie or a
    pattern. pool_path: as the media pool writes it; empty until it was imported.

    first: frame of the original medium, from 0, that the result's first frame shows. frames: of the result.
    """

    item: str
    source: str
    request: str
    job: str
    version: int
    path: str
    first: int
    frames: int
    pool_path: str = ""


class Memory:
    """The results of one project. folder: of the engine's home. project: its uid."""

    def __init__(self, folder: Path, project: str) -> None:
        name = "".join("_" if letter in _UNSAFE else letter for letter in project)
        self._path = folder / "resolve" / f"{name or 'project'}.json"
        self._records: Dict[str, ResultRecord] = {record.path: record for record in self._read()}

    def latest_of(self, item: str, takes: Sequence[str], source: str) -> Optional[ResultRecord]:
        """The last result of a clip; of one that was cut in two, by its takes. takes: Resolve's paths of
        them.
        """
        records = [record for record in self._records.values() if record.source == source]
        item_records = [record for record in records if record.item == item or record.pool_path in takes]
        return item_records[-1] if item_records else None

    def is_result(self, path: str) -> bool:
        """Whether a file is a result of this program."""
        return self.record_of(path) is not None

    def record_of(self, path: str) -> Optional[ResultRecord]:
        """What is noted down of a result; None for any other file. path: its own, or the media pool's."""
        records = self._records.values()
        return next((record for record in records if path in (record.path, record.pool_path)), None)

    def add(self, record: ResultRecord) -> None:
        """Keep a result. Raises OSError where the engine's home cannot be written."""
        self._records.pop(record.path, None)
        self._records[record.path] = record
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_name(f"{self._path.name}.partial")
        partial.write_text(json.dumps([_stored(record) for record in self._records.values()]), "utf-8")
        os.replace(partial, self._path)  # noqa: PTH105

    def _read(self) -> List[ResultRecord]:
        try:
            return [_record_of(values) for values in json.loads(self._path.read_text("utf-8"))]
        except (OSError, ValueError, TypeError, AttributeError):
            return []


def _stored(record: ResultRecord) -> Dict[str, Any]:
    values = to_plain(record)
    values[_POOL_PATH_KEY] = values.pop("pool_path")
    return values


def _record_of(values: Dict[str, Any]) -> ResultRecord:
    return from_plain(ResultRecord, {**values, "pool_path": values.get(_POOL_PATH_KEY, "")})
