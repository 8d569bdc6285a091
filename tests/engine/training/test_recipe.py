"""Recipes: a file sets what is trained; unknown keys are refused by name."""

import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.training.recipe import StageRecipe, find_recipe, read_recipe
from tests.fakes.footage import RECIPE, write_recipe


def stage_with(line):
    """A stage but for one line."""
    inputs = {"steps": "steps = 4", "learning_rate": "learning_rate = 1e-3"} | {line.split()[0]: line}
    return "\n".join(inputs.values())


def test_a_recipe_is_complete(tmp_path):
    recipe = read_recipe(write_recipe(tmp_path))
    assert (recipe.name, recipe.seed, recipe.ema) == ("tiny", 7, 0.9)
    assert recipe.network.channels == 8
    assert recipe.scene.farthest == 3
    assert recipe.sample.scenes == 3
    assert [stage.steps for stage in recipe.stages] == [4, 2]
    assert [stage.perceptual for stage in recipe.stages] == [0.0, 0.02]
    assert recipe.checkpoint_steps == 2
    assert not recipe.warm_start


def test_scenes_and_samples_have_seeds_of_their_own(tmp_path):
    recipe = read_recipe(write_recipe(tmp_path))
    assert recipe.scene.seed == 7
    assert recipe.sample.seed == 8
    own_values = RECIPE.replace("[scene]", "[scene]\nseed = 99")
    assert read_recipe(write_recipe(tmp_path, own_values)).scene.seed == 99


def test_lists_become_tuples_and_spoiling_a_record(tmp_path):
    text = RECIPE.replace("[scene]", "[scene]\nscales = [[4.0, 1.0], [2.0, 0.5]]")
    text = text.replace("[[stages]]", "[sample.spoil]\nwrong = 0.5\n\n[[stages]]", 1)
    recipe = read_recipe(write_recipe(tmp_path, 'held_back = ["river"]\n' + text))
    assert recipe.scene.scales == ((4.0, 1.0), (2.0, 0.5))
    assert recipe.sample.spoil.wrong == 0.5
    assert recipe.held_back == ("river",)


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ("name =", "warmstart"),
        ("[network]", "layers"),
        ("[scene]", "zoom"),
        ("[sample]", "crop"),
        ("[[stages]]", "epochs"),
    ],
)
def test_a_key_nobody_knows_is_named(tmp_path, place, key):
    line = f"{key} = 3\n"
    text = line + RECIPE if place == "name =" else RECIPE.replace(place, f"{place}\n{line}", 1)
    with pytest.raises(InvalidSettings, match=rf"tiny\.toml.*has no {key}"):
        read_recipe(write_recipe(tmp_path, text))


def test_a_key_of_spoiling_nobody_knows_is_named(tmp_path):
    text = RECIPE.replace("[[stages]]", "[sample.spoil]\nburnt = 1\n\n[[stages]]", 1)
    with pytest.raises(InvalidSettings, match="SpoilRecipe has no burnt"):
        read_recipe(write_recipe(tmp_path, text))


@pytest.mark.parametrize("key", ["name", "seed", "steps", "learning_rate"])
def test_a_key_that_is_missing_is_named(tmp_path, key):
    lines = [line for line in RECIPE.splitlines() if not line.startswith(f"{key} =")]
    with pytest.raises(InvalidSettings, match=key):
        read_recipe(write_recipe(tmp_path, "\n".join(lines)))


def test_a_recipe_without_stages_is_refused(tmp_path):
    with pytest.raises(InvalidSettings, match="stages"):
        read_recipe(write_recipe(tmp_path, RECIPE[: RECIPE.index("[[stages]]")]))


@pytest.mark.parametrize("change", ["crop = 60", "crop = 360", "steps = 0", "scenes = 0"])
def test_a_stage_that_cannot_be_run_is_refused(tmp_path, change):
    with pytest.raises(InvalidSettings, match=r"tiny\.toml"):
        read_recipe(write_recipe(tmp_path, RECIPE + "\n[[stages]]\n" + stage_with(change)))


def test_a_temporal_loss_needs_pairs_of_frames(tmp_path):
    text = RECIPE.replace("graded = 0.5", "graded = 0.5\ntemporal = 0.3")
    with pytest.raises(InvalidSettings, match="paired = true"):
        read_recipe(write_recipe(tmp_path, text))
    recipe = read_recipe(write_recipe(tmp_path, text.replace("[scene]", "[scene]\npaired = true")))
    assert [stage.temporal for stage in recipe.stages] == [0.0, 0.3]


def test_what_is_no_toml_is_refused(tmp_path):
    with pytest.raises(InvalidSettings, match=r"tiny\.toml"):
        read_recipe(write_recipe(tmp_path, "name = "))


def test_a_recipe_is_found_by_name_or_as_a_file(tmp_path):
    own_values = write_recipe(tmp_path)
    assert find_recipe(str(own_values)) == own_values
    assert find_recipe("lite").name == "lite.toml"
    with pytest.raises(InvalidSettings, match="lite"):
        find_recipe("heavy")
    with pytest.raises(InvalidSettings, match=r"gone\.toml"):
        find_recipe(str(tmp_path / "gone.toml"))


def test_the_shipped_recipe_can_be_read():
    recipe = read_recipe(find_recipe("lite"))
    assert recipe.name == "lite"
    assert recipe.warm_start
    assert [stage.steps for stage in recipe.stages] == [2800, 500, 900, 1200, 4200, 800]
    # Looks and perceptual closeness come after plain residuals.
    assert [bool(stage.perceptual and stage.graded) for stage in recipe.stages] == [False] + 5 * [True]


def test_a_stages_defaults_are_a_stage():
    assert StageRecipe(10, 1e-3).crop == 192
