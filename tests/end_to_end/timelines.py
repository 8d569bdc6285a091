"""Timelines over footage whose frames carry their number, and a reader that is not the conform's own."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import av
import cv2
import opentimelineio as otio

from sparkvsr_engine.media.images import read_image
from tests.fakes.media import number_in

S = otio.schema
WIDTH, HEIGHT = 96, 64
QUICK = ("--scale", 2, "--keyframes", "none", "--damage", 0, "--device", "cpu")


def rt(value, rate=24):
    return otio.opentime.RationalTime(value, rate)


def tr(start, duration, rate=24):
    return otio.opentime.TimeRange(rt(start, rate), rt(duration, rate))


def movie_clip(name, url, source, available=None, effects=(), **more):
    """A clip of a movie; source, available: TimeRanges."""
    return S.Clip(name, S.ExternalReference(str(url), available), source, effects=list(effects), **more)


def sequence_reference(folder, head, tail, start, available, digits=4, rate=24):
    return S.ImageSequenceReference(
        str(folder),
        head,
        tail,
        start_frame=start,
        rate=rate,
        frame_zero_padding=digits,
        available_range=available,
    )


def timeline(*items, name="cut", start=None):
    """One track of pictures."""
    result = S.Timeline(name, global_start_time=start)
    track = S.Track("V1", kind=S.TrackKind.Video)
    for item in items:
        track.append(item)
    result.tracks.append(track)
    return result


def save(root, path):
    otio.adapters.write_to_file(root, str(path))
    return path


def load(path):
    return otio.adapters.read_from_file(str(path))


def clips_of(root):
    return [root] if isinstance(root, S.Clip) else list(root.find_clips())


def shown_numbers(clip, key, maps=()):
    """The number each record frame of a clip shows through one of its references, as a player finds it."""
    reference = clip.media_references()[key]
    source = clip.source_range
    speed = 1.0
    for effect in clip.effects:
        speed *= getattr(effect, "time_scalar", 1.0)
    rate = exact(source.duration.rate)
    start, count = (
        Fraction(source.start_time.value) / exact(source.start_time.rate),
        round(source.duration.value),
    )
    offsets = [Fraction(k) / rate for k in range(count)]
    if speed < 0:
        offsets = [(count - 1) / rate - offset for offset in offsets]
    times = [start + Fraction(abs(speed)) * offset for offset in offsets]
    return [number_at(reference, time, maps) for time in times]


def number_at(reference, time, maps=()):
    """The number in the frame a reference shows at a media time."""
    available = reference.available_range
    origin = Fraction(available.start_time.value) / exact(available.start_time.rate)
    if isinstance(reference, S.ImageSequenceReference):
        rate = exact(available.start_time.rate)
        frame = reference.start_frame + math.floor((time - origin) * rate + Fraction(1, 10_000))
        name = f"{reference.name_prefix}{frame:0{reference.frame_zero_padding}d}{reference.name_suffix}"
        return number_of_picture(Path(path_of(reference.target_url_base, maps)) / name)
    path = path_of(reference.target_url, maps)
    if Path(path).suffix in (".png", ".exr", ".tif"):
        return number_of_picture(path)
    with av.open(path) as container:
        stream = container.streams.video[0]
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        assert stream.average_rate is not None
        rate = Fraction(stream.average_rate)
    return number_in(small(pictures[math.floor((time - origin) * rate + Fraction(1, 10_000))]))


def number_of_picture(path):
    return number_in(small(read_image(str(path)).pixels))


def small(pixels):
    return cv2.resize(pixels, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)


def exact(rate):
    return next(
        (
            f
            for f in (Fraction(round(rate)), Fraction(round(rate * 1.001) * 1000, 1001))
            if abs(f - rate) < 0.006
        ),
        Fraction(rate),
    )


def path_of(url, maps=()):
    path = url2pathname(urlparse(url).path) if url.startswith("file:") else url
    for origin, target in maps:
        path = path.replace("\\", "/").replace(origin, str(target))
    return path
