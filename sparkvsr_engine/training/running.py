"""A training request from footage to weights: prepare, train, draw the curves, export with a card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.system.text_files import read_text_file
from sparkvsr_bridge.version import __version__
from sparkvsr_engine.models.lite.networks.network import LiteNetwork
from sparkvsr_engine.training.curves import draw_curves
from sparkvsr_engine.training.published.clip_bank import ClipBank
from sparkvsr_engine.training.published.recipe import PublishedRecipe
from sparkvsr_engine.training.recipe import LiteRecipe, find_recipe, read_recipe
from sparkvsr_engine.training.scenes.bank import Bank, SceneRecipe, Scenes
from sparkvsr_engine.training.scenes.footage import (
    FootageEntry,
    checksum,
    frames_as_they_come,
    photographs,
    prepare_clips,
    read_manifest,
)
from sparkvsr_engine.training.scenes.mixed_scenes import MixedScenes
from sparkvsr_engine.training.scenes.scenes_with_made_keyframes import MadeScenes
from sparkvsr_engine.training.scenes.teacher_outputs import AnswerBank
from sparkvsr_engine.training.schedule import Recipe
from sparkvsr_engine.training.shots.shot_bank import ShotBank
from sparkvsr_engine.training.shots.shot_recipe import ShotRecipe
from sparkvsr_engine.training.shots.shot_trainee import ShotTrainee
from sparkvsr_engine.training.trainees.image_trainee import ImageRecipe, ImageTrainee
from sparkvsr_engine.training.trainees.judging import CLEAN, NETWORK, DamageRecipe, DamageTrainee
from sparkvsr_engine.training.trainees.lite_trainee import LiteTrainee
from sparkvsr_engine.training.trainees.trainee import Trainee
from sparkvsr_engine.training.trainees.warm_start import start_from_span, start_from_weights
from sparkvsr_engine.training.trainer import RunOptions, Trainer

_CHUNK = 8


@dataclass(frozen=True)
class TrainingRequest:
    """What `sparkvsr train` is asked for.

    bank: folder of prepared scenes, None for inside the run's. start: checkpoint folder that the published
    model is trained from; weights file that `lite` is trained on from, None for a new network; folder of the
    weights that the judge of damage is put beside. home: the engine's, where fetched image models lie;
    None for shipped and installed ones alone.
    """

    recipe: str
    footage: Path
    folder: Path
    bank: Path | None = None
    device: str = "auto"
    loaders: int = 1
    threads: int = 0
    metric_weights: Path | None = None
    stop_after: int = 0
    start: Path | None = None
    home: Path | None = None


def train(request: TrainingRequest, on_report: Callable[[dict[str, float]], None]) -> Path | None:
    """Train, or go on training; returns the weights' file or folder, None when stopped before the end."""
    path = find_recipe(request.recipe)
    recipe = read_recipe(path)
    entries = chosen_entries(recipe, request.footage)
    options = RunOptions(request.folder, request.device, request.loaders, request.threads, request.stop_after)
    trainee = open_trainee(request, recipe, entries)
    trainer = Trainer(recipe, trainee, options, on_report)
    finished = trainer.run()
    draw_curves(trainer.state.losses, request.folder / "curves.png")
    weights = request.folder / trainee.export_name
    trainer.export(weights, _card(recipe, path, entries) | _started_from(request.start))
    return weights if finished else None


def open_trainee(request: TrainingRequest, recipe: Recipe, entries: list[FootageEntry]) -> Trainee:
    """The model of a recipe, with the footage it is trained on.

    Args:
        request: what is trained on what.
        recipe: of the training.
        entries: the manifest's clips.
    """
    if isinstance(recipe, PublishedRecipe):
        from sparkvsr_engine.training.published.trainee import PublishedTrainee

        if request.start is None:
            raise InvalidSettings(
                f"the recipe {recipe.name} trains from existing weights; name their folder with"
                " --start, for example a CogVideoX1.5-5B-I2V checkpoint."
            )
        clips = _open_clips(request, recipe, entries)
        return PublishedTrainee(recipe, clips, request.start, request.metric_weights)
    if isinstance(recipe, DamageRecipe):
        if request.start is None:
            raise InvalidSettings(
                f"the recipe {recipe.name} joins what was trained before; name the folder of"
                f" {NETWORK} and {CLEAN} with --start."
            )
        bank = _open_scenes(request, recipe, entries)
        frames = partial(frames_as_they_come, request.footage, entries)
        return DamageTrainee(recipe, bank, request.start, frames)
    if isinstance(recipe, ImageRecipe):
        answers = _open_answers(request, recipe, entries)
        return ImageTrainee(recipe, answers, request.metric_weights, request.home)
    if isinstance(recipe, ShotRecipe):
        if request.start is None:
            raise InvalidSettings(
                f"the recipe {recipe.name} goes on with weights for all footage; name their file with"
                " --start."
            )
        return ShotTrainee(
            recipe, _open_shots(request, recipe, entries), request.start, request.metric_weights
        )
    assert isinstance(recipe, LiteRecipe)
    scenes = _open_shown(request, recipe, entries)
    return LiteTrainee(recipe, scenes, request.metric_weights, _start_of(request, recipe, entries))


def _start_of(
    request: TrainingRequest, recipe: LiteRecipe, entries: list[FootageEntry]
) -> Callable[[LiteNetwork], None] | None:
    """What fills a new network of `lite`."""
    if request.start is not None:
        return partial(start_from_weights, path=request.start, part=recipe.start_part)
    if recipe.warm_start:
        return partial(start_from_span, photographs=photographs(request.footage, entries))
    return None


def prepare_scenes(request: TrainingRequest, count: int, on_scene: Callable[[int], None]) -> int:
    """Make the first scenes of the bank ahead of training; returns how many there are.

    Args:
        request: what is trained on what.
        count: how many scenes.
        on_scene: called after each with how many there are.
    """
    recipe = read_recipe(find_recipe(request.recipe))
    bank = open_bank(request, recipe, chosen_entries(recipe, request.footage))
    # Not forked: OpenCV's threads do not survive it.
    with ProcessPoolExecutor(max(1, request.loaders), get_context("spawn")) as pool:
        for done, _ in enumerate(pool.map(partial(_make_scene, bank), range(count), chunksize=_CHUNK), 1):
            on_scene(done)
    return count


def chosen_entries(recipe: Recipe, footage: Path) -> list[FootageEntry]:
    """The manifest's footage without what the recipe holds back."""
    return [entry for entry in read_manifest(footage) if Path(entry.path).stem not in recipe.held_back]


def open_bank(
    request: TrainingRequest, recipe: Recipe, entries: list[FootageEntry]
) -> Scenes | ClipBank | AnswerBank | ShotBank:
    """The bank of what a recipe trains on; clips are decoded when they were not before.

    Args:
        request: what is trained on what.
        recipe: of the training.
        entries: the manifest's clips.

    Raises:
        MediaUnreadable: for footage that is no good, InvalidSettings when there is no clip at all, or the
            bank holds another recipe's.
    """
    if isinstance(recipe, PublishedRecipe):
        return _open_clips(request, recipe, entries)
    if isinstance(recipe, ImageRecipe):
        return _open_answers(request, recipe, entries)
    if isinstance(recipe, ShotRecipe):
        return _open_shots(request, recipe, entries)
    if isinstance(recipe, LiteRecipe):
        return _open_shown(request, recipe, entries)
    assert isinstance(recipe, DamageRecipe)
    return _open_scenes(request, recipe, entries)


def _open_clips(request: TrainingRequest, recipe: PublishedRecipe, entries: list[FootageEntry]) -> ClipBank:
    stages = _open_stages(request, recipe.scene.stages, entries)
    bank = ClipBank(_bank_folder(request) / "clips", recipe.scene, stages)
    bank.check()
    return bank


def _open_answers(request: TrainingRequest, recipe: ImageRecipe, entries: list[FootageEntry]) -> AnswerBank:
    scenes = _open_scenes(request, recipe, entries)
    bank = AnswerBank(_bank_folder(request) / "answers", recipe.answers, scenes, request.home)
    bank.check()
    return bank


def _open_shots(request: TrainingRequest, recipe: ShotRecipe, entries: list[FootageEntry]) -> ShotBank:
    drawn = SceneRecipe(recipe.shots.seed, photograph_share=recipe.shots.photograph_share)
    stages = _open_stages(request, drawn, entries)
    bank = ShotBank(_bank_folder(request) / "shots", recipe.shots, stages, request.home)
    bank.check()
    return bank


def _open_shown(request: TrainingRequest, recipe: LiteRecipe, entries: list[FootageEntry]) -> Scenes:
    scenes = _open_scenes(request, recipe, entries)
    if recipe.made is None:
        return scenes
    assert isinstance(scenes, Bank)
    scenes_with_made = MadeScenes(_bank_folder(request) / "made", recipe.made, scenes, request.home)
    scenes_with_made.check()
    return scenes_with_made


def _open_scenes(
    request: TrainingRequest, recipe: LiteRecipe | DamageRecipe | ImageRecipe, entries: list[FootageEntry]
) -> Scenes:
    footage = _open_stages(request, recipe.scene, entries)
    footage.check()
    if recipe.graphics is None:
        return footage
    drawn = replace(recipe.scene, graphics=True, scales=recipe.graphics.scales)
    mixed = MixedScenes(footage, _open_stages(request, drawn, entries, "graphics"), recipe.graphics.share)
    mixed.check()
    return mixed


def _open_stages(
    request: TrainingRequest, scenes: SceneRecipe, entries: list[FootageEntry], name: str = "scenes"
) -> Bank:
    folder = _bank_folder(request)
    cache = folder / "footage"
    clips = prepare_clips(request.footage, entries, cache)
    if not clips and not scenes.graphics:
        raise InvalidSettings(
            f"{request.footage} has no clip to train on; name one under train/ in its manifest.tsv."
        )
    return Bank(folder / name, scenes, cache, clips, photographs(request.footage, entries))


def _bank_folder(request: TrainingRequest) -> Path:
    return request.bank or request.folder / "bank"


def _make_scene(bank: Scenes | ClipBank | AnswerBank | ShotBank, number: int) -> None:
    import cv2
    import torch

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    bank.scene(number)


def _card(recipe: Recipe, path: Path, entries: list[FootageEntry]) -> dict[str, str]:
    """How the weights were made, for the file itself."""
    manifest = "\n".join(f"{entry.path} {entry.sha256} {entry.licence}" for entry in entries)
    return {
        "name": recipe.name,
        "made_with": f"sparkvsr {__version__}",
        "recipe": read_text_file(path),
        "manifest_sha256": hashlib.sha256(manifest.encode()).hexdigest(),
        "footage": json.dumps([[entry.path, entry.sha256[:16], entry.licence] for entry in entries]),
    }


def _started_from(start: Path | None) -> dict[str, str]:
    """Which weights a run began with, where that is noted."""
    if start is None or not start.is_file():
        return {}
    return {"start": f"{start.name} {checksum(start)}"}
