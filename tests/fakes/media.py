"""Small real clips and pictures, written on the fly with PyAV and OpenImageIO.

Every frame carries its own number in blocks along its top, so that a test can read which frame a
decoder gave it, whatever the codec did to the pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its documentation uses

BLOCK = 8
BITS = 11
FILM_RATE = Fraction(24000, 1001)


def numbered_picture(number, width=96, height=64, sample="uint8", channels=3):
    """A moving gradient with `number` in blocks along its top: [H, W, C] of `sample`, integers full scale."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    shades = [
        0.5 + 0.35 * np.sin((columns + 2 * number) / 17),
        0.5 + 0.35 * np.cos((rows + number) / 13),
        0.3 + 0.4 * rows / height,
    ]
    picture = np.stack(shades, -1)
    for bit in range(BITS):
        picture[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = number >> bit & 1
    if channels == 4:
        picture = np.concatenate([picture, 0.25 + 0.5 * columns[..., None] / width], -1)
    if np.issubdtype(np.dtype(sample), np.floating):
        return picture.astype(sample)
    return np.rint(picture * np.iinfo(sample).max).astype(sample)


def number_in(pixels):
    """The number a picture carries."""
    full = np.iinfo(pixels.dtype).max if np.issubdtype(pixels.dtype, np.integer) else 1.0
    middle = slice(BLOCK // 2 - 1, BLOCK // 2 + 1)
    shades = [pixels[middle, bit * BLOCK + 3 : bit * BLOCK + 5, :3].mean() / full for bit in range(BITS)]
    return sum(1 << bit for bit, shade in enumerate(shades) if shade > 0.5)


@dataclass
class Clip:
    """How to write a movie; the defaults make a short H.264 clip with B-frames at 24000/1001."""

    frames: int = 30
    width: int = 96
    height: int = 64
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    rate: Fraction = FILM_RATE
    time_base: Fraction | None = None
    pts: list[int] | None = None
    options: dict[str, str] = field(default_factory=lambda: {"g": "12", "bf": "2", "crf": "10"})
    container_options: dict[str, str] = field(default_factory=dict)
    tags: tuple[int, int, int, int] | None = None
    audio: str = ""
    audio_rate: int = 48000
    pixel_aspect: Fraction | None = None
    timecode: str = ""
    rotation: int = 0
    metadata: dict[str, str] = field(default_factory=dict)
    channels: int = 3
    codec_tag: str = ""


def write_movie(path, clip=None, **changes):
    """Write `clip` (or the default one with `changes`) to `path`; frame n of it carries the number n."""
    clip = clip or Clip(**changes)
    ticks = clip.time_base or 1 / clip.rate
    with av.open(str(path), "w", options=clip.container_options) as container:
        container.metadata.update(clip.metadata)
        stream = _add_video(container, clip, ticks)
        sound = _add_audio(container, clip)
        for number in range(clip.frames):
            frame = _video_frame(number, clip)
            frame.pts = number if clip.pts is None else clip.pts[number]
            frame.time_base = ticks
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            _write_tone(container, sound, float(clip.frames / clip.rate), clip)
    return Path(path)


def write_sequence(folder, pattern, numbers, attributes=None, *, sample="uint8", channels=3, **size):
    """Write numbered pictures `pattern % number`; a float or half picture is scene-linear."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        pixels = numbered_picture(number, sample=sample, channels=channels, **size)
        write_picture(folder / (pattern % number), pixels, attributes)
    return folder / pattern


def write_picture(path, pixels, attributes=None, channel_names=None, window=None):
    """Write one picture as it is; attributes: name -> value or (type, value).

    window: (x, y, full width, full height): where the pixels lie in the display window.
    """
    kinds = {"uint8": "uint8", "uint16": "uint16", "float16": "half", "float32": "float"}
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], channels, kinds[str(pixels.dtype)])
    if channel_names:
        spec.channelnames = channel_names
    if window:
        spec.x, spec.y, spec.full_width, spec.full_height = window
        spec.full_x = spec.full_y = 0
    spec.attribute("oiio:UnassociatedAlpha", 1)
    for name, value in (attributes or {}).items():
        if isinstance(value, tuple) and isinstance(value[0], str):
            spec.attribute(name, oiio.TypeDesc(value[0]), value[1])
        else:
            spec.attribute(name, value)
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec), out.geterror()
    assert out.write_image(np.ascontiguousarray(pixels)), out.geterror()
    assert out.close(), out.geterror()
    return Path(path)


def cut_by_edit_list(source, target, start):
    """The movie without its first `start` frames, packets copied: an edit list hides what only decodes."""
    with av.open(str(source)) as reading, av.open(str(target), "w") as writing:
        stream = reading.streams.video[0]
        out = writing.add_stream_from_template(stream)
        for packet in reading.demux(stream):
            if packet.size:
                packet.pts -= start * 1001
                packet.dts -= start * 1001
                packet.stream = out
                writing.mux(packet)
    return target


def decode_all(path):
    """Every frame the plain way, from the first to the last: [(pts in seconds, yuv planes as arrays)]."""
    with av.open(str(path)) as container:
        return [
            (frame.pts * frame.time_base, frame.to_ndarray())
            for frame in container.decode(container.streams.video[0])
        ]


def packets_of(path, kind):
    """Every packet of the first stream of `kind`: [(pts in seconds, bytes)]."""
    with av.open(str(path)) as container:
        stream = next(stream for stream in container.streams if stream.type == kind)
        return [
            (packet.pts * packet.time_base, bytes(packet))
            for packet in container.demux(stream)
            if packet.size
        ]


def _add_video(container, clip, ticks):
    stream = container.add_stream(clip.codec, rate=clip.rate, options=dict(clip.options))
    stream.width, stream.height, stream.pix_fmt = clip.width, clip.height, clip.pixel_format
    stream.codec_context.time_base = ticks
    stream.time_base = ticks
    if clip.pixel_aspect:
        stream.codec_context.sample_aspect_ratio = clip.pixel_aspect
    if clip.codec_tag:
        stream.codec_context.codec_tag = clip.codec_tag
    if clip.timecode:
        stream.metadata["timecode"] = clip.timecode
    if clip.rotation:
        stream.set_display_rotation(clip.rotation)
    if clip.tags:
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = clip.tags
    return stream


def _video_frame(number, clip):
    deep = any(word in clip.pixel_format for word in ("10", "12", "16"))
    pixels = numbered_picture(number, clip.width, clip.height, "uint16" if deep else "uint8", clip.channels)
    names = {("uint8", 3): "rgb24", ("uint16", 3): "rgb48le", ("uint8", 4): "rgba", ("uint16", 4): "rgba64le"}
    frame = av.VideoFrame.from_ndarray(pixels, format=names[str(pixels.dtype), clip.channels])
    matrices = {1: 1, 6: 5, 5: 5, 9: 9}
    primaries, transfer, matrix, full = clip.tags or (2, 2, 5, 1)
    frame = frame.reformat(format=clip.pixel_format, dst_colorspace=matrices[matrix], dst_color_range=full)
    if clip.tags:
        frame.color_primaries, frame.color_trc = primaries, transfer
        frame.colorspace, frame.color_range = matrix, full
    return frame


def _add_audio(container, clip):
    return container.add_stream(clip.audio, rate=clip.audio_rate) if clip.audio else None


def _write_tone(container, stream, seconds, clip):
    total, size, done = int(seconds * clip.audio_rate), 1024, 0
    resampler = av.AudioResampler(format=stream.format, layout="stereo", rate=clip.audio_rate, frame_size=0)
    while done < total:
        count = min(size, total - done)
        times = (done + np.arange(count)) / clip.audio_rate
        tone = (8000 * np.sin(2 * np.pi * (330 + 100 * times) * times)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.stack([tone, tone]), format="s16p", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = clip.audio_rate, done, Fraction(1, clip.audio_rate)
        for piece in resampler.resample(frame):
            container.mux(stream.encode(piece))
        done += count
    container.mux(stream.encode(None))
