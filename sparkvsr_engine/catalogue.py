"""All models the engine can use, and how missing ones are got. Nothing is loaded to list them."""

from __future__ import annotations

from pathlib import Path

from sparkvsr_bridge.errors import InvalidSettings, ModelMissing, UnknownModel
from sparkvsr_bridge.reports import ModelReport
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.folder_links import is_folder_link, link_folder
from sparkvsr_engine.models.registry import find_restorer, list_restorers, restorer_for_folder, restorers
from sparkvsr_engine.storage.listing import visible_files

METRICS = "metrics"


def list_models(config: EngineConfig) -> list[ModelReport]:
    """Restorers, keyframe models and the weights of evaluation metrics."""
    from sparkvsr_engine.models.isr.registry import list_isr

    return [*list_restorers(config.models_folder), *list_isr(config.home), _metrics_report(config)]


def fetch_model(config: EngineConfig, name: str) -> Path:
    """Get a model that does not ship; returns where it lies.

    Raises ModelMissing when it cannot be had, UnknownModel for another name.
    """
    if name in [record.name for record in restorers()]:
        return _fetch_restorer(config, name)
    if name == METRICS:
        from sparkvsr_engine.evaluation.measures.fetching import fetch_metric_weights

        fetch_metric_weights(_metrics_folder(config))
        return _metrics_folder(config)
    from sparkvsr_engine.models.isr.bundled_models.fetching import fetch_isr

    return fetch_isr(name, config.home)


def add_model(config: EngineConfig, folder: Path) -> Path:
    """Make a folder of weights the model that takes them, once they are checked; linked, not copied.

    Returns the link, which has the model's name.

    Raises ModelMissing naming the tensors that are missing or of another shape, InvalidSettings when another
    checkpoint is there already.
    """
    record = restorer_for_folder(folder)
    assert record.weights is not None
    assert record.weights.check is not None
    record.weights.check(folder)
    place = config.models_folder / record.name
    if place.exists() and not is_folder_link(place):
        raise InvalidSettings(f"{place} holds a checkpoint already; move it away first.")
    config.make_folders()
    link_folder(folder.expanduser().absolute(), place)
    return place


def _fetch_restorer(config: EngineConfig, name: str) -> Path:
    record, folder = find_restorer(name, config.models_folder)
    if record.weights is None:
        raise UnknownModel(f"The model {name} ships with the engine, so there is nothing to fetch.")
    if record.weights.fetch is None:
        raise ModelMissing(f"The weights of {name} cannot be fetched; {record.remedy() or 'ask its makers'}.")
    return record.weights.fetch(folder)


def _metrics_folder(config: EngineConfig) -> Path:
    return config.models_folder / METRICS


def _metrics_report(config: EngineConfig) -> ModelReport:
    ready = bool(visible_files(_metrics_folder(config), "*.safetensors"))
    summary = "weights of LPIPS, DISTS and NIQE for 'sparkvsr evaluate'"
    remedy = "" if ready else "run 'sparkvsr models fetch metrics'"
    return ModelReport(METRICS, "evaluation", ready, summary, "BSD-2-Clause, MIT, Apache-2.0", remedy)
