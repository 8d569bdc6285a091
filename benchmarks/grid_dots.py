"""How strongly a movie shows dots on the grid of cells.

    python benchmarks/grid_dots.py RESULT [--frames 31]

Fine luma (less its blur, sigma of 2 pixels), of 255: its means over 5x5 cells for each of the 16 places in a
cell, and how far these spread. Median and mean over pictures; detail of the picture itself counts too, so
compare results of one clip.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from sparkvsr_engine.core.arrays import BytePicture, Plane
from sparkvsr_engine.evaluation.protocol.clips import read_truth

CELL, AROUND, BLUR = 4, 5, 2.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("result", type=Path)
    parser.add_argument("--frames", type=int, default=31)
    options = parser.parse_args()
    frames = read_truth(options.result, options.frames, CELL).frames
    spreads = np.stack([spread_of(frame) for frame in frames])
    print(f"median {np.median(spreads):.3f}, mean {spreads.mean():.3f}")


def spread_of(frame: BytePicture) -> Plane:
    """Standard deviation over places in a cell, float32 by cell."""
    luma = frame.astype(np.float32).mean(-1)
    fine = luma - cv2.GaussianBlur(luma, (0, 0), BLUR)
    rows, columns = (side // CELL for side in fine.shape)
    places = fine.reshape(rows, CELL, columns, CELL).transpose(1, 3, 0, 2).reshape(-1, rows, columns)
    means = np.stack([cv2.boxFilter(place, -1, (AROUND, AROUND)) for place in places])
    return np.asarray(means.std(0), np.float32)


if __name__ == "__main__":
    main()
