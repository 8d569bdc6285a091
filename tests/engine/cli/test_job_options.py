"""Command line options become the request they describe."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.media import Region
from sparkvsr_bridge.settings import Keyframe, OutputTarget, Revision, UpscaleSettings
from sparkvsr_engine.cli import with_joined_values
from sparkvsr_engine.cli.commands.render_commands import revision_of
from sparkvsr_engine.cli.job_options import (
    add_setting_options,
    add_target_options,
    frame_list,
    frame_range,
    parse_keyframe,
    parse_region,
    revised_keyframes,
    spec_of,
)
from sparkvsr_engine.cli.parser import make_parser
from sparkvsr_engine.cli.paths import absolute
from sparkvsr_engine.cli.subcommands import add_priority_option
from sparkvsr_engine.models.registry import restorers
from sparkvsr_engine.references.named_colour import require_pictures


def spec(*arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("-o", "--output")
    add_setting_options(parser)
    add_target_options(parser)
    add_priority_option(parser)
    return spec_of(parser.parse_args(["clip.mov", "-o", "out/%04d.png", *arguments]))


def test_without_options_settings_are_the_documented_defaults():
    result = spec()
    settings = result.settings
    assert (settings.scale, settings.model, settings.guidance, settings.look) == (4.0, "lite", 1.0, "lock")
    assert (settings.policy.name, settings.policy.budget) == ("adaptive", 0)
    assert (result.source.first_frame, result.output.overwrite, result.keyframes) == (None, False, ())
    assert Path(result.source.path).is_absolute()
    assert result.output.path == absolute("out/%04d.png")


@pytest.mark.parametrize(("option", "damage"), [("auto", None), ("0", 0.0), ("0.35", 0.35), ("1", 1.0)])
def test_damage_is_estimated_or_set(option, damage):
    assert spec("--damage", option).settings.damage == damage


@pytest.mark.parametrize("option", ["clean", "", "1.5"])
def test_damage_that_is_no_share_is_refused(option):
    with pytest.raises(InvalidSettings, match="damage"):
        spec("--damage", option)


def test_named_keyframes_are_the_only_ones_unless_a_policy_is_given():
    named = spec("--keyframe", "9", "--keyframe", "3=fixed.png@0.5")
    assert [keyframe.frame for keyframe in named.keyframes] == [3, 9]
    assert named.settings.policy.name == "manual"
    both = spec("--keyframe", "9", "--keyframes", "uniform:4")
    assert (both.settings.policy.name, both.settings.policy.budget) == ("uniform", 4)


@pytest.mark.parametrize(
    ("text", "frame", "image", "strength"),
    [
        ("7", 7, "", 1.0),
        ("7@0.25", 7, "", 0.25),
        ("1001=a.png", 1001, "a.png", 1.0),
        ("1001=a@b.png@0.6", 1001, "a@b.png", 0.6),
        ("1001=a@2x.png", 1001, "a@2x.png", 1.0),
        ("-3=x=y.exr", -3, "x=y.exr", 1.0),
    ],
)
def test_a_keyframe_is_a_frame_with_picture_and_strength(text, frame, image, strength):
    result = parse_keyframe(text)
    assert (result.frame, result.strength) == (frame, strength)
    assert (result.image.path if result.image else "") == (absolute(image) if image else "")


@given(st.integers(-(10**6), 10**6), st.sampled_from(["0", "0.5", "1", "1.25", ".75", "2"]))
def test_any_frame_and_strength_is_read(frame, strength):
    assert parse_keyframe(f"{frame}@{strength}") == Keyframe(frame, None, float(strength))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--keyframe", "last"),
        ("--keyframe", "3=a.png", "--keyframe", "3"),
        ("--keyframe", "3@9"),
        ("--frames", "9-x"),
        ("--size", "1920"),
        ("--size", "0x0"),
        ("--size", "640x480", "--scale", "2"),
        ("--scale", "0.9"),
        ("--scale", "nan"),
        ("--keyframes", "uniform:many"),
        ("--keyframes", "best"),
        ("--guidance", "2.5"),
        ("--quality", "101"),
        ("--model", ""),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(arguments):
    with pytest.raises(InvalidSettings) as refused:
        spec(*arguments)
    assert refused.value.exit_status == 2
    assert refused.value.message.endswith(".")


def test_a_range_is_inclusive_and_may_be_one_frame():
    assert frame_range("1001-1100") == (1001, 1100)
    assert frame_range("7") == (7, 7)


def test_frames_to_choose_from_are_single_ones_and_ranges():
    assert frame_list("1040,1012, 1038-1041") == (1012, 1038, 1039, 1040, 1041)
    assert frame_list("") == ()
    for wrong in ("1040,", "a", "1040-1038"):
        with pytest.raises(InvalidSettings, match="frames"):
            frame_list(wrong)


def test_a_region_is_four_numbers():
    assert parse_region("1,2, 30,40") == Region(1, 2, 30, 40)
    assert parse_region(None) is None
    for text in ("1,2,3", "1,2,3,x", "-1,2,3,4"):
        with pytest.raises(InvalidSettings):
            parse_region(text)


def test_files_are_found_wherever_the_engine_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "checkpoint").mkdir()
    settings = spec("--model", "checkpoint", "--isr", "esrgan.pth").settings
    assert settings.model == str(tmp_path / "checkpoint")
    assert settings.isr == str(tmp_path / "esrgan.pth")
    assert spec("--isr", "cmd:upscale {in} {out}.png").settings.isr == "cmd:upscale {in} {out}.png"
    assert spec("--isr", "span").settings.isr == "span"


@pytest.mark.parametrize(
    ("text", "frames"),
    [("-3-2", (-3, 2)), ("-8--3", (-8, -3)), ("-5", (-5, -5)), ("3-9", (3, 9)), ("-3-0", (-3, 0))],
)
def test_ranges_may_lie_below_0(text, frames):
    assert frame_range(text) == frames


@pytest.mark.parametrize("frames", ["-3-2", "-5"])
def test_a_range_below_0_is_no_option(frames):
    inputs = ["upscale", "a.%04d.png", "-o", "b.%04d.png", "--frames", frames, "--scale", "2"]
    options = make_parser().parse_args(with_joined_values(inputs))
    assert options.frames == frames


def test_layers_are_carried_by_default():
    inputs = ["upscale", "a.%04d.exr", "-o", "b.%04d.exr"]
    assert spec_of(make_parser().parse_args(inputs)).output.layers == "all"
    assert spec_of(make_parser().parse_args([*inputs, "--layers", "main"])).output.layers == "main"


def revision(*arguments):
    return revision_of(make_parser().parse_args(["revise", "1f0c2d3e4b", *arguments]))


def test_a_revision_without_options_changes_nothing():
    assert revision() == Revision()


def test_a_revision_without_a_target_changes_the_one_beside_the_version_before():
    changed = revision("--codec", "ffv1", "--quality", "80", "--layers", "main", "--overwrite")
    before = OutputTarget("/out/shot_v002.mkv", "libx264", 20)
    assert changed.target_after(before) == OutputTarget("/out/shot_v002.mkv", "ffv1", 80, True, "main")
    assert revision("--quality", "80").target_after(before) == OutputTarget(
        "/out/shot_v002.mkv", "libx264", 80
    )
    assert revision().target_after(before) == before


def test_a_revision_with_a_target_has_the_target_of_its_options_alone():
    changed = revision("-o", "new.mov", "--quality", "80")
    assert changed.target_after(OutputTarget("/out/shot_v002.mkv", "libx264", 20)) == OutputTarget(
        absolute("new.mov"), quality=80
    )


def test_a_revision_changes_what_becomes_of_damaged_frames():
    before = UpscaleSettings(on_damage="conceal")
    assert revision("--on-damage", "stop").settings_after(before).on_damage == "stop"
    assert revision().settings_after(before) == before


@pytest.fixture
def no_site_config(monkeypatch):
    monkeypatch.delenv("OCIO", raising=False)


@pytest.mark.usefixtures("no_site_config")
class TestColours:
    KEYFRAMES = ("--keyframe", "3=a.exr", "--keyframe", "9=b.exr@0.5", "--keyframe", "12")

    def test_nothing_named_is_no_config(self, monkeypatch):
        monkeypatch.setenv("OCIO", "/show/config.ocio")
        result = spec(*self.KEYFRAMES)
        assert result.settings.ocio_config == ""
        assert {keyframe.colour for keyframe in result.keyframes} == {""}

    def test_a_space_for_all_pictures_and_one_for_a_frame(self):
        named = ("--keyframe-colour", "ACEScg", "--keyframe-colour", "9=Linear Rec.709 (sRGB)")
        colours = {keyframe.frame: keyframe.colour for keyframe in spec(*self.KEYFRAMES, *named).keyframes}
        assert colours == {3: "ACEScg", 9: "Linear Rec.709 (sRGB)", 12: ""}

    @pytest.mark.parametrize("named", ["4=ACEScg", "12=ACEScg"])
    def test_a_space_without_a_picture_is_refused(self, named):
        if named.startswith("12"):
            assert spec(*self.KEYFRAMES, "--keyframe-colour", named).keyframes[2].colour == "ACEScg"
            with pytest.raises(InvalidSettings, match="has no picture"):
                require_pictures(spec(*self.KEYFRAMES, "--keyframe-colour", named).keyframes)
            return
        with pytest.raises(InvalidSettings, match="frame 4, which no --keyframe names"):
            spec(*self.KEYFRAMES, "--keyframe-colour", named)

    def test_two_spaces_for_one_picture_are_refused(self):
        for named in ("ACEScg", "9=ACEScg"):
            with pytest.raises(InvalidSettings, match="second space"):
                spec(*self.KEYFRAMES, "--keyframe-colour", named, "--keyframe-colour", named)

    def test_a_config_is_a_full_path_or_a_name(self):
        assert spec("--ocio-config", "show/c.ocio").settings.ocio_config == absolute("show/c.ocio")
        assert spec("--ocio-config", "ocio://default").settings.ocio_config == "ocio://default"

    @pytest.mark.parametrize(
        "named",
        [("--input-colour", "a"), ("--output-colour", "a"), (*KEYFRAMES, "--keyframe-colour", "a")],
    )
    def test_the_sites_config_counts_where_spaces_are_named(self, monkeypatch, named):
        assert spec(*named).settings.ocio_config == ""
        monkeypatch.setenv("OCIO", "/show/config.ocio")
        assert spec(*named).settings.ocio_config == absolute("/show/config.ocio")
        assert spec(*named, "--ocio-config", "").settings.ocio_config == ""

    def test_a_revision_names_a_space_alone(self):
        options = argparse.Namespace(keyframe=["3@0.5"], keyframe_colour=["3=a", "7=b"])
        assert revised_keyframes(options) == (Keyframe(3, strength=0.5, colour="a"), Keyframe(7, colour="b"))


def test_a_folder_called_as_a_model_does_not_take_its_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [record.name for record in restorers()]
    for name in (*names, "mine"):
        (tmp_path / name).mkdir()
    assert [spec("--model", name).settings.model for name in names] == names
    assert spec("--model", "mine").settings.model == str(tmp_path / "mine")
    assert spec("--model", "./sparkvsr").settings.model == str(tmp_path / "sparkvsr")


def test_a_priority_is_part_of_the_request():
    assert [spec(*words).priority for words in ((), ("--priority", "batch"))] == ["artist", "batch"]
