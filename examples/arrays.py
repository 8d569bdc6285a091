"""Restore frames in memory, without the engine: from NumPy arrays to NumPy arrays.

python examples/arrays.py clip.mp4
"""

from __future__ import annotations

import sys
from itertools import islice

import av

import sparkvsr


def main(source: str) -> None:
    with av.open(source) as container:
        decoded = islice(container.decode(video=0), 8)
        frames = [frame.to_ndarray(format="rgb24") for frame in decoded]
    restored = sparkvsr.restore(frames, sparkvsr.UpscaleSettings(scale=2))
    print(len(restored), "frames", frames[0].shape, "to", restored[0].shape)


if __name__ == "__main__":
    main(*sys.argv[1:])
