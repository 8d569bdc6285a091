"""Real files as the media pool shows them, and their pictures as 16-bit RGB."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import OpenImageIO as oiio  # noqa: N813

_PLACE = re.compile(r"%0?(\d*)d|\[(\d+)-(\d+)\]")


@dataclass(frozen=True)
class RealMedia:
    """A movie, or numbered pictures from `first` on. path: a movie's, or a pattern with `%04d`."""

    path: str
    frames: int
    width: int
    height: int
    rate: Fraction
    timecode: str = "00:00:00:00"
    first: int = -1

    @property
    def shown_path(self) -> str:
        """As the media pool writes it."""
        if self.first < 0:
            return self.path
        span = f"[{self.first:04d}-{self.first + self.frames - 1:04d}]"
        return _PLACE.sub(lambda _: span, self.path)

    def picture(self, index: int) -> np.ndarray:
        """Frame `index` from 0: [height, width, 3] uint16."""
        if self.first >= 0:
            return read_picture(Path(self.path % (self.first + index)))
        with av.open(self.path) as container:
            for number, frame in enumerate(container.decode(video=0)):
                if number == index:
                    return frame.to_ndarray(format="rgb48le")
        raise IndexError(index)


def look(path: str, first: int = -1, last: int = -1, rate: Fraction = Fraction(24)) -> RealMedia | None:
    """What Resolve imports of a path; None where there is nothing it reads."""
    if first >= 0:
        if not all(Path(path % number).is_file() for number in range(first, last + 1)):
            return None
        height, width = read_picture(Path(path % first)).shape[:2]
        return RealMedia(path, last - first + 1, width, height, rate, first=first)
    try:
        with av.open(path) as container:
            stream = container.streams.video[0]
            frames = sum(1 for _ in container.decode(stream))
            # As the file is labelled, or one of its tracks.
            texts = [
                container.metadata.get("timecode"),
                *(item.metadata.get("timecode") for item in container.streams),
            ]
            code = next((text for text in texts if text), "00:00:00:00")
            return RealMedia(path, frames, stream.width, stream.height, stream.average_rate, code)
    except (OSError, ValueError, IndexError):
        return None


def read_picture(path: Path) -> np.ndarray:
    """[height, width, 3] uint16."""
    source = oiio.ImageInput.open(str(path))
    assert source is not None, path
    pixels = source.read_image("uint16")
    source.close()
    return np.ascontiguousarray(pixels[..., :3])


def at_size(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Nearest neighbour: numbers in pictures stay readable."""
    rows = np.arange(height) * pixels.shape[0] // height
    columns = np.arange(width) * pixels.shape[1] // width
    return pixels[rows][:, columns]
