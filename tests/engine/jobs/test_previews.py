"""A frame before a job is committed to: as the job would render it, quick first, only the last of a burst."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings, StateConflict
from sparkvsr_bridge.media import ImageRef, Region, SourceMedia
from sparkvsr_bridge.messages import PreviewRequest
from sparkvsr_bridge.settings import Keyframe, UpscaleSettings
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.control import JobControl
from sparkvsr_engine.jobs.interactive.previews import PreviewMaker, quick_geometry
from sparkvsr_engine.media.images import read_image, write_image
from sparkvsr_engine.models.base import FrameGrid, RestorerTraits
from tests.fakes.jobs import write_plate

FRAME = 12


class Previews:
    """A maker of previews, asked for one after the other."""

    def __init__(self, workshop, plate, keyframes):
        self.reports = []
        workshop.config.runtime.mkdir(parents=True, exist_ok=True)
        self.maker = PreviewMaker(workshop.config, workshop.pool, self.reports.append)
        self._plate = plate
        self._keyframes = keyframes
        self._count = 0

    def request(self, frame=FRAME, guidance=1.0, keyframes=None, scale=2.0, device="cpu", **options):
        named = self._keyframes if keyframes is None else keyframes
        settings = UpscaleSettings(scale=scale, guidance=guidance, device=device)
        return PreviewRequest(
            SourceMedia(self._plate),
            frame,
            settings,
            tuple(Keyframe(at, picture) for at, picture in named.items()),
            **options,
        )

    def order(self, request):
        """Announce a preview; returns what makes it."""
        self._count += 1
        name = f"p{self._count}"
        self.maker.expect(name)
        return name, partial(self.maker.make, name, request)

    def ask(self, **options):
        """Make one; returns its pictures in the order they came, uint8."""
        seen = len(self.reports)
        _, make = self.order(self.request(**options))
        make()
        return [picture_of(report) for report in self.reports[seen:]]


def picture_of(report):
    path = Path(report.image.path)
    return np.load(path) if path.suffix == ".npy" else read_image(path).pixels


@pytest.fixture
def previews(workshop, plate, artist):
    result = Previews(workshop, plate, {4: artist(4), 24: artist(24)})
    yield result
    result.maker.close()


@pytest.mark.slow
@pytest.mark.parametrize("device", ["cpu", "openvino"])
def test_a_preview_shows_what_the_job_renders(previews, workshop, plate, artist, tmp_path, device):
    pytest.importorskip("openvino" if device == "openvino" else "torch")
    (result,) = previews.ask(device=device)
    keyframes = {4: artist(4), 24: artist(24)}
    spec = workshop.spec(plate, tmp_path / "out" / "%04d.png", keyframes, device=device)
    ran = workshop.render(spec)
    assert np.array_equal(result, read_image(tmp_path / "out" / f"{FRAME:04d}.png").pixels)
    # What the preview predicted is not predicted again.
    assert ran.advance.passes_run == 32


@pytest.mark.slow
def test_a_rendered_frame_is_shown_without_a_pass(previews, workshop, plate, artist, tmp_path):
    workshop.render(workshop.spec(plate, tmp_path / "out" / "%04d.png", {4: artist(4), 24: artist(24)}))
    (result,) = previews.ask(guidance=0.5, quick_first=True)
    assert previews.maker.passes.predicted == 0
    assert not np.array_equal(result, read_image(tmp_path / "out" / f"{FRAME:04d}.png").pixels)


def test_moving_guidance_only_mixes_again(previews):
    (trained,) = previews.ask()
    assert previews.maker.passes.predicted == 1
    (softer,) = previews.ask(guidance=0.5)
    (again,) = previews.ask()
    assert previews.maker.passes.predicted == 1
    assert not np.array_equal(trained, softer)
    assert np.array_equal(trained, again)


def test_a_slide_shows_what_a_fresh_request_would(previews, workshop, plate, artist):
    previews.ask(frame=4)
    (slid,) = previews.ask(frame=4, guidance=0.4)
    fresh = Previews(workshop, plate, {4: artist(4), 24: artist(24)})
    (expected,) = fresh.ask(frame=4, guidance=0.4)
    fresh.maker.close()
    assert np.array_equal(slid, expected)


def test_a_keyframe_saved_again_under_its_name_is_seen_by_the_next_slide(previews, artist, tmp_path):
    named = tmp_path / "painted.png"
    named.write_bytes(Path(artist(4).path).read_bytes())
    keyframes = {4: ImageRef(path=str(named)), 24: artist(24)}
    (before,) = previews.ask(keyframes=keyframes)
    named.write_bytes(Path(artist(4, 3.0).path).read_bytes())
    (after,) = previews.ask(keyframes=keyframes)
    (expected,) = previews.ask(keyframes={4: artist(4, 3.0), 24: artist(24)})
    assert not np.array_equal(before, after)
    assert np.array_equal(after, expected)


def test_a_source_written_again_is_seen_by_the_next_slide(previews, plate):
    (before,) = previews.ask()
    path = Path(plate % FRAME)
    write_image(path, 255 - read_image(path).pixels)
    (after,) = previews.ask()
    assert not np.array_equal(before, after)


def test_a_changed_keyframe_is_seen_at_once(previews, artist):
    (before,) = previews.ask()
    (after,) = previews.ask(keyframes={4: artist(4, 3.0), 24: artist(24)})
    assert previews.maker.passes.predicted == 2
    assert not np.array_equal(before, after)


def test_what_is_wrong_with_a_keyframe_that_counts_is_reported_with_the_picture(previews, artist):
    previews.ask(keyframes={4: artist(6), 24: artist(24)}, quick_first=True)
    quick, full = previews.reports
    assert (quick.stage, quick.warnings) == ("quick", ())
    assert "keyframe at 4 looks like frame 6" in full.warnings[0]
    # Beyond the next keyframe it does not count.
    previews.ask(frame=28, keyframes={4: artist(6), 24: artist(24)})
    assert previews.reports[-1].warnings == ()


def test_a_keyframe_elsewhere_is_not_even_read(previews, artist, tmp_path):
    (before,) = previews.ask()
    (after,) = previews.ask(keyframes={4: artist(4), 24: artist(24), 32: artist(32)})
    assert np.array_equal(before, after)
    assert previews.maker.passes.predicted == 1


def test_a_quick_version_comes_first_and_the_full_one_last(previews):
    quick, full = previews.ask(quick_first=True)
    assert [report.stage for report in previews.reports] == ["quick", "full"]
    assert quick.shape == full.shape
    (alone,) = previews.ask(guidance=0.9, quick_first=True)
    assert previews.reports[-1].stage == "full"
    assert alone.shape == full.shape


@pytest.mark.parametrize(
    ("scale", "home_scale", "quick_scale"),
    [(4, 1, 2), (2, 1, 1), (8, 4, 4), (6, 4, 3), (4, 4, 1), (2, 4, 1), (1, 4, 1)],
)
def test_the_quick_version_is_less_work(scale, home_scale, quick_scale):
    traits = RestorerTraits("any", "1", FrameGrid.ANY, 0, True, 1, home_scale=home_scale)
    size = Geometry.scaled(48, 32, scale)
    assert quick_geometry(size, traits) == Geometry.scaled(48, 32, quick_scale)


def test_a_region_is_that_part_of_the_frame(workshop, tmp_path):
    """Motion is found on the surroundings only, so it is close to the whole frame, not equal to it."""
    plate = write_plate(tmp_path / "large", 6, 320, 240)
    pictures = Previews(workshop, plate, {})
    region = Region(250, 180, 64, 48)
    (part,) = pictures.ask(frame=3, region=region)
    (whole,) = pictures.ask(frame=3)
    expected = whole[180:228, 250:314].astype(float)
    assert part.shape == (48, 64, 3)
    assert np.abs(part - expected).mean() < 1.0
    pictures.maker.close()


def test_a_region_outside_and_a_frame_outside_are_refused(previews):
    with pytest.raises(InvalidSettings, match="leaves the output"):
        previews.ask(region=Region(100, 60, 64, 64))
    with pytest.raises(InvalidSettings, match="0-32"):
        previews.ask(frame=99)


def test_a_preview_goes_to_its_file(previews, tmp_path):
    (result,) = previews.ask(target=str(tmp_path / "look.png"), quick_first=True)[-1:]
    assert np.array_equal(result, read_image(tmp_path / "look.png").pixels)
    assert previews.reports[-1].image.path == str(tmp_path / "look.png")


def test_a_source_that_changed_is_read_anew(workshop, tmp_path):
    plate = write_plate(tmp_path / "own", 6)
    pictures = Previews(workshop, plate, {})
    (before,) = pictures.ask(frame=2)
    second = tmp_path / "own" / "0005.png"
    (tmp_path / "own" / "0002.png").write_bytes(second.read_bytes())
    (after,) = pictures.ask(frame=2)
    assert not np.array_equal(before, after)
    pictures.maker.close()


def test_of_fifty_superseding_previews_one_is_made(previews):
    """As the worker does it: orders wait between two frames, each new one drops the one before."""
    control, superseded, last = JobControl(), [], ""

    def guarded(make):
        try:
            make()
        except StateConflict:
            superseded.append(1)

    for step in range(50):
        if last:
            previews.maker.drop(last)
        last, make = previews.order(previews.request(guidance=step / 50))
        control.between_frames(partial(guarded, make))
    control.do_waiting()
    assert len(superseded) == 49
    assert [report.preview for report in previews.reports] == [last]
    assert previews.maker.passes.predicted == 1


def test_one_superseded_while_it_runs_stops_at_the_next_window(previews):
    name, make = previews.order(previews.request())
    previews.maker.drop(name)
    with pytest.raises(StateConflict):
        make()
    assert previews.maker.passes.predicted == 0
