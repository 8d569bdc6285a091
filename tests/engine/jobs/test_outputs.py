"""Finished chunks as files: found again, linked, kept; what is not the engine's own is left alone."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.messages import JobWarning
from sparkvsr_bridge.settings import JobSpec, KeyframePolicy, OutputTarget
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.windows import Chunk
from sparkvsr_engine.jobs.storage.outputs import FOREIGN, Outputs
from sparkvsr_engine.jobs.storage.store import JobStore
from sparkvsr_engine.media.base import OutputRequest
from sparkvsr_engine.media.images import read_image, write_image
from sparkvsr_engine.media.opening import plan_output
from sparkvsr_engine.media.probe import probe
from tests.fakes.ffmpeg import ffmpeg
from tests.fakes.jobs import write_plate
from tests.fakes.media import numbered_picture, write_movie, write_picture, write_sequence

SPAN = FrameSpan(0, 8)
FIRST, SECOND = (Chunk(n, FrameSpan(4 * n, 4 * n + 4), (), ()) for n in range(2))


class Bench:
    """A target of eight frames, and a store."""

    def __init__(self, folder, store):
        self.folder, self.store = folder, store
        self.source = write_sequence(folder / "in", "%04d.png", SPAN)

    def outputs(self, job="one", name="out", overwrite=False):
        target = OutputTarget(str(self.folder / name / "%04d.png"), overwrite=overwrite)
        recorded = {version.job for version in self.store.latest(99)}
        version = (
            self.store.version(job)
            if job in recorded
            else self.store.add_version(job, JobSpec(SourceMedia(str(self.source)), target))
        )
        info = probe(SourceMedia(str(self.source)))
        return Outputs(
            plan_output(info, OutputRequest(target, SPAN, 96, 64, self.folder)), self.store, version, SPAN
        )

    def path(self, frame, name="out"):
        return self.folder / name / f"{frame:04d}.png"


@pytest.fixture
def bench(tmp_path):
    with closing(JobStore(tmp_path / "jobs.sqlite")) as store:
        yield Bench(tmp_path, store)


def render(outputs, chunk, key="key", frames=None):
    """Write a chunk; with `frames`, fail after that many."""
    with outputs.open_run(chunk.span) as run:
        for done, frame in enumerate(chunk.span):
            if done == frames:
                raise KeyboardInterrupt
            run.write(frame, numbered_picture(frame))
    outputs.record(chunk, key)


def test_a_recorded_chunk_is_found_by_the_next_run(bench):
    render(bench.outputs(), FIRST)
    again = bench.outputs()
    assert again.is_finished(FIRST)
    assert not again.is_finished(SECOND)
    assert [result.key for result in bench.store.chunks("one", 1)] == ["key"]


def test_a_chunk_whose_files_were_touched_is_made_again(bench):
    render(bench.outputs(), FIRST)
    bench.path(2).unlink()
    assert not bench.outputs().is_finished(FIRST)
    assert bench.store.chunks("one", 1) == []


def test_unfinished_work_of_a_killed_run_is_its_own_and_is_done_again(bench):
    with pytest.raises(KeyboardInterrupt):
        render(bench.outputs(), FIRST, frames=2)
    assert bench.path(0).is_file()
    again = bench.outputs()
    assert again.kept_frames() == 0
    assert not again.reuse(FIRST, "key")
    render(again, FIRST)
    assert [result.key for result in bench.store.chunks("one", 1)] == ["key"]


def test_frames_that_were_there_before_are_kept_and_never_taken_for_the_engines_own(bench):
    mine = np.full((64, 96, 3), 7, np.uint8)
    (bench.folder / "out").mkdir()
    write_picture(bench.path(1), mine)
    for frame in SECOND.span:
        write_picture(bench.path(frame), mine)
    outputs = bench.outputs()
    assert outputs.kept_frames() == 5
    assert outputs.reuse(SECOND, "other")
    assert not outputs.reuse(FIRST, "key")
    render(outputs, FIRST)
    assert np.array_equal(read_image(bench.path(1)).pixels, mine)
    assert not np.array_equal(read_image(bench.path(2)).pixels, mine)
    assert {result.key for result in bench.store.chunks("one", 1)} == {FOREIGN}
    again = bench.outputs()
    assert again.is_finished(FIRST)
    assert again.kept_frames() == 5


def test_with_overwrite_nothing_is_kept(bench):
    (bench.folder / "out").mkdir()
    write_picture(bench.path(1), np.full((64, 96, 3), 7, np.uint8))
    outputs = bench.outputs(overwrite=True)
    assert outputs.kept_frames() == 0
    render(outputs, FIRST)
    assert np.array_equal(read_image(bench.path(1)).pixels, numbered_picture(1))


def test_chunks_of_other_keys_or_other_lengths_are_forgotten_and_their_files_stay(bench):
    outputs = bench.outputs()
    render(outputs, FIRST, "of before")
    render(outputs, SECOND)
    assert outputs.forget_others({FIRST.span: "key", SECOND.span: "key"}) == 4
    assert not outputs.is_finished(FIRST)
    assert outputs.is_finished(SECOND)
    assert bench.path(0).is_file()
    # An update that cuts the shot elsewhere: a chunk that starts alike and is shorter would leave a gap.
    assert outputs.forget_others({FrameSpan(4, 9): "key"}) == 4
    assert bench.outputs().forget_others({}) == 0


def test_frames_that_were_there_before_are_no_work_of_another_engine(bench):
    mine = np.full((64, 96, 3), 7, np.uint8)
    (bench.folder / "out").mkdir()
    write_picture(bench.path(1), mine)
    outputs = bench.outputs()
    render(outputs, FIRST, "of before")
    assert outputs.forget_others({FIRST.span: "key"}) == 0
    assert np.array_equal(read_image(bench.path(1)).pixels, mine)


def test_another_job_links_what_was_made_under_the_same_key(bench):
    render(bench.outputs(), FIRST)
    second = bench.outputs("two", "elsewhere")
    assert second.reuse(FIRST, "key")
    assert not second.reuse(SECOND, "key")
    assert bench.path(3, "elsewhere").samefile(bench.path(3))
    assert bench.store.chunk_counts("two", 1) == (1, 4, 4)


def test_a_link_never_takes_the_place_of_a_frame_that_is_kept(bench):
    render(bench.outputs(), FIRST)
    (bench.folder / "elsewhere").mkdir()
    mine = write_picture(bench.path(2, "elsewhere"), np.full((64, 96, 3), 7, np.uint8))
    before = mine.read_bytes()
    assert not bench.outputs("two", "elsewhere").reuse(FIRST, "key")
    assert mine.read_bytes() == before


def test_a_job_of_an_interlaced_movie_warns(workshop, tmp_path):
    source = write_movie(tmp_path / "in.mp4", frames=2, options={"x264-params": "tff=1"})
    target = tmp_path / "out" / "%04d.png"
    ran = workshop.render(workshop.spec(str(source), target, {}, policy=KeyframePolicy("none")))
    message = [report.message for report in ran.reports if isinstance(report, JobWarning)]
    assert len(message) == 1
    assert "interlaced" in message[0]


def test_a_job_of_a_movie_that_is_interlaced_further_on_warns(workshop, tmp_path):
    source = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=0.4", "-c:v", "mpeg2video")
    ffmpeg(tmp_path, *source, "start.m2v")
    ffmpeg(tmp_path, *source, "-vf", "setfield=tff", "-flags", "+ildct+ilme", "end.m2v")
    joined = b"".join((tmp_path / name).read_bytes() for name in ("start.m2v", "end.m2v"))
    (tmp_path / "film.m2v").write_bytes(joined)
    assert not probe(SourceMedia(str(tmp_path / "film.m2v"))).is_interlaced
    spec = workshop.spec(
        str(tmp_path / "film.m2v"), tmp_path / "out" / "%04d.png", {}, policy=KeyframePolicy("none"),
        model="identity", scale=1.0,
    )  # fmt: skip
    message = [report.message for report in workshop.render(spec).reports if isinstance(report, JobWarning)]
    assert len([message for message in message if "interlaced" in message]) == 1


def test_what_a_movie_lacks_is_reported_once(workshop, tmp_path):
    source = write_plate(tmp_path / "plate", 2)
    for path in sorted((tmp_path / "plate").iterdir()):
        write_image(path, np.dstack([read_image(path).pixels, np.full((48, 64), 99, np.uint8)]))
    ran = workshop.render(workshop.spec(source, tmp_path / "shot.mp4", {}, policy=KeyframePolicy("none")))
    message = [report.message for report in ran.reports if isinstance(report, JobWarning)]
    assert len(message) == 1
    assert "alpha" in message[0]


def test_pictures_of_another_kind_are_made_anew_whatever_their_names(workshop, tmp_path):
    source = write_plate(tmp_path / "plate", 2)
    policy = KeyframePolicy("none")
    kinds = {"png": b"\x89PNG", "tif": b"II*\x00"}
    for kind in kinds:
        workshop.render(workshop.spec(source, tmp_path / kind / f"%04d.{kind}", {}, policy=policy))
    result = {kind: (tmp_path / kind / f"0000.{kind}").read_bytes()[:4] for kind in kinds}
    assert result == kinds
