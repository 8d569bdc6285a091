"""Predictions kept on disk, so that moving guidance needs no network pass.

A prediction is compressed and written by threads of its own while the next one is made. It is kept under the
key of everything the network's answer depends on, so any job, version or preview finds it. One that is
damaged is dropped and made again. Not here: where files lie and which go first (`cache`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from numpy.typing import NDArray

from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.windows import Window
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.running.rendering import NoPredictionCache, PredictionCache
from sparkvsr_engine.models.base import RestorerTraits
from sparkvsr_engine.storage.disk_cache import DiskCache
from sparkvsr_engine.storage.packing import pack, unpack

log = logging.getLogger(__name__)

KIND = "predictions"
_SUFFIX = ".parts"
_THREADS = 2
# Predictions on their way to disk; beyond them rendering waits, so that memory stays bounded.
_WAITING = 4


def open_prediction_cache(config: EngineConfig, plan: JobPlan, traits: RestorerTraits) -> PredictionCache:
    """The prediction cache of a plan.

    A restorer whose windows lean on each other keeps its parts itself, in finer pieces; so does nobody where
    the cache's budget is 0.

    Args:
        config: the engine's folders and limits.
        plan: the job's plan.
        traits: what the restorer needs of plans.
    """
    if not traits.random_access or config.cache_budget_bytes == 0:
        return NoPredictionCache()
    return DiskPredictionCache(DiskCache(config.cache_folder, config.cache_budget_bytes), plan)


class DiskPredictionCache:
    """See `PredictionCache`; `close` waits until everything is written."""

    def __init__(self, cache: DiskCache, plan: JobPlan) -> None:
        self._cache = cache
        self._plan = plan
        self._writers = ThreadPoolExecutor(_THREADS, "prediction-cache")
        self._free_slots = threading.BoundedSemaphore(_WAITING)
        self._is_full = False

    def load(self, window: Window) -> Mapping[str, NDArray[Any]] | None:
        """See `PredictionCache`."""
        key = self._plan.prediction_key(window)
        content = self._cache.read(KIND, key, _SUFFIX)
        if content is None:
            return None
        try:
            return unpack(content)
        except Exception as error:
            log.warning("the stored prediction %s is damaged (%s) and is made again", key, error)
            self._cache.drop(KIND, key, _SUFFIX)
            return None

    def save(self, window: Window, parts: Mapping[str, NDArray[Any]]) -> None:
        """See `PredictionCache`."""
        self._free_slots.acquire()
        self._writers.submit(self._write, self._plan.prediction_key(window), parts)

    def close(self) -> None:
        """See `PredictionCache`."""
        self._writers.shutdown()

    def _write(self, key: str, parts: Mapping[str, NDArray[Any]]) -> None:
        try:
            is_kept = self._cache.write(KIND, key, _SUFFIX, pack(parts))
            if not is_kept and not self._is_full:
                log.warning("budget or disk have no room for more predictions; the render goes on without")
            self._is_full = not is_kept
        except Exception:
            log.exception("a prediction was not kept")
        finally:
            self._free_slots.release()
