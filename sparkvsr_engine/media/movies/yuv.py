"""Decoded video frames to RGB and back, with the stream's own matrix and range, through swscale.

How swscale is asked was chosen by measuring it against the exact arithmetic. To packed RGB it truncates
(1 to 2 of 255 too dark), or repeats chroma, or overflows, depending on its flags. To planar 16-bit RGB
with cubic chroma it takes 4 ms for 1080p and is right to 0.02 of 255, save that its white is not 65535
but what `_white` returns. So YUV is always read as uint16.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
import av.filter
import av.video.frame
import cv2
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.media.colours.tags import ColourTags

_LIMITED, _FULL = 1, 2
_FLAGS = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
# H.273 matrix -> swscale's number for it; 5 and 6 are the same matrix.
_SWSCALE_MATRIX = {0: 1, 1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9}
_FILTER_MATRIX = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020"}
_SCALE_FLAGS = "bicubic+accurate_rnd+full_chroma_inp"
# What swscale takes and gives as white in 16 bits, between RGB and limited-range YUV: 255 times 256, and
# three more on the way out, its rounding of 255/219.
_WHITE_IN, _WHITE_OUT = 65280, 65283


def bit_depth(format_name: str) -> int:
    """Bits of the deepest channel of a pixel format."""
    return max(component.bits for component in av.VideoFormat(format_name).components)


def has_alpha(format_name: str) -> bool:
    """Whether a pixel format has an alpha channel."""
    return any(component.is_alpha for component in av.VideoFormat(format_name).components)


def is_grey(format_name: str) -> bool:
    """Whether a pixel format has luma only."""
    return format_name.startswith(("gray", "mono"))


class RgbReader:
    """Turns frames of one stream into RGB; not to be shared by threads.

    tags, height: what `ColourTags.matrix_for` needs; range None means limited for YUV.
    """

    def __init__(self, tags: ColourTags, height: int) -> None:
        self._matrix = _SWSCALE_MATRIX[tags.matrix_for(height)]
        self._range = _FULL if tags.full_range else _LIMITED
        # swscale takes grey for full range whatever is set.
        self._is_limited_grey = tags.full_range is False
        self._reformatter = VideoReformatter()

    def rgb(self, frame: Any) -> Pixels:
        """Full-range RGB or RGBA [H, W, 3 or 4] of a decoded frame.

        YUV and RGB of more than 8 bits come as uint16, 8-bit RGB and grey as uint8.
        """
        name = frame.format.name
        target = _target_format(name)
        if is_grey(name):
            grey = self._convert(frame, target).to_ndarray()
            return np.repeat((_from_limited(grey) if self._is_limited_grey else grey)[..., None], 3, axis=2)
        if frame.format.is_rgb and bit_depth(name) > 8 and name in av.video.frame.supported_np_pix_fmts:
            return _widened(frame, bit_depth(name))
        pixels = self._convert(frame, target).to_ndarray()
        return (
            pixels
            if frame.format.is_rgb or name.startswith("ya")
            else self._stretched(pixels, bit_depth(name), self._is_full(frame))
        )

    def _is_full(self, frame: Any) -> bool:
        return self._range == _FULL or frame.format.is_rgb or frame.format.name.startswith("yuvj")

    @staticmethod
    def _stretched(pixels: Pixels, bits: int, is_full: bool) -> Pixels:
        """uint16 [H, W, 3 or 4] from swscale's white to 65535; alpha is always full range."""
        full_white = (1 << bits) - 1 << 16 - bits
        white = full_white if is_full else _WHITE_OUT
        if pixels.shape[2] == 3 or white == full_white:
            return _scaled(pixels, 65535 / white)
        colours, alpha = _scaled(pixels[..., :3], 65535 / white), _scaled(pixels[..., 3:], 65535 / full_white)
        return np.concatenate([colours, alpha], axis=2)

    def _convert(self, frame: Any, target: str) -> Any:
        is_full = self._is_full(frame)
        return self._reformatter.reformat(
            frame,
            format=target,
            src_colorspace=self._matrix,
            src_color_range=_FULL if is_full else _LIMITED,
            dst_color_range=_FULL,
            interpolation=_FLAGS,
        )


class YuvWriter:
    """Turns RGB pictures into frames an encoder takes, tagged with `tags`; not to be shared by threads.

    Chroma is sited left, as decoders take it where a stream has no label.
    """

    def __init__(
        self, width: int, height: int, *, sample: str, channels: int, pixel_format: str, tags: ColourTags
    ) -> None:
        self._source_format = _PACKED[sample, channels]
        self._tags = tags
        self._is_yuv = not av.VideoFormat(pixel_format).is_rgb
        self._graph = None
        if pixel_format != self._source_format:
            self._graph = _scale_graph(width, height, self._source_format, pixel_format, tags)

    def frame(self, pixels: Pixels, number: int, ticks: Fraction) -> Any:
        """The frame of full-range RGB(A) [H, W, C]; its pts is `number`, its time base `ticks`.

        Args:
            pixels: full-range, [H, W, C].
            number: the frame's number.
            ticks: seconds of one number.
        """
        frame = av.VideoFrame.from_ndarray(self._prepared(pixels), format=self._source_format)
        frame.pts, frame.time_base = number, ticks
        if self._graph is not None:
            self._graph.push(frame)
            frame = self._graph.pull()
            frame.pts, frame.time_base = number, ticks
        frame.color_primaries, frame.color_trc = self._tags.primaries, self._tags.transfer
        frame.colorspace = 0 if frame.format.is_rgb else self._tags.matrix
        frame.color_range = _FULL if self._tags.full_range or frame.format.is_rgb else _LIMITED
        return frame

    def _prepared(self, pixels: Pixels) -> Pixels:
        if self._graph is None or pixels.dtype != np.uint16 or not self._is_yuv:
            return np.ascontiguousarray(pixels)
        colours = _scaled(pixels[..., :3], _WHITE_IN / 65535)
        return colours if pixels.shape[2] == 3 else np.concatenate([colours, pixels[..., 3:]], axis=2)


_PACKED = {("uint8", 3): "rgb24", ("uint8", 4): "rgba", ("uint16", 3): "rgb48le", ("uint16", 4): "rgba64le"}


def _target_format(name: str) -> str:
    deep, alpha = bit_depth(name) > 8, has_alpha(name)
    if is_grey(name):
        return "gray16le" if deep else "gray"
    if av.VideoFormat(name).is_rgb or name.startswith("ya"):
        return ("rgba64le" if alpha else "rgb48le") if deep else ("rgba" if alpha else "rgb24")
    return "gbrap16le" if alpha else "gbrp16le"


def _scaled(pixels: Pixels, gain: float) -> Pixels:
    """uint16 pixels times `gain`, rounded and bounded."""
    flat = np.ascontiguousarray(pixels).reshape(len(pixels), -1)
    return cv2.addWeighted(flat, gain, flat, 0.0, 0.0, dtype=cv2.CV_16U).reshape(pixels.shape)


def _from_limited(grey: Pixels) -> Pixels:
    """Limited-range luma [H, W] of 8 or 16 bits as full range."""
    unit = 1 << 8 * grey.dtype.itemsize - 8
    top = np.iinfo(grey.dtype).max
    full = (grey.astype(np.float32) - 16 * unit) * (top / (219 * unit))
    return np.rint(np.clip(full, 0, top)).astype(grey.dtype)


def _widened(frame: Any, bits: int) -> Pixels:
    """RGB of 9 to 16 bits as full-scale uint16, bit for bit: swscale would go through YUV.

    The highest bits are repeated below the lowest, so that the brightest value stays the brightest.
    """
    pixels = frame.to_ndarray()
    if bits == 16 or pixels.dtype != np.uint16:
        return pixels
    return (pixels << (16 - bits)) | (pixels >> (2 * bits - 16))


def _scale_graph(width: int, height: int, source: str, target: str, tags: ColourTags) -> Any:
    """A filter graph: unlike PyAV's reformatter it lets chroma be sited."""
    graph = av.filter.Graph()
    buffer = graph.add_buffer(
        width=width, height=height, format=av.VideoFormat(source), time_base=Fraction(1, 25)
    )
    words = [f"flags={_SCALE_FLAGS}", "in_range=full"]
    if not av.VideoFormat(target).is_rgb:
        words += [
            f"out_color_matrix={_FILTER_MATRIX[tags.matrix]}",
            f"out_range={'full' if tags.full_range else 'limited'}",
            "out_chroma_loc=left",
        ]
    nodes = [
        buffer,
        graph.add("scale", ":".join(words)),
        graph.add("format", target),
        graph.add("buffersink"),
    ]
    for node, after in pairwise(nodes):
        node.link_to(after)
    graph.configure()
    return graph
