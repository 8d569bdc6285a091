"""The folder of a bundle: what lies where, and the request that it is for.

Everything is named relative to the folder and every host may have it under another path.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.media import ImageRef
from sparkvsr_bridge.settings import JobSpec, Keyframe
from sparkvsr_bridge.version import __version__
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.storage.whole_files import written_whole

FORM = 1
"""Of request.json; another one is another release's."""


@dataclass(frozen=True)
class BundleFolder:
    """Where the parts of a bundle lie."""

    path: Path

    @property
    def template(self) -> Path:
        """The Open Job Description job template."""
        return self.path / "template.json"

    @property
    def parameters(self) -> Path:
        """Values of the template's parameters: an object of names, as `openjd run` reads it."""
        return self.path / "parameters.json"

    @property
    def deadline_parameters(self) -> Path:
        """The same as AWS Deadline Cloud reads it in a job bundle."""
        return self.path / "parameter_values.json"

    @property
    def assets(self) -> Path:
        """Which files and folders the job reads and writes, for farms that carry them along."""
        return self.path / "asset_references.json"

    @property
    def request(self) -> Path:
        """What is to be rendered."""
        return self.path / "request.json"

    @property
    def keyframes(self) -> Path:
        """Pictures of keyframes."""
        return self.path / "keyframes"

    def keyframe(self, path: str) -> str:
        """Where this host has the picture of a keyframe, by whatever path another host named it."""
        return str(self.keyframes / name_of(path)) if path else ""

    @property
    def work(self) -> Path:
        """What the steps leave for each other: the home folder of their engine."""
        return self.path / "work"

    @property
    def plan(self) -> Path:
        """What the first step settled on."""
        return self.work / "plan.json"

    @property
    def chunks(self) -> Path:
        """One file per finished chunk."""
        return self.work / "chunks"

    @property
    def locks(self) -> Path:
        """Held by the processes that render a part."""
        return self.work / "locks"


@dataclass(frozen=True)
class BundleRequest:
    """What a bundle is for.

    Attributes:
        job: the name of the job, which names its folder of segments.
        spec: the request; pictures of keyframes by their names in the bundle's folder.
        span: the frames to put out.
        version: of the engine that made the bundle; every host has the same.
    """

    job: str
    spec: JobSpec
    span: FrameSpan
    version: str = __version__

    def to_dict(self) -> dict[str, Any]:
        """JSON values; `from_dict` is the inverse."""
        return {
            "form": FORM,
            "version": self.version,
            "job": self.job,
            "frames": [self.span.first, self.span.last],
            "spec": self.spec.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> BundleRequest:
        """As it was written."""
        span = FrameSpan.from_inclusive(*data["frames"])
        return cls(data["job"], JobSpec.from_dict(data["spec"]), span, data["version"])

    def placed(self, folder: BundleFolder, source: str, target_folder: str) -> JobSpec:
        """The request with the paths of this host.

        Args:
            folder: the bundle.
            source: its movie, or the folder of its numbered files; empty for the one that was named.
            target_folder: the folder of the result; empty likewise.
        """
        spec = self.spec
        first, last = self.span.first, self.span.last
        media = replace(spec.source, path=_source_in(source, spec), first_frame=first, last_frame=last)
        target = spec.output.path
        if target_folder:
            target = str(Path(target_folder) / name_of(target))
        output = replace(spec.output, path=target)
        keyframes = tuple(_placed(keyframe, folder) for keyframe in spec.keyframes)
        return replace(spec, source=media, output=output, keyframes=keyframes)


def source_folder(path: str, is_numbered: bool) -> str:
    """What hosts get of a source: a movie's file, the folder of numbered files."""
    return path if not is_numbered or Path(path).is_dir() else str(Path(path).parent)


def _source_in(source: str, spec: JobSpec) -> str:
    """The source on this host: a pattern's name in the folder that was given."""
    if not source or not Path(source).is_dir() or Path(source).name == name_of(spec.source.path):
        return source or spec.source.path
    return str(Path(source) / name_of(spec.source.path))


def name_of(path: str) -> str:
    """The last part of a path of any system."""
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def _placed(keyframe: Keyframe, folder: BundleFolder) -> Keyframe:
    def place(picture: ImageRef | None) -> ImageRef | None:
        return None if picture is None else ImageRef(path=folder.keyframe(picture.path))

    return replace(keyframe, image=place(keyframe.image), matte=place(keyframe.matte))


def without_folders(keyframes: tuple[Keyframe, ...]) -> tuple[Keyframe, ...]:
    """Keyframes with the names of their pictures alone."""

    def strip(picture: ImageRef | None) -> ImageRef | None:
        return None if picture is None else ImageRef(path=Path(picture.path).name)

    return tuple(
        replace(keyframe, image=strip(keyframe.image), matte=strip(keyframe.matte)) for keyframe in keyframes
    )


def read_request(folder: BundleFolder) -> BundleRequest:
    """The request of a bundle.

    Raises:
        InvalidSettings: the folder holds no bundle, or that of another release.
    """
    try:
        data = json.loads(folder.request.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidSettings(
            f"{folder.path} holds no bundle ({error}); make one with 'sparkvsr farm bundle'."
        ) from error
    if data.get("form") != FORM or data.get("version") != __version__:
        raise InvalidSettings(
            f"{folder.path} was made by sparkvsr {data.get('version')}, this host has {__version__}; install"
            " the same release on every host, or make the bundle anew."
        )
    return BundleRequest.from_dict(data)


def write_json(path: Path, values: Any) -> None:
    """A file of JSON values, written whole; several hosts may write it at a time."""
    with written_whole(path, is_shared=True) as partial:
        partial.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
