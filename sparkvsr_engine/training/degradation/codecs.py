"""Frames through a real video encoder and back, in memory."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

CODECS = ("libx264", "mpeg4", "mpeg2video")
RATE = 25


def through_codec(
    frames: Sequence[NDArray[np.uint8]], codec: str, bits_per_pixel: float
) -> list[NDArray[np.uint8]]:
    """Encode and decode frames, all uint8 [h, w, 3] of one size, at about `bits_per_pixel` per frame.

    Args:
        frames: frames of one clip, uint8 [H, W, 3].
        codec: name of the codec in FFmpeg.
        bits_per_pixel: of the encoded frames.
    """
    import av

    height, width = frames[0].shape[:2]
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream: Any = container.add_stream(codec, rate=RATE)
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = max(8000, int(bits_per_pixel * width * height * RATE))
        stream.codec_context.thread_count = 1
        stream.codec_context.time_base = Fraction(1, RATE)
        if codec == "libx264":
            # Its macroblock tree gives other bits from call to call (x264 165, AVX-512).
            stream.codec_context.options = {"preset": "veryfast", "x264-params": "mbtree=0"}
        for picture in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(_even(picture), format="rgb24")))
        container.mux(stream.encode())
    file.seek(0)
    with av.open(file, "r") as coded:
        coded.streams.video[0].codec_context.thread_count = 1
        decoded = [
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)[:height, :width]
            for frame in coded.decode(video=0)
        ]
    return decoded if len(decoded) == len(frames) else list(frames)


def _even(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    if height % 2 == 0 and width % 2 == 0:
        return np.ascontiguousarray(picture)
    return np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
