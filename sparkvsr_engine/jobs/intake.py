"""Takes a request in: what can be found wrong is found before it is stored, nothing is changed before.

Keyframe images are copied into the job's own folder, so that the job renders what the artist handed in
whatever happens to the files later. Looks at files, loads no model: safe for the daemon.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import numpy as np

from sparkvsr_bridge.errors import InvalidSettings, KeyframeRejected, MediaUnreadable, TargetExists
from sparkvsr_bridge.media import ImageRef
from sparkvsr_bridge.messages import PreviewRequest
from sparkvsr_bridge.settings import JobSpec, Keyframe
from sparkvsr_bridge.system.windows_names import without_prefix
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.devices import planner_on_device
from sparkvsr_engine.jobs.plans.checked import CheckedRequest, check_source
from sparkvsr_engine.jobs.storage.claims import require_unclaimed
from sparkvsr_engine.jobs.storage.digest import digest_of_file
from sparkvsr_engine.jobs.storage.store import JobStore
from sparkvsr_engine.jobs.stream_keyframes import (
    nearest_stream_keyframes,
    takes_stream_keyframes,
    with_stream_keyframes,
    with_stream_pictures,
)
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.faults import media_faults, require_replaceable
from sparkvsr_engine.media.file_names import require_short_name, require_windows_name
from sparkvsr_engine.media.images import write_image
from sparkvsr_engine.media.movies.small_streams.keyframe_track import is_small_stream
from sparkvsr_engine.media.opening import OutputPlan
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.models.isr.registry import isr_identity
from sparkvsr_engine.references.mattes import read_matte_file
from sparkvsr_engine.references.named_colour import require_pictures, with_stated_colours
from sparkvsr_engine.references.obtaining import read_keyframe_file
from sparkvsr_engine.storage.whole_files import written_whole

OpenImage = Callable[[ImageRef], AbstractContextManager[memoryview]]


def check_submission(config: EngineConfig, job: str, spec: JobSpec, open_image: OpenImage | None) -> JobSpec:
    """The request of a new job as it will be stored, its keyframes' pictures in the job's folder.

    Raises what `check_request` raises, and KeyframeRejected.

    Args:
        config: the engine's folders and limits.
        job: name of the new job.
        spec: the request.
        open_image: opens pictures that came with the request; None where all are files.
    """
    folder = config.jobs_folder / job
    spec = replace(spec, keyframes=with_stated_colours(spec.keyframes))
    require_pictures(spec.keyframes)
    checked = check_request(config, spec, config.work_folder(job, 1))
    keyframes = adopt_keyframes(spec.keyframes, folder / "keyframes", checked.geometry, open_image)
    return with_stream_keyframes(replace(spec, keyframes=keyframes), checked.info, folder / "keyframes")


def check_request(config: EngineConfig, spec: JobSpec, work_folder: Path) -> CheckedRequest:
    """Check all of a request that can be known without rendering.

    Args:
        config: the engine's folders and limits.
        spec: the request.
        work_folder: for files of the way.

    Raises:
        MediaUnreadable: where the source cannot be read.
        InvalidSettings: where a value makes no sense.
        UnknownModel: where there is no model of that name.
        ModelMissing: where weights or a package are missing.
        TargetExists: where the target is there and must not be replaced.
        OutputUnwritable: where the target cannot be written.
    """
    checked = check_source(spec, work_folder)
    require_whole(checked.info)
    planner_on_device(config, spec.settings, {})
    if any(keyframe.image is None for keyframe in spec.keyframes) or spec.settings.isr:
        isr_identity(spec.settings.isr, spec.settings.device, config.isr_home)
    require_not_source(checked)
    require_free(checked.output, spec)
    require_writable(checked.output)
    if spec.output.overwrite:
        _require_replaceable_targets(checked)
    with contextlib.closing(JobStore(config.database)) as store:
        require_unclaimed(store, checked.output, spec)
    return checked


def require_whole(info: ClipInfo) -> None:
    """Raise MediaUnreadable when headers show that a wanted frame is not there."""
    damaged = info.first_unreadable
    if damaged is None or damaged > info.span.last:
        return
    alternative = f" or choose --frames {info.span.first}-{damaged - 1}" if damaged > info.span.first else ""
    raise MediaUnreadable(
        f"{info.path} is cut short: its data is missing from frame {damaged} on;"
        f" copy or export it again{alternative}.",
        frame=damaged,
    )


def require_free(output: OutputPlan, spec: JobSpec) -> None:
    """Raise TargetExists for a movie that is there; numbered frames that are there are kept one by one."""
    if output.is_movie and output.path.exists() and not spec.output.overwrite:
        raise TargetExists(f"{output.path} is there already; choose another target or --overwrite.")


def require_not_source(checked: CheckedRequest) -> None:
    """Raise InvalidSettings when the result would be written over its source."""
    read, written = checked.info.pattern, checked.output.pictures
    if read is None or written is None:
        sources, targets = [Path(checked.spec.source.path)], [Path(checked.spec.output.path)]
    else:
        sources = [read.path_of(number) for number in checked.info.available]
        targets = [written.pattern.path_of(number) for number in checked.info.span]
    if _share_a_file(sources, targets):
        raise InvalidSettings(
            f"{checked.spec.output.path} would write over the source; choose another target."
        )


def _require_replaceable_targets(checked: CheckedRequest) -> None:
    """Raise OutputUnwritable for a finished target that is there and cannot be replaced."""
    pictures = checked.output.pictures
    numbers = checked.info.span if pictures else ()
    for target in [pictures.pattern.path_of(n) for n in numbers] if pictures else [checked.output.path]:
        require_replaceable(target)


def _share_a_file(sources: list[Path], targets: list[Path]) -> bool:
    """Whether a target is a source, under whatever name its disk takes for the same.

    A link, and on the disks of Windows and macOS other capitals or other characters for one letter.
    """
    places = {_resolved(path) for path in sources}
    alike = {_folded(path): path for path in places}
    for target in map(_resolved, targets):
        source = alike.get(_folded(target))
        if target in places or (source is not None and target.exists() and target.samefile(source)):
            return True
    return bool(os.name == "nt" and _identities(sources) & _identities(targets))


def _resolved(path: Path) -> Path:
    r"""Links followed; `\\?\C:\a` and `C:\a` are one place."""
    return Path(without_prefix(str(path.resolve())))


def _identities(paths: list[Path]) -> set[tuple[int, int]]:
    """What distinguishes files, whatever drive or share leads to them; without those of several names.

    A target that is another name of its source's file is replaced, which leaves the source as it is.
    """
    stats = [path.stat() for path in paths if path.exists()]
    return {(status.st_dev, status.st_ino) for status in stats if status.st_ino and status.st_nlink == 1}


def _folded(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()


def require_writable(output: OutputPlan) -> None:
    """Raise OutputUnwritable when the target's folder cannot be made or written to."""
    folder = output.path.parent
    require_short_name(output.path)
    require_windows_name(output.path)
    with media_faults(folder, writing=True):
        folder.mkdir(parents=True, exist_ok=True)
        trial = folder / f".sparkvsr-{os.getpid()}"
        trial.write_bytes(b"")
        trial.unlink()


def adopt_keyframes(
    keyframes: tuple[Keyframe, ...], folder: Path, geometry: Geometry, open_image: OpenImage | None
) -> tuple[Keyframe, ...]:
    """The keyframes with their pictures copied into the job's folder, checked that they can be used.

    Args:
        keyframes: as the request has them.
        folder: the folder.
        geometry: sizes of the source and of the output.
        open_image: opens a picture that came in memory; None where all come by path.

    Raises:
        KeyframeRejected: where a keyframe's picture cannot be used.
    """
    return tuple(_adopted(keyframe, folder, geometry, open_image) for keyframe in keyframes)


def settle_preview(message: PreviewRequest, folder: Path, open_image: OpenImage) -> tuple[Keyframe, ...]:
    """A preview's keyframes as `settle_pictures` makes them, with those its source brings around the frame.

    Args:
        message: what is asked for.
        folder: for pictures that came in memory.
        open_image: opens a picture that came in memory.
    """
    keyframes = settle_pictures(message.keyframes, folder, open_image)
    # A source that cannot be read is refused where the preview is rendered.
    if not is_small_stream(message.source.path):
        return keyframes
    info = probe(replace(message.source, first_frame=None, last_frame=None))
    named = [keyframe.frame for keyframe in keyframes]
    if takes_stream_keyframes(message.settings):
        keyframes = with_stream_pictures(keyframes, info, folder)
    brought = nearest_stream_keyframes(info, message.settings, message.frame, named, folder)
    return (*keyframes, *brought)


def settle_pictures(
    keyframes: tuple[Keyframe, ...], folder: Path, open_image: OpenImage
) -> tuple[Keyframe, ...]:
    """For a preview: pictures that came in memory as files, those given by path as they are.

    Args:
        keyframes: as the request has them.
        folder: the folder.
        open_image: opens pictures that came with the request.
    """

    def settled(frame: int, picture: ImageRef | None) -> ImageRef | None:
        return picture if picture is None or picture.path else _copied(frame, picture, folder, open_image)

    return tuple(
        replace(k, image=settled(k.frame, k.image), matte=settled(k.frame, k.matte))
        for k in with_stated_colours(keyframes)
    )


def _adopted(keyframe: Keyframe, folder: Path, geometry: Geometry, open_image: OpenImage | None) -> Keyframe:
    frame, image, matte = keyframe.frame, keyframe.image, keyframe.matte
    # Refused by the name the artist gave it, not by its copy's.
    if image is not None and image.path:
        read_keyframe_file(frame, Path(image.path), geometry)
    if matte is not None and matte.path:
        read_matte_file(frame, Path(matte.path))
    image = _copied(frame, image, folder, open_image)
    matte = _copied(frame, matte, folder, open_image)
    if image is not None:
        read_keyframe_file(frame, Path(image.path), geometry)
    return replace(keyframe, image=image, matte=matte)


def _copied(
    frame: int, picture: ImageRef | None, folder: Path, open_image: OpenImage | None
) -> ImageRef | None:
    """The picture as a file of the job, named by its content."""
    if picture is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    if picture.path:
        return ImageRef(path=str(_copy_file(frame, Path(picture.path), folder)))
    if open_image is None or picture.format is None:
        raise KeyframeRejected(
            f"The keyframe for frame {frame} came without its pixels; send them, or a path."
        )
    shape = (picture.format.height, picture.format.width, picture.format.channels)
    with open_image(picture) as pixels:
        array = np.frombuffer(pixels, np.dtype(picture.format.sample)).reshape(shape).copy()
    content = hashlib.sha256(array.tobytes()).hexdigest()[:12]
    path = folder / f"frame-{frame:06d}-{content}{'.exr' if array.dtype.kind == 'f' else '.tif'}"
    write_image(path, array)
    return ImageRef(path=str(path))


def adopted_name(frame: int, source: Path, digest: str) -> str:
    """The name of a keyframe's picture in its job's folder.

    Args:
        frame: its number.
        source: the artist's file.
        digest: of the file's content.
    """
    return f"frame-{frame:06d}-{digest[:12]}{source.suffix.lower()}"


def _copy_file(frame: int, source: Path, folder: Path) -> Path:
    if not source.is_file():
        raise KeyframeRejected(f"The keyframe for frame {frame}, {source}, is not there; check its path.")
    try:
        target = folder / adopted_name(frame, source, digest_of_file(source))
        if not target.is_file():
            with media_faults(target, writing=True), written_whole(target) as partial:
                shutil.copyfile(source, partial)
    except PermissionError as error:
        raise KeyframeRejected(f"The keyframe for frame {frame}, {source}, may not be read.") from error
    return target
