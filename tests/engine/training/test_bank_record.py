"""A bank records what its scenes were drawn from, and is not used for others."""

import logging

import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.training.scenes.bank_record import RECORD, check_record, write_record

DRAWN_FROM = {"seed": 7, "scales": ((4.0, 0.7), (2.0, 0.3)), "clips": ["river-2", "street-2"]}


@pytest.fixture
def with_scene(tmp_path):
    (tmp_path / "000").mkdir()
    (tmp_path / "000" / "000000.safetensors").touch()
    return tmp_path


def test_the_same_recipe_and_footage_go_on(tmp_path):
    write_record(tmp_path / "scenes", DRAWN_FROM)
    check_record(tmp_path / "scenes", DRAWN_FROM)
    assert [path.name for path in (tmp_path / "scenes").iterdir()] == [RECORD]


@pytest.mark.parametrize(
    ("change", "named"),
    [({"seed": 8}, "seed"), ({"clips": ["river-2"]}, "clips"), ({"seed": 8, "new": 1}, "new, seed")],
)
def test_other_scenes_are_refused_and_what_differs_is_named(tmp_path, change, named):
    write_record(tmp_path, DRAWN_FROM)
    with pytest.raises(InvalidSettings, match=rf"\({named} differ\); name another folder with --bank"):
        check_record(tmp_path, DRAWN_FROM | change)


def test_scenes_of_an_older_version_are_used_with_a_warning_and_stay_without_a_record(with_scene, caplog):
    with caplog.at_level(logging.WARNING):
        check_record(with_scene, DRAWN_FROM)
    assert str(with_scene) in caplog.text
    write_record(with_scene, DRAWN_FROM)
    assert not (with_scene / RECORD).exists()


def test_an_empty_folder_is_anybodys(tmp_path, caplog):
    check_record(tmp_path, DRAWN_FROM)
    check_record(tmp_path / "none", DRAWN_FROM)
    assert not caplog.text


def test_what_was_written_first_stays(with_scene):
    (with_scene / RECORD).write_text("{}", encoding="utf-8")
    write_record(with_scene, DRAWN_FROM)
    assert (with_scene / RECORD).read_text(encoding="utf-8") == "{}"


def test_a_damaged_record_is_refused_by_name(tmp_path):
    (tmp_path / RECORD).write_text("{", encoding="utf-8")
    with pytest.raises(InvalidSettings, match=RECORD):
        check_record(tmp_path, DRAWN_FROM)
