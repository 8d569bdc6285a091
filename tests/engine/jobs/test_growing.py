"""Ranges beside gaps and damage, and sequences that grow while they are worked on."""

import shutil
from dataclasses import replace

import pytest

from sparkvsr_bridge.errors import MediaUnreadable, SourceChanged
from sparkvsr_bridge.settings import Revision
from tests.fakes.jobs import write_plate
from tests.fakes.media import write_picture
from tests.fakes.scenes import scene


@pytest.fixture
def folder(tmp_path):
    write_plate(tmp_path / "plate", 12)
    return tmp_path / "plate"


def ranged(workshop, folder, tmp_path, first, last, name="o"):
    spec = workshop.spec(str(folder / "%04d.png"), tmp_path / name / "%04d.png", {})
    return replace(spec, source=replace(spec.source, first_frame=first, last_frame=last))


def cut_short(path):
    path.write_bytes(path.read_bytes()[:300])


TROUBLES = {
    "a gap": lambda path: path.unlink(),
    "a frame cut short": cut_short,
    "an empty frame": lambda path: path.write_bytes(b""),
    "no picture": lambda path: path.write_bytes(b"no picture at all"),
    "another size": lambda path: write_picture(path, scene(1, 32, 24)),
}


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("at", [2, 3, 8, 11])
def test_trouble_outside_the_range_costs_nothing(workshop, folder, tmp_path, trouble, at):
    TROUBLES[trouble](folder / f"{at:04d}.png")
    ran = workshop.render(ranged(workshop, folder, tmp_path, 4, 7))
    assert sorted(path.name for path in (tmp_path / "o").iterdir()) == [f"{n:04d}.png" for n in range(4, 8)]
    shots = workshop.plan(ran.job).shots
    assert all(at not in shot for shot in shots)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_inside_the_range_is_named(workshop, folder, tmp_path, trouble):
    TROUBLES[trouble](folder / "0005.png")
    spec = ranged(workshop, folder, tmp_path, 4, 7)
    stopping = replace(spec, settings=replace(spec.settings, on_damage="stop"))
    with pytest.raises(MediaUnreadable, match="5"):
        workshop.render(stopping)


def test_frames_that_come_later_do_not_change_a_job(workshop, folder, tmp_path):
    job = workshop.render(ranged(workshop, folder, tmp_path, 0, 5)).job
    for number in (12, 13, 40):
        write_picture(folder / f"{number:04d}.png", scene(number, 64, 48))
    revised, version = workshop.revise(job, Revision(guidance=0.5))
    assert revised.frames_total == 6
    workshop.run(job, version)


def test_a_whole_sequence_that_has_grown_is_revised_as_it_was(workshop, folder, tmp_path):
    spec = workshop.spec(str(folder / "%04d.png"), tmp_path / "o" / "%04d.png", {})
    job = workshop.render(spec).job
    write_picture(folder / "0012.png", scene(12, 64, 48))
    revised, version = workshop.revise(job, Revision(guidance=0.5))
    assert revised.frames_total == 12
    workshop.run(job, version)
    wider, version = workshop.revise(job, Revision(first_frame=0, last_frame=12))
    assert wider.frames_total == 13
    workshop.run(job, version)
    assert (tmp_path / "o_v003" / "0012.png").is_file()


@pytest.mark.parametrize("at", [3, 7])
def test_a_frame_that_was_looked_at_may_not_change(workshop, folder, tmp_path, at):
    job = workshop.render(ranged(workshop, folder, tmp_path, 0, 5)).job
    write_picture(folder / f"{at:04d}.png", scene(30, 64, 48))
    _, version = workshop.revise(job, Revision(guidance=0.5))
    with pytest.raises(SourceChanged):
        workshop.run(job, version)


@pytest.mark.slow
def test_a_frame_beyond_what_was_looked_at_may_change_until_it_is_asked_for(workshop, tmp_path):
    write_plate(tmp_path / "long", 24)
    folder = tmp_path / "long"
    job = workshop.render(ranged(workshop, folder, tmp_path, 0, 5)).job
    shutil.copy(folder / "0001.png", folder / "0020.png")
    _, version = workshop.revise(job, Revision(guidance=0.5))
    workshop.run(job, version)
    revised, version = workshop.revise(job, Revision(first_frame=0, last_frame=21))
    assert revised.frames_total == 22
    workshop.run(job, version)
