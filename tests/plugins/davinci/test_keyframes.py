"""Keyframes by markers and by stills that a colorist repaired, as the engine gets them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.fakes.media import write_picture
from tests.fakes.resolve.real_media import read_picture
from tests.plugins.davinci.scenes import OPTIONS, Scene

LITE = {"scale": 1.0, "model": "lite", "isr": "", "device": "cpu", "look": "propagate"}
# The colorist's repair: less red and blue, nothing moved.
REPAIR = np.array([0.4, 1.0, 0.4])


@pytest.mark.slow
def test_markers_become_the_jobs_keyframes(scene: Scene):
    """Those of the item count in its medium, the timeline's from its start; the job has no others."""
    item = scene.clip(scene.movie(), at=48, source=10, duration=6)
    scene.marker(item, 11)
    scene.marker(scene.timeline, 52)
    options = {name: value for name, value in OPTIONS.items() if name != "policy"}
    report = scene.run(options=options)
    assert report.is_whole, report
    jobs = [news.report for news in scene.news if getattr(news, "report", None) is not None]
    assert jobs[-1].keyframes == (11, 14)


def test_a_repaired_still_leads_its_frame(scene: Scene):
    from sparkvsr_resolve.runs import stills

    item = scene.clip(scene.movie(), at=48, source=10, duration=4)
    scene.marker(item, 11)
    folder = scene.folder / "stills"
    plan = scene.plan(options=LITE, handles=0)
    exported = stills.export_stills(scene.host, plan, str(folder))
    assert [(still.frame, Path(still.source).name) for still in exported] == [(11, "plate.mov")]
    assert stills.repaired_stills(str(folder)) == {}
    path = folder / exported[0].file
    before = read_picture(path)
    write_picture(path, (before * REPAIR).astype(np.uint16))
    assert list(stills.repaired_stills(str(folder))) == [(exported[0].source, 11)]
    # A second export leaves the repaired one as it is.
    stills.export_stills(scene.host, plan, str(folder))
    assert (read_picture(path) == (before * REPAIR).astype(np.uint16)).all()
    report = scene.run(options=LITE, handles=0, stills=str(folder))
    assert report.is_whole, report
    result = item.shown_media.media.picture(1).reshape(-1, 3).mean(0)
    # ProRes keeps means; half of the repair would still be seen.
    assert result[0] < 0.7 * before[..., 0].mean()
    assert result[1] > 0.8 * before[..., 1].mean()


def test_a_graded_still_is_refused_where_its_grade_would_be_applied_twice(scene: Scene):
    from sparkvsr_resolve.refusals import Refused
    from sparkvsr_resolve.runs import stills

    item = scene.clip(scene.movie(), at=48, source=10, duration=4)
    scene.marker(item, 11)
    folder = scene.folder / "stills"
    exported = stills.export_stills(scene.host, scene.plan(), str(folder))
    write_picture(folder / exported[0].file, np.zeros((64, 96, 3), np.uint16))
    with pytest.raises(Refused, match="--look propagate"):
        scene.run(stills=str(folder))
    assert not item.takes
