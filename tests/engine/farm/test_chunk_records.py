"""Records of finished chunks in the folder of a bundle, and what else lies there."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import JobSpec, OutputTarget
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.farm.chunk_records import restore_records, write_record
from sparkvsr_engine.farm.folder import BundleFolder
from sparkvsr_engine.jobs.storage.records import FinishedChunk, FinishedFile
from sparkvsr_engine.jobs.storage.store import JobStore

SPEC = JobSpec(SourceMedia("/a.mov", 0, 7), OutputTarget("/b.%04d.png"))


def test_notes_that_macos_leaves_beside_records_are_none(tmp_path: Path):
    folder, target = BundleFolder(tmp_path / "bundle"), tmp_path / "out"
    for place in (target, folder.chunks):
        place.mkdir(parents=True)
    picture = target / "b.0000.png"
    picture.write_bytes(b"pixels")
    file = FinishedFile(0, str(picture), 6, picture.stat().st_mtime_ns)
    chunk = FinishedChunk(FrameSpan(0, 4), "key", False, (file,))
    write_record(folder, chunk, target)
    (folder.chunks / "._0.json").write_bytes(b"\0\5\x16\7\0\2\0\0Mac OS X        ")
    with closing(JobStore(tmp_path / "jobs.sqlite")) as store:
        version = store.add_version("one", SPEC)
        restore_records(folder, store, version, target, FrameSpan(0, 8))
        assert store.chunks("one", 1) == [chunk]
