# SPDX-License-Identifier: Apache-2.0
"""The keyframes that a small stream brings, for a host's own list."""

from __future__ import annotations

import dataclasses
from typing import Tuple

from ...client import EngineClient
from ...errors import InvalidSettings
from ...media import SourceMedia
from ...messages import DescribeMediaRequest, MediaReply

_ANSWER_SECONDS = 120.0


@dataclasses.dataclass(frozen=True)
class StreamKeyframes:
    """What a small stream brings.

    frames: of its keyframes, in the source's own numbers, rising. scale: full size over the stream's own.
    """

    frames: Tuple[int, ...]
    scale: float


def stream_keyframes(client: EngineClient, source: SourceMedia) -> StreamKeyframes:
    """Ask the engine for the keyframes of a source.

    A host names their frames without pictures: the engine takes the stream's own.

    Args:
        client: a connection to the engine.
        source: what the host reads, with the range that is shown.

    Raises:
        InvalidSettings: for a source that brings none.
        MediaUnreadable: what reading its headers raises.
    """
    info = client.request(DescribeMediaRequest(source), MediaReply, _ANSWER_SECONDS).info
    if not info.keyframes:
        raise InvalidSettings(
            f"{source.path} brings no keyframes; 'sparkvsr pack' makes small streams that do."
        )
    scale = info.full_size[0] / info.width if info.full_size[0] else 1.0
    return StreamKeyframes(info.keyframes, scale)
