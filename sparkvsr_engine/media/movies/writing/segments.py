"""Segments: runs of frames encoded to small files of their own, to be joined without encoding again.

A segment starts with a keyframe and refers to nothing outside itself. Its clock counts frames: frame n of
the segment is shown at n / rate; when it is shown in the end is decided on joining.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import av
import av.error
import numpy as np

from sparkvsr_bridge.errors import InvalidSettings, OutputUnwritable
from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.media.buffering.background import BoundedWorkers
from sparkvsr_engine.media.faults import media_faults, replace_file
from sparkvsr_engine.media.movies.writing.codecs import Encoding
from sparkvsr_engine.media.movies.writing.encoder_turns import encoder_turn
from sparkvsr_engine.media.movies.yuv import YuvWriter
from sparkvsr_engine.storage.whole_files import partial_name

# Frames given and not yet encoded: enough to ride over an encoder's pauses, no more than memory bears.
_WAITING = 3
_QSCALE_UNIT = 118

# No codec shows a frame more places after its decoding than this.
_LEAD = 17


class SegmentWriter:
    """A `FrameRun` that makes one segment file.

    Frames are encoded in a thread. The file bears a temporary name until all frames are in it.
    """

    def __init__(self, path: Path, encoding: Encoding) -> None:
        self._final, self._partial = path, partial_name(path)
        self._encoding = encoding
        self._written = 0
        try:
            with media_faults(path, writing=True):
                self._encoder = _Encoder(self._partial, encoding)
        except BaseException:
            self._partial.unlink(missing_ok=True)
            raise
        self._work = BoundedWorkers(1, _WAITING, "sparkvsr-encode")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            try:
                self._commit()
                return
            except BaseException:
                self._discard()
                raise
        self._discard()

    def write(self, pixels: Pixels) -> None:
        """The next frame: full-range [H, W, C] of the encoding's sample format and size; it is not copied.

        Raises OutputUnwritable or DiskFull, for an earlier frame too.
        """
        _require_shape(pixels, self._encoding)
        with media_faults(self._final, writing=True):
            self._work.submit(self._encoder.encode, pixels, self._written)
        self._written += 1

    def _commit(self) -> None:
        with media_faults(self._final, writing=True):
            self._work.finish()
            self._encoder.finish()
        if not self._written:
            raise OutputUnwritable(f"{self._final} got no frames.")
        replace_file(self._partial, self._final)

    def _discard(self) -> None:
        self._work.abort()
        self._encoder.abandon()
        self._partial.unlink(missing_ok=True)


def write_segment(path: Path, frames: Iterable[Pixels], encoding: Encoding) -> None:
    """Encode `frames`, as `SegmentWriter.write` takes them, to a segment file.

    Args:
        path: the file.
        frames: the pixels of each frame.
        encoding: codec and options.

    Raises:
        OutputUnwritable: where the target cannot be written.
        DiskFull: where the disk is full.
    """
    with SegmentWriter(path, encoding) as segment:
        for pixels in frames:
            segment.write(pixels)


def check_encoder(encoding: Encoding) -> None:
    """Open the encoder once, so that one that is not there (no GPU) or refuses is found before the work.

    Raises InvalidSettings.
    """
    try:
        with encoder_turn():
            _open_once(encoding)
    except (av.error.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidSettings(
            f"the encoder {encoding.codec} cannot write {encoding.width}x{encoding.height}"
            f" {encoding.pixel_format} here ({reason}); choose another --codec or --size."
        ) from error


def _open_once(encoding: Encoding) -> None:
    """Returning lets go of the last reference, which closes the encoder."""
    with av.open(io.BytesIO(), "w", format=encoding.container) as trial:
        stream = trial.add_stream(encoding.codec, rate=encoding.rate, options=_options(encoding))
        _configure(stream, encoding)
        stream.codec_context.open()


class _Encoder:
    """The open file and its encoder; used by one thread at a time."""

    def __init__(self, path: Path, encoding: Encoding) -> None:
        self._ticks = 1 / encoding.rate
        self._yuv: Any = YuvWriter(
            encoding.width,
            encoding.height,
            sample=encoding.sample,
            channels=encoding.channels,
            pixel_format=encoding.pixel_format,
            tags=encoding.tags,
        )
        # Opening through the system first gives its own reasons for a file that cannot be made.
        path.open("wb").close()
        self._container: Any = av.open(
            str(path), "w", format=encoding.container, options={"avoid_negative_ts": "disabled"}
        )
        self._order = 0
        self._stream: Any = self._container.add_stream(
            encoding.codec, rate=encoding.rate, options=_options(encoding)
        )
        _configure(self._stream, encoding)
        try:
            with encoder_turn():
                self._stream.codec_context.open()
        except BaseException:
            self.abandon()
            raise

    def encode(self, pixels: Pixels, number: int) -> None:
        self._mux(self._stream.encode(self._yuv.frame(pixels, number, self._ticks)))

    def finish(self) -> None:
        self._mux(self._stream.encode(None))
        self._close()

    def _mux(self, packets: list[Any]) -> None:
        for packet in packets:
            # x265 gives runs shorter than its reordering decoding times from uninitialised memory. They are
            # made anew on joining; until then any that rise and come early enough will do.
            packet.dts = self._order - _LEAD
            self._order += 1
            self._container.mux(packet)

    def abandon(self) -> None:
        # The file is removed next; whatever could not be written to it does not matter any more.
        with suppress(av.error.FFmpegError, OSError):
            self._close()

    def _close(self) -> None:
        """Close the file, then the encoder with its threads: now, and not when the last reference to this
        object happens to go, in whatever thread and beside whatever other encoder that is.
        """
        container, self._container = self._container, None
        try:
            if container is not None:
                container.close()
        finally:
            with encoder_turn():
                self._stream = self._yuv = container = None


def _options(encoding: Encoding) -> dict[str, str]:
    return {name: value for name, value in encoding.options if name != "qscale"}


def _configure(stream: Any, encoding: Encoding) -> None:
    context, tags = stream.codec_context, encoding.tags
    context.width, context.height, context.pix_fmt = encoding.width, encoding.height, encoding.pixel_format
    context.time_base = stream.time_base = 1 / encoding.rate
    context.sample_aspect_ratio = encoding.pixel_aspect
    is_rgb = av.VideoFormat(encoding.pixel_format).is_rgb
    # Some encoders take the tags from the context, some from the first frame: both must have them.
    context.color_primaries, context.color_trc = tags.primaries, tags.transfer
    context.colorspace = 0 if is_rgb else tags.matrix
    context.color_range = 2 if tags.full_range or is_rgb else 1
    if encoding.tag:
        context.codec_tag = encoding.tag
    scale = dict(encoding.options).get("qscale")
    if scale:
        context.qscale = True
        context.global_quality = int(scale) * _QSCALE_UNIT


def _require_shape(pixels: Pixels, encoding: Encoding) -> None:
    shape = (encoding.height, encoding.width, encoding.channels)
    if pixels.shape != shape or pixels.dtype != np.dtype(encoding.sample):
        raise ValueError(
            f"a frame is {pixels.shape} {pixels.dtype}, the segment takes {shape} {encoding.sample}"
        )
