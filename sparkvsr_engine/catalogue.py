"""All models the engine can use, and how missing ones are got. Nothing is loaded to list them."""

from __future__ import annotations

from pathlib import Path

from bridge.errors import InvalidSettings
from bridge.reports import ModelReport
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.folder_links import is_folder_link, link_folder
from sparkvsr_engine.models.registry import PUBLISHED, list_restorers

METRICS = "metrics"


def list_models(config: EngineConfig) -> list[ModelReport]:
    """Restorers, keyframe models and the weights of evaluation metrics."""
    from sparkvsr_engine.models.isr.registry import list_isr

    return [*list_restorers(config.models_folder), *list_isr(config.home), _metrics_report(config)]


def fetch_model(config: EngineConfig, name: str) -> Path:
    """Get a model that does not ship; returns where it lies.

    Raises ModelMissing when it cannot be had, UnknownModel for another name.
    """
    if name == PUBLISHED:
        from sparkvsr_engine.models.cogvideox.checkpoints.fetch import fetch_cogvideox

        return fetch_cogvideox(config.models_folder / PUBLISHED).folder
    if name == METRICS:
        from sparkvsr_engine.evaluation.measures.fetching import fetch_metric_weights

        fetch_metric_weights(_metrics_folder(config))
        return _metrics_folder(config)
    from sparkvsr_engine.models.isr.bundled_models.fetching import fetch_isr

    return fetch_isr(name, config.home)


def add_model(config: EngineConfig, folder: Path) -> Path:
    """Make a checkpoint folder the model `sparkvsr`, after every tensor was checked; linked, not copied.

    Raises ModelMissing naming the tensors that are missing or of another shape, InvalidSettings when another
    checkpoint is there already.
    """
    from sparkvsr_engine.models.cogvideox.checkpoints.loading import check_folder

    check_folder(folder).require_usable()
    place = config.models_folder / PUBLISHED
    if place.exists() and not is_folder_link(place):
        raise InvalidSettings(f"{place} holds a checkpoint already; move it away first.")
    config.make_folders()
    link_folder(folder.expanduser().absolute(), place)
    return place


def _metrics_folder(config: EngineConfig) -> Path:
    return config.models_folder / METRICS


def _metrics_report(config: EngineConfig) -> ModelReport:
    ready = any(_metrics_folder(config).glob("*.safetensors"))
    summary = "weights of LPIPS, DISTS and NIQE for 'sparkvsr evaluate'"
    remedy = "" if ready else "run 'sparkvsr models fetch metrics'"
    return ModelReport(METRICS, "evaluation", ready, summary, "BSD-2-Clause, MIT, Apache-2.0", remedy)
