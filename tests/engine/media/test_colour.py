from fractions import Fraction

import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import ClipInfo, ColourWish
from sparkvsr_engine.media.colour import plan_colour
from sparkvsr_engine.media.colours.primaries import AP1
from sparkvsr_engine.media.colours.tags import SRGB_TAGS, ColourTags
from sparkvsr_engine.media.images import write_image
from sparkvsr_engine.media.probe import probe
from tests.fakes.media import numbered_picture
from tests.fakes.ocio_configs import write_first_config, write_studio_config


def clip(kind="movie", sample="uint8", **more):
    return ClipInfo(
        path="clip",
        kind=kind,
        width=4,
        height=2,
        available=FrameSpan(0, 1),
        span=FrameSpan(0, 1),
        rate=Fraction(24),
        sample=sample,
        bit_depth=np.dtype(sample).itemsize * 8,
        pixel_format="",
        identity="",
        **more,
    )


def grey(value, sample, channels=3):
    return np.full((2, 4, channels), value, sample)


@pytest.mark.parametrize("sample", ["uint8", "uint16"])
def test_integers_are_in_model_space_already_and_come_back_exactly(sample):
    plan = plan_colour(clip(sample=sample), "out.png", sample)
    every = np.arange(np.iinfo(sample).max + 1, dtype=sample)[: 3 * 80].reshape(8, 10, 3)
    model = plan.to_model(every)
    assert model.dtype == np.float32
    assert 0 <= model.min() <= model.max() <= 1
    assert np.array_equal(plan.from_model(model, sample), every)
    assert plan.keeps_colour


@pytest.mark.parametrize("sample", ["float16", "float32"])
def test_scene_linear_comes_back_also_beyond_white_and_below_black(sample):
    plan = plan_colour(clip("sequence", sample), "out.exr", sample)
    values = (
        np.array([-0.05, 0.0, 1e-3, 0.18, 1.0, 16.0, 900.0, 60000.0], sample).reshape(2, 4, 1).repeat(3, 2)
    )
    model = plan.to_model(values)
    assert model.min() > -0.6
    assert model.max() < 1.5
    assert plan.from_model(model, sample) == pytest.approx(values, rel=1e-4, abs=1e-7)
    assert plan.keeps_colour


def test_scene_linear_becomes_srgb_in_integers():
    plan = plan_colour(clip("sequence", "float16"), "out.mp4", "uint16")
    result = plan.from_model(plan.to_model(grey(0.18, "float16")), "uint16") / 65535
    assert result == pytest.approx(np.full_like(result, 0.4614), abs=1e-3)
    assert plan.from_model(plan.to_model(grey(40.0, "float16")), "uint8").min() == 255
    assert plan.from_model(plan.to_model(grey(-1.0, "float16")), "uint8").max() == 0
    assert plan.tags == SRGB_TAGS
    assert not plan.keeps_colour


def test_the_primaries_of_the_file_are_converted_for_display():
    plan = plan_colour(clip("sequence", "float16", chromaticities=AP1), "out.png", "uint16")
    green = np.zeros((2, 4, 3), np.float16)
    green[..., 1] = 0.5
    result = plan.from_model(plan.to_model(green), "uint16")
    assert result[0, 0, 0] == 0
    assert result[0, 0, 1] > 0.77 * 65535
    assert plan.from_model(plan.to_model(grey(0.18, "float16")), "uint8").std() == 0


def test_a_display_referred_source_becomes_linear_in_exr():
    plan = plan_colour(clip(sample="uint8"), "out.%04d.exr", "float16")
    result = plan.from_model(plan.to_model(grey(118, "uint8")), "float16")
    assert result == pytest.approx(np.full_like(result, 0.1812), abs=1e-3)
    assert plan.attributes["oiio:ColorSpace"].value == "Linear Rec.709 (sRGB)"
    assert not plan.keeps_colour


def test_hdr_video_is_not_guessed_into_linear():
    hdr = clip(sample="uint16", colour=ColourTags(9, 16, 9, full_range=False))
    with pytest.raises(InvalidSettings, match="--input-colour"):
        plan_colour(hdr, "out.exr", "float16")
    assert plan_colour(hdr, "out.mp4", "uint16").tags == hdr.colour


def test_pictures_without_tags_are_srgb_in_a_movie():
    assert plan_colour(clip("sequence", "uint8"), "out.mp4", "uint8").tags == SRGB_TAGS


def test_a_picture_of_hdr_codes_is_labelled_as_such(tmp_path):
    hdr = ColourTags(9, 16, 9, full_range=False)
    plan = plan_colour(clip(sample="uint16", colour=hdr), "out.png", "uint16")
    write_image(tmp_path / "a.png", numbered_picture(1, sample="uint16"), plan.attributes)
    result = probe(SourceMedia(str(tmp_path / "a.png")))
    assert (result.colour.primaries, result.colour.transfer) == (9, 16)
    assert plan_colour(result, "out.mp4", "uint16").tags == result.colour
    assert plan_colour(clip(colour=ColourTags(1, 1, 1, False)), "out.png", "uint8").attributes == {}


@pytest.mark.parametrize(
    ("sample", "space", "is_linear"),
    [
        ("float16", "", True),
        ("float16", "lin_rec709_scene", True),
        ("uint16", "lin_ap1_scene", True),
        ("uint16", "", False),
        ("float32", "srgb_rec709_scene", False),
        ("float16", "ACEScct", False),
        ("float16", "ACEScg", True),
    ],
)
def test_what_is_scene_linear(sample, space, is_linear):
    assert clip("sequence", sample, colour_space=space).is_scene_linear == is_linear


def test_a_float_picture_labelled_display_referred_is_read_as_such():
    plan = plan_colour(clip("sequence", "float32", colour_space="srgb_rec709_scene"), "out.tif", "float32")
    model = plan.to_model(grey(0.5, "float32"))
    assert model == pytest.approx(np.full_like(model, 0.5))


@pytest.mark.parametrize(
    ("stored", "target", "sample", "premultiplied", "expected"),
    [
        ((0.25, 0.5), "out.exr", "float16", True, (0.25, 0.5)),
        ((0.09, 0.5), "out.png", "uint16", True, (0.4614, 0.5)),
        ((0.5, 0.5), "out.png", "uint16", False, (0.5, 0.5)),
        ((0.5, 0.5), "out.exr", "float16", False, (0.2140 / 2, 0.5)),
    ],
)
def test_alpha_is_multiplied_in_where_the_target_wants_it(stored, target, sample, premultiplied, expected):
    source = "float32" if premultiplied else "uint16"
    pixels = np.array([stored[0]] * 3 + [stored[1]], np.float32).reshape(1, 1, 4)
    pixels = pixels if premultiplied else np.rint(pixels * 65535).astype(np.uint16)
    plan = plan_colour(
        clip("sequence", source, has_alpha=True, is_premultiplied=premultiplied), target, sample
    )
    result = plan.from_model(plan.to_model(pixels), sample).astype(np.float32)
    result = result / 65535 if sample == "uint16" else result
    assert result[0, 0, [0, 3]] == pytest.approx(expected, abs=1e-3)


class TestNamedSpaces:
    @pytest.fixture(autouse=True)
    def _needs_ocio(self):
        pytest.importorskip("PyOpenColorIO")

    def test_linear_goes_through_the_log_carrier_and_comes_back(self):
        plan = plan_colour(clip("sequence", "float16"), "o.exr", "float16", ColourWish("ACEScg", "ACEScg"))
        model = plan.to_model(grey(0.18, "float16"))
        assert model == pytest.approx(np.full_like(model, 0.4136), abs=1e-3)
        result = plan.from_model(model, "float16")
        assert result == pytest.approx(np.full_like(result, 0.18), rel=1e-3)
        assert plan.keeps_colour

    def test_two_names_convert(self):
        plan = plan_colour(
            clip("sequence", "float16"), "o.png", "uint16", ColourWish("ACEScg", "sRGB - Texture")
        )
        result = plan.from_model(plan.to_model(grey(0.18, "float16")), "uint16") / 65535
        assert result == pytest.approx(np.full_like(result, 0.4614), abs=1e-3)
        assert not plan.keeps_colour

    def test_the_other_name_is_taken_from_the_file(self):
        aces = clip("sequence", "float16", chromaticities=AP1)
        assert "ACEScg via" in plan_colour(aces, "o.png", "uint8", ColourWish("", "sRGB - Texture")).identity
        video = plan_colour(clip(), "o.exr", "float16", ColourWish("", "ACEScg"))
        assert "sRGB - Texture via" in video.identity
        assert video.attributes["chromaticities"].value == pytest.approx(AP1)

    def test_an_unlabelled_file_needs_a_setting(self):
        odd = clip("sequence", "float16", chromaticities=(0.7, 0.3, 0.2, 0.7, 0.1, 0.1, 0.31, 0.33))
        with pytest.raises(InvalidSettings, match="--input-colour"):
            plan_colour(odd, "o.png", "uint8", ColourWish("", "sRGB - Texture"))

    def test_movie_tags_follow_the_named_space(self):
        wish = ColourWish("ACEScg", "Rec.2100-PQ - Display")
        assert plan_colour(clip("sequence", "float16"), "o.mp4", "uint16", wish).tags == ColourTags(
            9, 16, 9, False
        )

    def test_an_unknown_name_is_refused_before_any_pixel_is_read(self):
        with pytest.raises(InvalidSettings, match="did you mean"):
            plan_colour(clip(), "o.png", "uint8", ColourWish("sRBG", ""))


class TestConfigs:
    """Named spaces of a request's own config."""

    @pytest.fixture
    def studio(self, tmp_path):
        pytest.importorskip("PyOpenColorIO")
        return str(write_studio_config(tmp_path))

    def test_light_beyond_white_and_below_black_comes_back(self, studio):
        values = np.array([-0.5, 0, 1e-3, 0.18, 1, 16, 500, 0.5], np.float16).reshape(2, 4, 1).repeat(3, 2)
        for source, target in (("show_linear", "show_linear"), ("show_linear", "")):
            wish = ColourWish(source, target, studio)
            plan = plan_colour(clip("sequence", "float16"), "o.exr", "float16", wish)
            assert plan.from_model(plan.to_model(values), "float16") == pytest.approx(values, rel=1e-3)
            assert plan.keeps_colour

    def test_values_go_through_the_configs_own_transforms(self, studio):
        wish = ColourWish("show_half", "show_linear", studio)
        plan = plan_colour(clip("sequence", "float16"), "o.exr", "float16", wish)
        result = plan.from_model(plan.to_model(grey(0.18, "float16")), "float16")
        assert result == pytest.approx(np.full_like(result, 0.36), rel=1e-3)

    def test_a_log_plate_is_restored_in_its_codes(self, studio):
        wish = ColourWish("show_log", "show_linear", studio)
        plan = plan_colour(clip("sequence", "uint16"), "o.exr", "float16", wish)
        model = plan.to_model(grey(32768, "uint16"))
        assert model == pytest.approx(np.full_like(model, 0.5), abs=1e-4)
        result = plan.from_model(model, "float16")
        assert result == pytest.approx(np.full_like(result, 0.25), abs=1e-3)
        assert plan.curve is None

    def test_names_of_the_engines_own_config_are_not_known_there(self, studio):
        with pytest.raises(InvalidSettings, match=r"'ACEScg' in .*config\.ocio; did you mean"):
            plan_colour(clip("sequence", "float16"), "o.exr", "float16", ColourWish("ACEScg", "", studio))

    def test_a_space_nobody_named_is_found_by_its_usual_name_or_asked_for(self, studio, tmp_path):
        plan = plan_colour(clip(), "o.png", "uint8", ColourWish("", "show_log", studio))
        assert "sRGB via sRGB to show_log" in plan.identity
        first = str(write_first_config(tmp_path / "first"))
        with pytest.raises(InvalidSettings, match="--input-colour"):
            plan_colour(clip(), "o.png", "uint8", ColourWish("", "gamma22", first))
        with pytest.raises(InvalidSettings, match=r"no sRGB space .*--output-colour"):
            plan_colour(clip("sequence", "float16"), "o.png", "uint8", ColourWish("linear", "", first))

    def test_identities_follow_the_configs_content(self, tmp_path):
        pytest.importorskip("PyOpenColorIO")

        def identity(config):
            wish = ColourWish("show_log", "show_linear", str(config))
            return plan_colour(clip("sequence", "uint16"), "o.exr", "float16", wish).identity

        item = identity(write_studio_config(tmp_path / "one"))
        assert identity(write_studio_config(tmp_path / "two")) == item
        assert identity(write_studio_config(tmp_path / "three", power=3.0)) != item

    def test_a_config_without_names_changes_nothing_and_is_reported(self, studio):
        plan = plan_colour(clip(), "o.png", "uint8", ColourWish(config=studio))
        plain = plan_colour(clip(), "o.png", "uint8")
        assert plan.identity == plain.identity
        assert "no colour space is named" in plan.warnings[0]


def test_a_profile_that_is_not_srgb_is_no_srgb_for_a_named_target():
    pytest.importorskip("PyOpenColorIO")
    wide = clip("sequence", colour=ColourTags(12, 13, 1, True))
    with pytest.raises(InvalidSettings, match="--input-colour"):
        plan_colour(wide, "o.exr", "float16", ColourWish("", "ACEScg"))


def test_plans_that_differ_have_different_identities():
    identities = {
        plan_colour(clip(), "o.png", "uint8").identity,
        plan_colour(clip(), "o.exr", "float16").identity,
        plan_colour(clip("sequence", "float16"), "o.exr", "float16").identity,
        plan_colour(clip("sequence", "float16"), "o.png", "uint8").identity,
        plan_colour(clip("sequence", "float16", chromaticities=AP1), "o.png", "uint8").identity,
    }
    assert len(identities) == 5
