"""The keyframes that a small stream brings, as keyframes of a request on it.

They join those that the request names unless its policy was chosen for itself: the default policy and
`manual` take them, any other leaves them out. A picture that the request gives comes before the stream's; a
keyframe that it names without one gets the stream's.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from sparkvsr_bridge.media import ImageRef
from sparkvsr_bridge.settings import JobSpec, Keyframe, KeyframePolicy, UpscaleSettings
from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.jobs.storage.digest import digest_of
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.images import write_image
from sparkvsr_engine.media.movies.small_streams.keyframe_track import decode_keyframes

PICTURE_MARK = "stream-"
"""In the name of every picture that comes from a small stream."""
_NAMED_MARK = f"{PICTURE_MARK}named-"
"""The same for pictures of keyframes that a request names without one."""


def takes_stream_keyframes(settings: UpscaleSettings) -> bool:
    """Whether a request uses the keyframes its source brings."""
    return settings.policy in (KeyframePolicy(), KeyframePolicy("manual"))


def with_stream_keyframes(spec: JobSpec, info: ClipInfo, folder: Path) -> JobSpec:
    """A request with its source's keyframes as pictures in `folder`; as it is for any other source.

    Args:
        spec: the request.
        info: its source.
        folder: for the pictures.

    Raises:
        MediaUnreadable: for a keyframe that cannot be decoded here.
        OutputUnwritable: where the folder cannot be written.
        DiskFull: where nothing is left of the disk.
    """
    if info.keyframes is None or not takes_stream_keyframes(spec.settings):
        return spec
    brought = [frame for frame in info.keyframes.frames if frame in info.span]
    if not brought:
        return spec
    named = {keyframe.frame for keyframe in spec.keyframes}
    filled = with_stream_pictures(spec.keyframes, info, folder)
    added = stream_keyframes(info, [frame for frame in brought if frame not in named], folder)
    settings = replace(spec.settings, policy=KeyframePolicy("manual"))
    return replace(spec, keyframes=_in_order((*filled, *added)), settings=settings)


def nearest_stream_keyframes(
    info: ClipInfo, settings: UpscaleSettings, frame: int, named: Collection[int], folder: Path
) -> tuple[Keyframe, ...]:
    """For a preview: the source's last keyframe up to a frame and its first one behind it.

    Args:
        info: the source.
        settings: of the preview.
        frame: that is previewed.
        named: frames whose keyframes the request names itself; left out.
        folder: for the pictures.
    """
    if info.keyframes is None or not takes_stream_keyframes(settings):
        return ()
    frames = info.keyframes.frames
    nearest = {*[at for at in frames if at <= frame][-1:], *[at for at in frames if at > frame][:1]}
    return stream_keyframes(info, sorted(nearest - set(named)), folder)


def with_stream_pictures(
    keyframes: Collection[Keyframe], info: ClipInfo, folder: Path
) -> tuple[Keyframe, ...]:
    """Keyframes of a request, those without a picture with the stream's: it is the truth, a model's is not.

    Args:
        keyframes: as the request names them.
        info: its source.
        folder: for the pictures.
    """
    brought = info.keyframes.frames if info.keyframes else ()
    open_ones = [keyframe.frame for keyframe in keyframes if keyframe.image is None]
    pictures: dict[int, ImageRef] = {}
    for keyframe in stream_keyframes(info, [frame for frame in open_ones if frame in brought], folder):
        assert keyframe.image is not None
        source = Path(keyframe.image.path)
        path = source.with_name(source.name.replace(PICTURE_MARK, _NAMED_MARK, 1))
        if not path.is_file():
            shutil.copyfile(source, path)
        pictures[keyframe.frame] = ImageRef(path=str(path))
    return tuple(replace(k, image=pictures[k.frame]) if k.frame in pictures else k for k in keyframes)


def stream_keyframes(info: ClipInfo, frames: Collection[int], folder: Path) -> tuple[Keyframe, ...]:
    """Whole keyframes of a small stream, decoded to pictures where they are not there yet.

    Args:
        info: the stream.
        frames: of the keyframes.
        folder: for the pictures.
    """
    track = info.keyframes
    assert track is not None
    paths = {frame: folder / f"{PICTURE_MARK}{frame:06d}-{_digest(info, frame)}.png" for frame in frames}
    lacking = [frame for frame, path in paths.items() if not path.is_file()]
    for frame, pixels in decode_keyframes(info.path, track, lacking, info.colour):
        folder.mkdir(parents=True, exist_ok=True)
        # The movie's own codes, as its frames are read; without a profile they are taken for the source's.
        write_image(paths[frame], pixels if info.bit_depth > 8 else _in_bytes(pixels))
    return tuple(Keyframe(frame, ImageRef(path=str(path))) for frame, path in paths.items())


def is_from_stream(image: str) -> bool:
    """Whether a keyframe's picture came from a small stream."""
    return Path(image).name.startswith(PICTURE_MARK)


def without_stream_keyframes(spec: JobSpec) -> JobSpec:
    """A stored request as it was sent, as far as that matters for comparing requests."""
    requested = tuple(_as_sent(k) for k in spec.keyframes if not _is_added(k))
    return spec if requested == tuple(spec.keyframes) else replace(spec, keyframes=requested)


def _is_added(keyframe: Keyframe) -> bool:
    name = Path(keyframe.image.path).name if keyframe.image else ""
    return name.startswith(PICTURE_MARK) and not name.startswith(_NAMED_MARK)


def _as_sent(keyframe: Keyframe) -> Keyframe:
    name = Path(keyframe.image.path).name if keyframe.image else ""
    return replace(keyframe, image=None) if name.startswith(_NAMED_MARK) else keyframe


def _in_order(keyframes: Iterable[Keyframe]) -> tuple[Keyframe, ...]:
    return tuple(sorted(keyframes, key=lambda keyframe: keyframe.frame))


def _in_bytes(pixels: Pixels) -> Pixels:
    """Pictures of 8 bits, which are read as 16 for the way from YUV, at their own depth."""
    return pixels if pixels.dtype == np.uint8 else ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _digest(info: ClipInfo, frame: int) -> str:
    track = info.keyframes
    assert track is not None
    checksum = dict(track.tag.keyframes).get(frame + track.tag.start)
    return digest_of("stream keyframe", source=info.identity, checksum=checksum, frame=frame)[:12]
