"""Named arrays as compressed bytes for the cache: quick to write, checked when they are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Level 1 on bytes sorted by place: a full HD prediction (23 MB) shrinks to 9 MB in 65 ms on one core; zlib
# takes four times as long, the next levels save 3 %.
_LEVEL = 1
_HEADER_BYTES = 8


def pack(parts: Mapping[str, NDArray[Any]]) -> bytes:
    """Named arrays as bytes: the length of a JSON header, the header, one checked zstd frame per array."""
    import zstandard

    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    bodies = [compressor.compress(_sorted_bytes(array)) for array in parts.values()]
    header = json.dumps(
        [
            [name, array.dtype.str, list(array.shape), len(body)]
            for (name, array), body in zip(parts.items(), bodies, strict=True)
        ]
    ).encode()
    return b"".join([len(header).to_bytes(_HEADER_BYTES, "little"), header, *bodies])


def unpack(content: bytes) -> dict[str, NDArray[Any]]:
    """The inverse of `pack`; raises ValueError or zstandard's error for anything else."""
    import zstandard

    decompressor = zstandard.ZstdDecompressor()
    start = _HEADER_BYTES + int.from_bytes(content[:_HEADER_BYTES], "little")
    arrays: dict[str, NDArray[Any]] = {}
    for name, kind, shape, size in json.loads(content[_HEADER_BYTES:start]):
        values = decompressor.decompress(memoryview(content)[start : start + size])
        arrays[name] = _unsorted(values, np.dtype(kind), tuple(shape))
        start += size
    if start != len(content):
        raise ValueError(f"{len(content)} bytes where {start} were written")
    return arrays


def _sorted_bytes(array: NDArray[Any]) -> bytes:
    """All first bytes, then all second ones: high bytes of small numbers are alike."""
    plain = np.ascontiguousarray(array).view(np.uint8).reshape(-1, array.itemsize)
    return plain.T.tobytes()


def _unsorted(values: bytes, kind: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    columns = np.frombuffer(values, np.uint8).reshape(kind.itemsize, -1)
    return np.array(columns.T, order="C").view(kind).reshape(shape)
