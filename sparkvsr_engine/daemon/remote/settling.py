"""The paths, models and pictures of a remote client's message, settled on a helper thread.

What comes out names resolved paths below the roots, models the engine has or its configuration names, and
pictures that are files of the engine's own: whatever happens to the client's files afterwards, those are
what was checked.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.errors import LimitReached, NotPermitted
from sparkvsr_bridge.media import ImageRef
from sparkvsr_bridge.pictures import replace_images
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.system.held_files import replace_when_free
from sparkvsr_engine.access.boundary import copy_from, read_head
from sparkvsr_engine.access.bounded_records import bound_record
from sparkvsr_engine.access.client_spelling import ClientSpelling
from sparkvsr_engine.access.path_fields import (
    COLOUR_CONFIG,
    KEYFRAME_MAKER,
    MODEL,
    READ,
    SHARED,
    WRITE,
    rewritten,
)
from sparkvsr_engine.access.roots import Roots
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.jobs.storage.records import JobVersion

# Movie libraries follow what these name, wherever it lies.
_LISTS_OF_MEDIA = (b"#EXTM3U", b"ffconcat", b"<?xml", b"<MPD", b"v=0", b"RTSPtext")
_HEAD_BYTES = 512
_HELD_SECONDS = 3600.0
_PARTIAL = ".partial"

# Of several requests of one client at a time each would see room that the others take.
_held_lock = threading.Lock()


class Settling:
    """Settles messages of one client. owner: name of its key."""

    def __init__(self, config: EngineConfig, roots: Roots, spelling: ClientSpelling, owner: str) -> None:
        self._config = config
        self._roots = roots
        self._spelling = spelling
        self._owner = owner

    @property
    def pictures_folder(self) -> Path:
        """Where this client's pictures lie until their job has its own copies."""
        return self._config.remote_pictures / self._owner

    def settle(self, message: Record, sent_bytes: int, before: JobVersion | None = None) -> Record:
        """The message as it may be carried out.

        Args:
            message: as the client sent it.
            sent_bytes: of pictures that came with it.
            before: the latest version of the job it revises.

        Raises:
            NotPermitted: for a path outside the roots, a model that is not allowed, shared memory.
            LimitReached: for pictures beyond what this client may have kept.
        """
        settled = rewritten(message, self._changed)
        self._require_room(sent_bytes)
        settled = replace_images(settled, self._copied)
        if before is not None and isinstance(settled, m.ReviseJobRequest):
            self._require_target(settled, before)
        bound_record(settled, self._roots, self._config.home)
        return settled

    def _changed(self, meaning: str, value: str) -> str:
        """A field of the message, settled."""
        if meaning in (MODEL, KEYFRAME_MAKER):
            return self._allowed_model(meaning, value)
        if meaning == SHARED:
            raise NotPermitted(
                f"The picture '{value}' is in shared memory, which remote clients have none of; send its"
                f" pixels."
            )
        if meaning == COLOUR_CONFIG and value.startswith("ocio://"):
            return value
        if meaning not in (READ, WRITE, COLOUR_CONFIG):
            return value
        path = self._roots.resolve(self._spelling.to_engine(value), writing=meaning == WRITE)
        if meaning == READ:
            self._require_own_frames(value, path)
        return path

    def _require_own_frames(self, name: str, path: str) -> None:
        """Raise NotPermitted for a list of media that lie elsewhere; movie libraries would open those."""
        if not Path(path).is_file():
            return
        head = read_head(path, self._roots.root_of(path), _HEAD_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n")
        if head.startswith(_LISTS_OF_MEDIA):
            raise NotPermitted(f"'{name}' lists media that lie elsewhere; name the movie itself.")

    def _allowed_model(self, meaning: str, name: str) -> str:
        config = self._config.remote
        listed, role = (config.models, "restorer") if meaning == MODEL else (config.keyframe_makers, "isr")
        if name in listed or name in _own_models(self._config, role):
            return name
        what = "model" if meaning == MODEL else "keyframe model"
        key = "models" if meaning == MODEL else "keyframe_makers"
        raise NotPermitted(
            f"The {what} '{name}' is not one this engine allows remote clients; choose one that 'sparkvsr"
            f" models"
            f" list' shows, or have its administrator add this very text to '{key}' in [remote]."
        )

    def _require_target(self, revision: m.ReviseJobRequest, before: JobVersion) -> None:
        """A version's target that nobody named lies beside the one before: not always below a root."""
        from sparkvsr_engine.jobs.revisions import revised_spec

        spec = revised_spec(before, revision.revision)
        target = self._roots.resolve(spec.output.path, writing=True)
        self._roots.resolve(spec.source.path)
        bound_record(replace(spec, output=replace(spec.output, path=target)), self._roots, self._config.home)

    def _copied(self, picture: ImageRef) -> ImageRef:
        """A picture given by path as a copy of the engine's own, made without following links."""
        if not picture.path:
            return picture
        folder = self.pictures_folder
        with _held_lock:
            free_bytes = self._free_bytes()
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = folder / f"{os.getpid()}-{threading.get_ident()}{_PARTIAL}"
            try:
                with partial.open("wb") as file:
                    copy_from(picture.path, self._roots.root_of(picture.path), file, free_bytes)
                final = folder / f"{_digest(partial)}{Path(picture.path).suffix.lower()}"
                replace_when_free(partial, final)
            finally:
                partial.unlink(missing_ok=True)
        return replace(picture, path=str(final))

    def _require_room(self, sent_bytes: int) -> None:
        with _held_lock:
            free_bytes = self._free_bytes()
        if sent_bytes > free_bytes:
            raise LimitReached(
                f"The message has {sent_bytes} bytes of pictures and {free_bytes} are left to this key; wait"
                " for jobs to end, or name files."
            )

    def _free_bytes(self) -> int:
        """Bytes of pictures this client may still have kept; what is old goes first."""
        stored_bytes = 0
        with suppress(OSError):
            for path in self.pictures_folder.iterdir():
                status = path.stat()
                if time.time() - status.st_mtime > _HELD_SECONDS:
                    path.unlink()
                else:
                    stored_bytes += status.st_size
        return max(0, self._config.remote.disk_bytes - stored_bytes)


@lru_cache(maxsize=4)
def _own_models(config: EngineConfig, role: str) -> frozenset[str]:
    from sparkvsr_engine.catalogue import list_models

    return frozenset(report.name for report in list_models(config) if report.role == role)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]
