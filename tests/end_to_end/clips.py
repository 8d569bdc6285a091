"""Clips with enough texture to follow, small enough for a fraction of a second."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from sparkvsr_engine.media.images import read_image
from tests.fakes.media import write_picture
from tests.fakes.scenes import scene

WIDTH, HEIGHT = 64, 48


def plate(folder, count=12, start=1001, seed=0, name="%04d.png", width=WIDTH, height=HEIGHT):
    """A numbered sequence of a moving scene; returns its pattern."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        picture = scene(index, width, height, seed=seed)
        write_picture(folder / (name % (start + index)), picture)
    return folder / name


def keyframe(path, index, seed=0, scale=2, width=WIDTH, height=HEIGHT):
    """A finer picture of one frame of the scene, as an artist would hand in: the scene itself, enlarged."""
    import cv2

    enlarged = cv2.resize(
        scene(index, width, height, seed=seed), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC
    )
    return write_picture(path, enlarged)


def pictures(pattern, numbers):
    """The pixels of numbered pictures."""
    return [read_image(str(pattern) % number).pixels for number in numbers]


def write_scenes(path, lengths, codec="libx264", rate=Fraction(24), start_seed=0):
    """A movie of scenes with hard cuts between them, nothing lost to compression."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options={"crf": "0", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv444p"
        for number, length in enumerate(lengths):
            for index in range(length):
                picture = shot_picture(index, start_seed + number)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return Path(path)


def shot_picture(index, number):
    """A frame of a shot; shots that follow each other have neither colours nor shapes in common."""
    picture = scene(index, WIDTH, HEIGHT, seed=number)
    if number % 2:
        return np.ascontiguousarray(picture[::-1] // 3)
    return picture // 2 + 127


def decoded(path):
    """Every frame of a movie as its planes."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray() for frame in container.decode(container.streams.video[0])]


def same(first, second):
    """Whether two lists of pictures are equal to the bit."""
    return len(first) == len(second) and all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
