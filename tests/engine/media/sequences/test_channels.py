import pytest

from bridge.errors import MediaUnreadable
from sparkvsr_engine.media.sequences.channels import choose_channels


@pytest.mark.parametrize(
    ("names", "indices", "alpha", "grey"),
    [
        (["R", "G", "B"], (0, 1, 2), False, False),
        (["R", "G", "B", "A"], (0, 1, 2, 3), True, False),
        (["A", "B", "G", "R"], (3, 2, 1, 0), True, False),
        (["A", "B", "G", "R", "Z"], (3, 2, 1, 0), True, False),
        (["R", "G", "B", "A", "diffuse.R", "diffuse.G", "diffuse.B"], (0, 1, 2, 3), True, False),
        (["beauty.R", "beauty.G", "beauty.B"], (0, 1, 2), False, False),
        (["depth.Z", "beauty.red", "beauty.green", "beauty.blue", "beauty.alpha"], (1, 2, 3, 4), True, False),
        (["Y"], (0, 0, 0), False, True),
        (["Y", "A"], (0, 0, 0, 1), True, True),
        (["I"], (0, 0, 0), False, True),
    ],
)
def test_colour_and_alpha_are_found(names, indices, alpha, grey):
    choice = choose_channels(names, "a.exr")
    assert (choice.indices, choice.has_alpha, choice.is_grey) == (indices, alpha, grey)


def test_several_layers_and_no_main_one_are_refused_by_name():
    names = [f"{layer}.{channel}" for layer in ("diffuse", "specular") for channel in "RGB"]
    with pytest.raises(MediaUnreadable, match="layers diffuse, specular"):
        choose_channels(names, "a.exr")
