# SPDX-License-Identifier: Apache-2.0
"""A result into the media pool, with its source's colour properties, each read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, List, cast

from ...exchange.requests import MediaImport, MediaImported
from ..failures import refused
from ..finding import open_result_bin, project_of
from ..readings.reading_items import read_media

if TYPE_CHECKING:
    from fusionscript import MediaPool, MediaPoolItem, Resolve


def import_media(resolve: Resolve, request: MediaImport) -> MediaImported:
    """Import a result into the bin of results. Raises HostFailure."""
    with open_result_bin(project_of(resolve)) as pool:
        clips = _imported(pool, request)
    if len(clips) != 1 or not clips[0]:
        raise refused(
            f"Resolve does not import {request.path}; import it by hand, and look at the codecs it reads."
        )
    differing = _set_properties(clips[0], request.properties)
    media = read_media(clips[0])
    if media is None or not media.path:
        raise refused(f"Resolve imported {request.path} without a file behind it; look at its media pool.")
    return MediaImported(media, differing)


def _imported(pool: MediaPool, request: MediaImport) -> List[MediaPoolItem]:
    if request.first < 0:
        return list(pool.ImportMedia([request.path]) or [])
    return import_pictures(pool, request.path, request.first, request.last)


def import_pictures(pool: MediaPool, pattern: str, first: int, last: int) -> List[MediaPoolItem]:
    """Numbered pictures as clips of the bin that is open; none where Resolve refuses."""
    numbered = {"FilePath": pattern, "StartIndex": first, "EndIndex": last}
    return list(pool.ImportMedia([cast("object", numbered)]) or [])  # type: ignore[list-item]


def _set_properties(clip: MediaPoolItem, properties: Dict[str, str]) -> Dict[str, str]:
    """Set what differs; returns what did not take its value, with the value it has."""
    differing: Dict[str, str] = {}
    for name, value in properties.items():
        if _property(clip, name) == value:
            continue
        # Its answer proves nothing: what is read back counts.
        clip.SetClipProperty(name, value)
        after = _property(clip, name)
        if after != value:
            differing[name] = after
    return differing


def _property(clip: MediaPoolItem, name: str) -> str:
    value = clip.GetClipProperty(name)
    return "" if value is None or isinstance(value, dict) else str(value)
