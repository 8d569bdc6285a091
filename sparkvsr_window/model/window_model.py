"""All that the window shows and does. `poll` is called often, by one thread, and never waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sparkvsr_bridge.hosts.engine_place import EnginePlace
from sparkvsr_bridge.hosts.session import EngineState
from sparkvsr_bridge.media import MediaInfo
from sparkvsr_bridge.messages import ListModelsRequest, ModelListReply
from sparkvsr_bridge.reports import ModelReport
from sparkvsr_bridge.settings import GUIDANCE_LIMIT
from sparkvsr_window.frames.reader import FrameReader
from sparkvsr_window.model.core import DOCUMENT, ENGINE, JOBS, PICTURE, VIEW, Core
from sparkvsr_window.model.documents.dropping import MEDIA, PICTURES, plan_drop
from sparkvsr_window.model.documents.memory import read_memory, restored, with_document, write_memory
from sparkvsr_window.model.documents.records import Clip, Document, KeyframeMark, Region
from sparkvsr_window.model.engine.advice import Advice
from sparkvsr_window.model.engine.conforming import Conforming, Pull
from sparkvsr_window.model.engine.rendering import Rendering
from sparkvsr_window.model.keyframes import Keyframes, OpenEditor
from sparkvsr_window.model.pictures import Pictures
from sparkvsr_window.model.player import Player
from sparkvsr_window.model.stage import Stage
from sparkvsr_window.model.viewing import PREVIEW, SOURCE, Side

_SAVE_SECONDS = 1.0
_MODELS_SECONDS = 120.0
STATE_FILE = "state.json"
PICTURE_FOLDER = "keyframes"
EDITOR = "editor"
"""What `WindowModel.memory` calls the program that keyframes are painted in."""


class WindowModel:
    """The window's logic: parts for the playhead, keyframes, rendering, what is shown, and what joins them.

    folder: of the window's own files. place: of the engine. open_editor: opens a picture file.
    wake: called from threads when `poll` has something to do.
    """

    def __init__(
        self,
        folder: Path,
        place: EnginePlace,
        open_editor: OpenEditor,
        wake: Callable[[], None] = lambda: None,
        make_reader: Callable[[Callable[[], None]], FrameReader] = FrameReader,
    ) -> None:
        self._state_path = folder / STATE_FILE
        self.place = place
        self.memory: dict[str, Any] = read_memory(self._state_path)
        self.core = core = Core(place, make_reader, wake)
        self.player = Player(core)
        self.keyframes = Keyframes(core, folder / PICTURE_FOLDER, open_editor)
        self.rendering = Rendering(core)
        self.stage = Stage(core)
        self.preview = self.stage.preview
        self.pictures = Pictures(core, self.preview)
        self.advice = Advice(core, self.pictures)
        self.conforming = Conforming(core)
        self._opening = ""
        self._pull: Pull | None = None
        self._hint = ""
        self._saved = self.memory
        self._saved_at = 0.0
        core.on_news.append(self._take_in)

    @property
    def document(self) -> Document | None:
        """What is worked on."""
        return self.core.document

    def connect(self) -> None:
        """Have the engine started where it does not run; its replies come with `poll`."""
        self.core.link.run(lambda _: None)

    def open(self, path: str) -> None:
        """Open a movie, a numbered pattern, a folder or one of a sequence's pictures."""
        self._opening = path
        self.core.reader.ask(
            {"op": "describe", "path": path, "transform": vars(self.core.transform)},
            lambda values, error: self._opened(path, values, error),
        )
        self.core.touch(DOCUMENT)

    def drop(self, paths: list[str]) -> None:
        """Take files: media to open, pictures for keyframes, a timeline to conform."""
        plan = plan_drop(paths, self.document is not None)
        if plan.kind == MEDIA:
            self.open(plan.paths[0])
        elif plan.kind == PICTURES:
            for path in plan.paths:
                self.keyframes.drop_picture(
                    path, self.core.viewing.playhead if len(plan.paths) == 1 else None
                )
        else:
            self.conforming.open(plan.paths[0])

    def open_pull(self, pull: Pull) -> None:
        """Open a shot of a timeline: its medium, its range, its keyframes."""
        self._pull = pull
        self.open(pull.source)

    @property
    def hint(self) -> str:
        """A line over the picture: what is being waited for, or what to do; empty where nothing is."""
        if self.is_opening:
            return f"Opening {self._opening}"
        if self.document is None:
            return "Drop a movie, a numbered sequence or a timeline here, or open one with Ctrl+O"
        if self.keyframes.is_preparing:
            return "The picture to paint on is being made"
        if Side(PREVIEW) in self.core.viewing.sides and self.preview.is_slow(self.core.clock()):
            return "The preview is being made"
        return ""

    @property
    def is_opening(self) -> bool:
        """Whether a source is being looked at."""
        return bool(self._opening)

    def set_guidance(self, guidance: float) -> None:
        """How far keyframes guide, 0..2; the frame in view is shown with it."""
        self._change_settings(guidance=min(max(guidance, 0.0), GUIDANCE_LIMIT))
        self.stage.show_preview()

    def set_settings(self, **changes: Any) -> None:
        """Change settings of `records.Settings` by name; another scale forgets the region."""
        if "scale" in changes and self.document is not None:
            self.core.set_document(replace(self.document, region=None))
        self._change_settings(**changes)

    def set_region(self, region: Region | None) -> None:
        """The part of the result that a preview shows; None for the whole frame."""
        if self.document is not None:
            self.core.set_document(replace(self.document, region=region))
            self.stage.show_preview()

    def set_target(self, path: str) -> None:
        """Where results go; empty for beside the source."""
        if self.document is not None:
            self.core.set_document(replace(self.document, target=path))

    def suggest(self) -> None:
        """Ask where keyframes help most."""
        self.advice.suggest()

    def poll(self) -> set[str]:
        """Do what is due and return what changed since: topics of `core`."""
        core = self.core
        core.link.poll()
        core.reader.poll()
        core.background.poll()
        self.player.tick()
        self.keyframes.tick()
        self.rendering.tick()
        self.advice.tick()
        if core.pictures_came.is_set():
            core.pictures_came.clear()
            core.touch(PICTURE)
        self.pictures.tick()
        changed, core.changed = core.changed, set()
        if changed & {DOCUMENT, VIEW, JOBS}:
            self._follow_changes(changed)
            changed |= core.changed
            core.changed = set()
        self._save_when_due()
        if self.hint != self._hint:
            self._hint = self.hint
            changed.add(PICTURE)
        return changed

    def close(self) -> None:
        """Save, and end threads and connection; jobs go on in the engine."""
        self._save()
        self.core.background.close()
        self.core.reader.close()
        self.core.link.close()

    def set_transform(self, display: str, view: str) -> None:
        """Show colours through a display's view of OpenColorIO; empty names: what suits the source."""
        transform = replace(self.core.transform, display=display, view=view)
        if transform != self.core.transform:
            self.core.transform = transform
            # Light that was shown through another view has to come again.
            self.stage.preview.forget()
            self.core.touch(DOCUMENT, VIEW)

    def list_displays(self, then: Callable[[dict[str, list[str]]], None]) -> None:
        """Ask for the displays of the OpenColorIO config and their views; none where there is none."""
        request = {"op": "views", "config": self.core.transform.config}
        self.core.reader.ask(request, lambda values, _: then(values["displays"] if values else {}))

    def remember(self, **values: Any) -> None:
        """Keep how the window is set up, by name."""
        self.memory = {**self.memory, **values}

    def _opened(self, path: str, values: Any, error: Exception | None) -> None:
        if path != self._opening:
            return
        self._opening = ""
        core = self.core
        core.touch(DOCUMENT)
        if error is not None:
            core.fail(error)
            return
        clip = Clip(MediaInfo.from_dict(values["info"]), tuple(values["warnings"]))
        document = restored(self.memory.get("documents", {}).get(clip.path), clip)
        self.stage.forget()
        self.pictures.forget()
        self.advice.forget()
        core.document = None
        core.set_document(_of_pull(document, self._pull))
        self._pull = None
        document = core.document or document
        core.set_viewing(
            playhead=document.first, speed=0.0, side_a=Side(SOURCE), side_b=Side(PREVIEW), wipe=None
        )
        for warning in clip.warnings:
            core.inform(warning)
        self.rendering.watch_versions()

    def _change_settings(self, **changes: Any) -> None:
        document = self.document
        if document is not None:
            self.core.set_document(replace(document, settings=replace(document.settings, **changes)))

    def _follow_changes(self, changed: set[str]) -> None:
        viewing = self.core.viewing
        if DOCUMENT in changed:
            self.pictures.order_thumbnails()
        self.pictures.order()
        self.stage.follow()
        if VIEW in changed and not viewing.is_playing:
            self.rendering.set_playhead(viewing.playhead)

    def _take_in(self, news: object) -> None:
        if isinstance(news, EngineState):
            self.core.touch(ENGINE)
            if news.kind in ("lost", "offline"):
                self.core.inform(f"{news.text.removesuffix('.')}.", "error")
            elif news.kind == "ready":
                self.core.link.run(_list_models, self._take_models)

    def _take_models(self, models: tuple[ModelReport, ...]) -> None:
        if models != self.core.models:
            self.core.models = models
            self.core.touch(DOCUMENT)

    def _save_when_due(self) -> None:
        now = self.core.clock()
        if now - self._saved_at >= _SAVE_SECONDS:
            self._saved_at = now
            self._save()

    def _save(self) -> None:
        values = with_document(self.memory, self.document) if self.document is not None else self.memory
        if values == self._saved:
            return
        self.memory = self._saved = values
        self.core.in_background(
            lambda: write_memory(self._state_path, values),
            lambda problem: self.core.inform(problem, "error") if problem else None,
        )


def _list_models(client: Any) -> tuple[ModelReport, ...]:
    return client.request(ListModelsRequest(), ModelListReply, timeout_seconds=_MODELS_SECONDS).models


def _of_pull(document: Document, pull: Pull | None) -> Document:
    """A document with the range and keyframes of a timeline's shot."""
    if pull is None:
        return document
    document = replace(document, first=pull.first, last=pull.last)
    for frame in pull.keyframes:
        if document.keyframe_at(frame) is None:
            document = document.with_keyframe(KeyframeMark(frame, reason="marker of the timeline"))
    return document
