"""Parts of a job on a host that sees neither the engine's folder nor the target: what it needs goes along
with the job, once, and what it makes comes back as bytes.

Files are named by the folder they belong to and their place in it, whatever that folder is called on a host.
The source is read where it lies: every host sees it under its path.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from sparkvsr_bridge.errors import InternalError
from sparkvsr_bridge.media import ImageRef
from sparkvsr_bridge.pictures import replace_images
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.jobs.plans.plan import PlannedKeyframe, placed_pictures
from sparkvsr_engine.jobs.running.teaching import lesson_path
from sparkvsr_engine.jobs.spreading.orders import PartOrder, PartReport
from sparkvsr_engine.jobs.storage.confidence import confidence_path
from sparkvsr_engine.jobs.storage.records import FinishedFile
from sparkvsr_engine.media.faults import media_faults
from sparkvsr_engine.media.sequences.numbering import NumberedPattern
from sparkvsr_engine.references.obtaining import reference_files
from sparkvsr_engine.storage.disk_cache import DiskCache
from sparkvsr_engine.storage.whole_files import written_whole

HOME, TARGET = "home", "target"
"""Folders that a file may belong to: the engine's own, and that of the result."""

JobFiles = Mapping[str, bytes]
"""Files of the engine's folder that the parts of a job need, by their names below it."""


@dataclass(frozen=True)
class Folders:
    """Where one side has the two folders."""

    home: Path
    target: Path

    @classmethod
    def of(cls, order: PartOrder) -> Folders:
        """Those that an order names."""
        return cls(Path(order.home), Path(order.spec.output.path).parent)

    def name_of(self, path: Path) -> str:
        """A file's name for the other side; raises InternalError for one of neither folder."""
        for name, folder in ((TARGET, self.target), (HOME, self.home)):
            if path.is_relative_to(folder):
                return f"{name}/{path.relative_to(folder).as_posix()}"
        raise InternalError(f"{path} is neither below {self.home} nor below {self.target}.")

    def path_of(self, name: str) -> Path:
        """Where this side has a file; raises InternalError for a name that leads out of the folder."""
        folder, *parts = PurePosixPath(name).parts
        if folder not in (HOME, TARGET) or not parts or ".." in parts:
            raise InternalError(f"'{name}' is no file of a part.")
        return (self.home if folder == HOME else self.target).joinpath(*parts)


class Marks:
    """Files that prove to a host that it sees the two folders, and not others of their name."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._stack = ExitStack()
        self._names: list[str] = []

    def show(self) -> list[str]:
        """Make them, unless they are there; their names."""
        for folder in () if self._names else (self._folders.home, self._folders.target):
            with media_faults(folder, writing=True):
                folder.mkdir(parents=True, exist_ok=True)
                mark = tempfile.NamedTemporaryFile(prefix=".sparkvsr-", dir=folder)  # noqa: SIM115 - see hide
                self._stack.enter_context(mark)
            self._names.append(mark.name)
        return self._names

    def hide(self) -> None:
        """Take them away."""
        self._stack.close()
        self._names = []


def packed_files(order: PartOrder) -> dict[str, bytes]:
    """What the parts of an order's job need beside the order."""
    home = Path(order.home)
    paths = [path for path in _needed_files(order) if path.is_relative_to(home) and path.is_file()]
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in dict.fromkeys(paths)}


def unpack_files(job_files: JobFiles, home: Path) -> None:
    """Put the files below a host's own folder."""
    for name, content in job_files.items():
        with written_whole(Folders(home, home).path_of(f"{HOME}/{name}")) as partial:
            partial.write_bytes(content)


def placed_order(order: PartOrder, folders: Folders) -> PartOrder:
    """An order with the folders that a host has for it."""
    engine_folders = Folders.of(order)

    def place(path: str) -> str:
        is_sent = _is_below(path, engine_folders.home)
        return str(folders.home / Path(path).relative_to(engine_folders.home)) if is_sent else path

    def place_image(picture: ImageRef) -> ImageRef:
        return replace(picture, path=place(picture.path)) if picture.path else picture

    spec = replace_images(order.spec, place_image)
    target = replace(spec.output, path=str(folders.target / Path(spec.output.path).name))
    spec, plan = replace(spec, output=target), placed_pictures(order.plan, place)
    return replace(order, home=str(folders.home), spec=spec, plan=plan)


def stand_in_for_kept(order: PartOrder) -> None:
    """Empty files where the target has the artist's own, so that a host leaves those frames out."""
    target = order.spec.output.path
    pattern = NumberedPattern.parse(target)
    for frame in order.kept:
        path = Path(target) if pattern is None else pattern.path_of(frame)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@dataclass(frozen=True)
class SentFile:
    """A file on its way back. name: see `Folders`."""

    name: str
    content: bytes


def sent_files(report: PartReport, order: PartOrder) -> Iterator[SentFile | PartReport]:
    """What a host sends for a report: the files of a finished chunk, taken away here, then the report.

    Args:
        report: of the part.
        order: as this host has it.
    """
    if report.chunk is None:
        yield report
        return
    folders, chunk = Folders.of(order), report.chunk
    for file in chunk.files:
        if file.frame not in order.kept:
            yield _taken(Path(file.path), folders)
    measured = confidence_path(DiskCache(EngineConfig(folders.home).cache_folder, 0), chunk.key)
    if measured.is_file():
        yield _taken(measured, folders)
    files = tuple(replace(file, path=folders.name_of(Path(file.path))) for file in chunk.files)
    yield replace(report, chunk=replace(chunk, files=files))


def _taken(path: Path, folders: Folders) -> SentFile:
    file = SentFile(folders.name_of(path), path.read_bytes())
    path.unlink()
    return file


def put_in_place(file: SentFile, folders: Folders) -> None:
    """Write a file that came back; raises OutputUnwritable, DiskFull."""
    path = folders.path_of(file.name)
    with media_faults(path, writing=True), written_whole(path) as partial:
        partial.write_bytes(file.content)


def received_report(report: PartReport, folders: Folders) -> PartReport:
    """A report whose files have come: as they lie here."""
    if report.chunk is None:
        return report
    files = tuple(_as_it_lies(file, folders.path_of(file.path)) for file in report.chunk.files)
    return replace(report, chunk=replace(report.chunk, files=files))


def _as_it_lies(file: FinishedFile, path: Path) -> FinishedFile:
    with media_faults(path, writing=True):
        state = path.stat()
    return FinishedFile(file.frame, str(path.absolute()), state.st_size, state.st_mtime_ns)


def _needed_files(order: PartOrder) -> Iterator[Path]:
    """Pictures of keyframes, as the artist made them and as restorers get them; what was learnt."""
    cache = EngineConfig(Path(order.home)).cache_folder
    lessons = order.plan.learning.lessons if order.plan.learning else ()
    keyframes: list[PlannedKeyframe] = [*order.plan.keyframes]
    for lesson in lessons:
        keyframes += lesson.keyframes
        yield lesson_path(cache, lesson.key)
    for keyframe in keyframes:
        yield from (Path(path) for path in (keyframe.image, keyframe.matte) if path)
        yield from reference_files(cache, keyframe.digest)


def _is_below(path: str, folder: Path) -> bool:
    return bool(path) and Path(path).is_relative_to(folder)
