"""Asks the keyframe policy of a request which frames to add."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.settings import UpscaleSettings
from sparkvsr_engine.jobs.analysis import Analysis
from sparkvsr_engine.media.base import ClipInfo


def policy_choices(
    settings: UpscaleSettings, named: Sequence[int], info: ClipInfo, analysis: Analysis
) -> list:
    return []
