"""Threads and memory of the libraries that compute, set once in each process that renders."""

from __future__ import annotations

import os

from sparkvsr_engine.storage import process_memory


def prepare_kernels(threads: int) -> None:
    """Give torch and OpenCV their threads, 0 means one per core, and memory that stays."""
    import cv2
    import torch

    process_memory.keep_freed()
    count = threads or os.cpu_count() or 1
    torch.set_num_threads(count)
    cv2.setNumThreads(count)
