"""Requests as lines of JSON, answers as a line of JSON and the pixels it names.

Request: `{"id", "op": "describe" | "frame" | "still" | "light" | "views", "path", "number", "first", "last",
"transform": {...}, "fit": [width, height]}`; `light` is followed by pixels: `{"width", "height", "channels",
"sample", "payload": their bytes}`. Answer: `{"id", "nbytes", ...}` and `nbytes` bytes, or
`{"id", "error": {code, message}}`. Pixels are [H, W, 4], uint8, in the order blue, green, red, 255.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

from sparkvsr_bridge.errors import InternalError, InvalidSettings, SparkVSRError
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.viewing.display import DisplayWish, display_names, uses_plain_view
from sparkvsr_engine.viewing.pictures import ShownPicture, Viewer

_JSON = dict[str, Any]

PLAIN_VIEW = (
    "Scene-linear light is shown as sRGB with highlights rolled off, because OpenColorIO is not installed;"
    " install sparkvsr[colour] for display views."
)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests in the order they come, until there are no more."""
    viewer = Viewer()
    try:
        for line in requests:
            if line.strip():
                _write(answers, *answer(viewer, line, requests))
    except (BrokenPipeError, KeyboardInterrupt):
        return
    finally:
        viewer.close()


def answer(viewer: Viewer, line: bytes, following: BinaryIO) -> tuple[_JSON, bytes | memoryview]:
    """The answer to one request and its pixels; what goes wrong is an answer too.

    Args:
        viewer: opens sources and results.
        line: the request.
        following: what comes after the line, the request's own pixels first.
    """
    number: Any = None
    try:
        request = json.loads(line)
        number = request.get("id")
        # Whatever becomes of the request, its pixels are not taken for the next one.
        request["pixels"] = following.read(int(request.get("payload", 0)))
        values, pixels = _OPERATIONS[request["op"]](viewer, request)
    except SparkVSRError as error:
        return _refusal(number, error)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        return _refusal(number, InvalidSettings(f"the request for a picture cannot be read ({error!r})."))
    except Exception as error:
        return _refusal(number, InternalError(f"The picture cannot be shown ({error!r}); report this."))
    return {"id": number, **values}, pixels


def _refusal(number: Any, error: SparkVSRError) -> tuple[_JSON, bytes]:
    return {"id": number, "error": error.to_dict()}, b""


def _describe(viewer: Viewer, request: _JSON) -> tuple[_JSON, bytes]:
    info = viewer.describe(_source(request))
    warnings = list(info.warnings)
    if uses_plain_view(info, _wish(request)):
        warnings.append(PLAIN_VIEW)
    return {"info": info.media_info().to_dict(), "warnings": warnings}, b""


def _frame(viewer: Viewer, request: _JSON) -> tuple[_JSON, memoryview]:
    picture = viewer.frame(_source(request), int(request["number"]), _wish(request), _fit(request))
    return _values(picture), picture.pixels.data.cast("B")


def _still(viewer: Viewer, request: _JSON) -> tuple[_JSON, memoryview]:
    picture = viewer.still(str(request["path"]), _wish(request), _fit(request))
    return _values(picture), picture.pixels.data.cast("B")


def _light(viewer: Viewer, request: _JSON) -> tuple[_JSON, memoryview]:
    shape = (int(request["height"]), int(request["width"]), int(request["channels"]))
    pixels = np.frombuffer(request["pixels"], str(request["sample"])).reshape(shape)
    picture = viewer.light(_source(request), pixels, _wish(request))
    return _values(picture), picture.pixels.data.cast("B")


def _views(_: Viewer, request: _JSON) -> tuple[_JSON, bytes]:
    return {"displays": display_names(str(request.get("config", "")))}, b""


_OPERATIONS: dict[str, Callable[[Viewer, _JSON], tuple[_JSON, Any]]] = {
    "describe": _describe,
    "frame": _frame,
    "still": _still,
    "light": _light,
    "views": _views,
}


def _values(picture: ShownPicture) -> _JSON:
    height, width = picture.pixels.shape[:2]
    return {
        "width": width,
        "height": height,
        "full": [picture.full_width, picture.full_height],
        "note": picture.note,
        "nbytes": picture.pixels.nbytes,
    }


def _source(request: _JSON) -> SourceMedia:
    return SourceMedia(str(request["path"]), request.get("first"), request.get("last"))


def _wish(request: _JSON) -> DisplayWish:
    return DisplayWish(**request.get("transform", {}))


def _fit(request: _JSON) -> tuple[int, int] | None:
    fit = request.get("fit")
    return (int(fit[0]), int(fit[1])) if fit else None


def _write(answers: BinaryIO, values: _JSON, pixels: bytes | memoryview) -> None:
    _write_all(answers, json.dumps(values).encode() + b"\n")
    _write_all(answers, pixels)


def _write_all(answers: BinaryIO, content: bytes | memoryview) -> None:
    """An unbuffered pipe takes a part at a time."""
    unwritten = memoryview(content)
    while unwritten.nbytes:
        unwritten = unwritten[answers.write(unwritten) or 0 :]
