"""A dropped timeline: what it pulls is listed, rendered, written; nothing is left out in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("opentimelineio")

from sparkvsr_window.model.window_model import WindowModel
from tests.end_to_end.timelines import load, movie_clip, save, timeline, tr
from tests.window.conftest import until


def drop_cut(model: WindowModel, clip: Path) -> Path:
    """A cut of three frames of the demonstration clip, and a clip whose medium is not there."""
    cut = clip.with_name("cut.otio")
    first = movie_clip("bunny", clip, tr(40, 3, 25), tr(0, 72, 25))
    lost = movie_clip("lost", clip.with_name("nowhere.mov"), tr(0, 3, 25))
    save(timeline(first, lost), cut)
    model.drop([str(cut)])
    until(model, lambda: model.conforming.state is not None and model.conforming.state.pulls is not None)
    return cut


@pytest.mark.slow
def test_shots_and_what_is_left_out_are_listed_before_anything_is_rendered(model: WindowModel, clip: Path):
    drop_cut(model, clip)
    state = model.conforming.state
    assert [(pull.source, pull.first, pull.last) for pull in state.pulls] == [(str(clip), 32, 50)]
    assert [name for name, _ in state.left_out] == ["lost"]
    assert "nowhere.mov" in state.left_out[0][1]
    model.open_pull(state.pulls[0])
    until(model, lambda: model.document is not None)
    assert (model.document.first, model.document.last) == (32, 50)


@pytest.mark.slow
def test_every_shot_is_rendered_and_the_cut_is_written_beside(model: WindowModel, clip: Path):
    cut = drop_cut(model, clip)
    model.conforming.render(1.0)
    until(model, lambda: not model.conforming.state.is_running)
    state = model.conforming.state
    assert Path(state.output) == cut.with_name("cut_up.otio")
    references = {clip.name: len(clip.media_references()) for clip in load(state.output).find_clips()}
    assert references == {"bunny": 2, "lost": 1}, "the result is a further reference"
    assert [name for name, _ in state.left_out] == ["lost"]


def test_a_timeline_that_cannot_be_read_is_one_sentence(model: WindowModel, tmp_path: Path):
    broken = tmp_path / "cut.otio"
    broken.write_text("{")
    model.drop([str(broken)])
    until(model, lambda: any(message.kind == "error" for message in model.core.messages))
    assert model.conforming.state is None
    assert str(broken) in model.core.messages[-1].text
