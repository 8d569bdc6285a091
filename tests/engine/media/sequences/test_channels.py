import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.media.sequences.picture_files.channels import choose_channels, choose_picture
from sparkvsr_engine.media.sequences.picture_files.layers import PartNames
from tests.compatibility.claims import covers


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


# How hosts name a picture and what lies beside it: (the picture's layer, other layers), channels with commas.
HOSTS = {
    "Nuke": (("", "R,G,B,A"), (("depth", "Z"), ("forward", "u,v"), ("mask", "a"), ("other", "R,G,B"))),
    "Arnold": (("", "R,G,B,A"), (("N", "X,Y,Z"), ("Z", "Z"), ("P", "X,Y,Z"), ("crypto_object00", "R,G,B,A"))),
    "Karma": (("C", "R,G,B,A"), (("depth", "Z"), ("N", "x,y,z"), ("beauty_key", "R,G,B"), ("primid", "id"))),
    "Mantra": (("C", "r,g,b,a"), (("Pz", "Z"), ("direct_diffuse", "r,g,b"), ("Op_Id", "id"))),
    "Redshift": (("", "R,G,B,A"), (("Z", "Z"), ("DiffuseFilter", "R,G,B"), ("MotionVectors", "R,G,B"))),
    "V-Ray": (("", "R,G,B,A"), (("ZDepth", "Z"), ("normals", "X,Y,Z"), ("velocity", "X,Y,Z"))),
    "Blender": (
        ("ViewLayer.Combined", "R,G,B,A"),
        (
            ("ViewLayer.Depth", "Z"),
            ("ViewLayer.Vector", "X,Y,Z,W"),
            ("ViewLayer.Normal", "X,Y,Z"),
            ("ViewLayer.CryptoObject00", "R,G,B,A"),
            ("ViewLayer.DiffDir", "R,G,B"),
            ("ViewLayer.UV", "U,V,A"),
            ("ViewLayer.Mist", "Z"),
            ("ViewLayer.IndexOB", "X"),
        ),
    ),
    "Fusion": (("", "R,G,B,A"), (("", "Z"), ("", "NX,NY,NZ"), ("", "XV,YV"), ("", "ObjectID"))),
    "Cinema 4D": (
        ("RGBA", "R,G,B,A"),
        (("Depth", "Y"), ("Reflection", "R,G,B"), ("Material Normals", "R,G,B")),
    ),
    "Katana": (("primary", "R,G,B,A"), ()),
    "RenderMan": (("Ci", "r,g,b"), (("a", "A"), ("z", "Z"), ("Nworld", "x,y,z"), ("directDiffuse", "r,g,b"))),
    "Clarisse, long words": (("rgba", "red,green,blue,alpha"), (("depth", "Z"), ("normal", "X,Y,Z"))),
}


@covers(
    "kinds of pictures",
    "C. Which channels are the picture",
    variants=", ".join(HOSTS),
    result="in any order of layers, in one part or many, in views or none: the picture is the picture,"
    " everything else lies beside it",
)
@given(
    host=st.sampled_from(list(HOSTS)),
    order=st.randoms(use_true_random=False),
    in_parts=st.booleans(),
    views=st.sampled_from([(), ("left", "right"), ("right", "left"), ("main", "stereo")]),
)
def test_a_hosts_picture_is_found_in_any_order(host, order, in_parts, views):
    picture, other_layers = HOSTS[host]
    layers = [(layer, view) for layer in (picture, *other_layers) for view in views or ("",)]
    order.shuffle(layers)
    named = [names_of(name, view_named(view, views), short) for (name, short), view in layers]
    if in_parts and not any(name == "" for (name, _), _ in layers):
        parts = [PartNames(channels, name=channels[0].rpartition(".")[0]) for channels in named]
    else:
        parts = [PartNames(tuple(channel for channels in named for channel in channels))]
    result = choose_picture(parts, views, (), "a.exr")
    part = parts[result.channels.part]
    chosen = [part.channels[index] for index in result.channels.indices]
    view = view_named(views[0], views) if views else ""
    assert tuple(chosen) == names_of(picture[0], view, picture[1])
    count = sum(len(item.channels) for item in parts)
    assert len(chosen) + sum(len(layer.indices) for layer in result.beside) == count


def names_of(layer, view, channels):
    """Channels as a file has them."""
    return tuple(".".join(word for word in (layer, view, item) if word) for item in channels.split(","))


def view_named(view, views):
    """As OpenEXR names channels of views: those of the first one bear no name."""
    return "" if not views or view == views[0] else view
