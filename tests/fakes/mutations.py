"""Files as transfer, disks and crashes leave them: bytes changed, parts missing, doubled or out of place."""

from __future__ import annotations

import numpy as np

KINDS = ("bytes", "zeros", "cut short", "cut out", "doubled", "swapped", "noise", "head")


def mutated(content: bytes, seed: int) -> tuple[str, bytes]:
    """(what was done, the file's bytes after it); a function of content and seed."""
    rng = np.random.default_rng(seed)
    kind = KINDS[seed % len(KINDS)]
    data = np.frombuffer(content, np.uint8).copy()
    size = len(data)
    start = int(rng.integers(size))
    length = min(int(rng.integers(1, max(2, size // 8))), size - start)
    if kind == "bytes":
        places = rng.integers(0, size, int(rng.integers(1, 30)))
        data[places] = rng.integers(0, 256, len(places))
    elif kind == "zeros":
        data[start : start + length] = 0
    elif kind == "noise":
        data[start : start + length] = rng.integers(0, 256, length)
    elif kind == "cut short":
        data = data[:start]
    elif kind == "cut out":
        data = np.concatenate([data[:start], data[start + length :]])
    elif kind == "doubled":
        data = np.concatenate([data[: start + length], data[start:]])
    elif kind == "swapped":
        place = int(rng.integers(max(1, size - length)))
        first, second = data[start : start + length].copy(), data[place : place + length].copy()
        shorter = min(len(first), len(second))
        data[start : start + shorter], data[place : place + shorter] = second[:shorter], first[:shorter]
    else:
        places = rng.integers(0, min(size, 512), int(rng.integers(1, 12)))
        data[places] = rng.integers(0, 256, len(places))
    return kind, data.tobytes()
