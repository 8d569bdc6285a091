"""Pictures used of late, up to a number of bytes: memory does not grow with the clip."""

from __future__ import annotations

import threading
from collections import OrderedDict

from sparkvsr_window.frames.keys import PictureKey, ScreenPicture

CACHE_BYTES = 256 << 20


class PictureCache:
    """Keeps the pictures used last; may be used by several threads. most_bytes: of all of them."""

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._pictures: OrderedDict[PictureKey, ScreenPicture] = OrderedDict()
        self._bytes = 0

    @property
    def nbytes(self) -> int:
        """Bytes in use."""
        return self._bytes

    def get(self, key: PictureKey) -> ScreenPicture | None:
        """A picture that is there, which now is the one used last."""
        with self._lock:
            picture = self._pictures.get(key)
            if picture is not None:
                self._pictures.move_to_end(key)
            return picture

    def __contains__(self, key: PictureKey) -> bool:
        with self._lock:
            return key in self._pictures

    def put(self, key: PictureKey, picture: ScreenPicture) -> None:
        """Keep a picture at the expense of those used longest ago; one alone may exceed the bound."""
        with self._lock:
            before = self._pictures.pop(key, None)
            self._bytes += picture.nbytes - (before.nbytes if before is not None else 0)
            self._pictures[key] = picture
            while self._bytes > self._most and len(self._pictures) > 1:
                self._bytes -= self._pictures.popitem(last=False)[1].nbytes

    def drop(self, path: str) -> None:
        """Forget all pictures of a path: its files changed."""
        with self._lock:
            for key in [key for key in self._pictures if key.path == path]:
                self._bytes -= self._pictures.pop(key).nbytes
