"""Layers, views and overscan beside a picture, read back with the EXR library itself."""

import numpy as np
import pytest

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.probe import probe
from tests.compatibility.claims import covers
from tests.fakes.exr import Part, carried, channels, read_exr, texture, window, write_exr

ONES = np.ones((16, 24), "f2")
RGBA = {**channels(texture()), "A": ONES}


def mean_of(layers):
    return np.stack([layers[name] for name in "RGB"], -1).astype(float).mean((0, 1))


PICTURES = {
    "the main layer behind another one": [
        Part(channels(texture(shift=2), "albedo."), "albedo"),
        Part(RGBA, "rgba"),
    ],
    "a part by its name": [Part(channels(texture(shift=2)), "diffuse"), Part(RGBA, "beauty")],
    "the part without a prefix": [
        Part(channels(texture(shift=2), "spec."), "spec"),
        Part(channels(texture()), "sh010"),
    ],
    "Houdini's C": [
        Part(channels(texture(shift=2) * 2 - 1), "N"),
        Part(RGBA, "C"),
        Part({"Z": ONES}, "depth"),
    ],
    "the first view": [
        Part(channels(texture(shift=2)), "rgba.right", {"view": "right"}),
        Part(channels(texture()), "rgba.left", {"view": "left"}),
    ],
    "Blender's Combined": [
        {
            **channels(texture(), "ViewLayer.Combined."),
            **channels(texture() * 2 - 1, "ViewLayer.Normal.", "XYZ"),
            **channels(texture(shift=2), "ViewLayer.Diffuse Color."),
        }
    ],
    "the compositor's word": [
        {**channels(texture(shift=2), "ViewLayer.Combined."), **channels(texture(), "Composite.Combined.")}
    ],
    "channels in long words": [
        {**channels(texture(), "beauty.", ("red", "green", "blue")), **channels(texture(), "N.", "xyz")}
    ],
    "rgba beside light groups": [
        {
            **channels(texture(), "rgba."),
            **channels(texture(shift=2), "key."),
            **channels(texture(shift=3), "fill."),
        }
    ],
    "colour beside a luminance": [{**channels(texture(), "rgb."), "shadow.Y": ONES * 0.5}],
}


@covers(
    "kinds of pictures",
    "C. Which channels are the picture",
    variants=", ".join(PICTURES),
    result="the picture is the one the field calls so; every channel is in the result",
)
@pytest.mark.parametrize("case", PICTURES)
def test_the_picture_is_what_the_field_calls_the_picture(tmp_path, case):
    parts = PICTURES[case]
    source = write_exr(tmp_path / "in" / "a.0001.exr", *parts)
    result, _ = carried(source, tmp_path / "out" / "b.%04d.exr")
    # "the first view" has its right view first, as files of a right-handed rig have.
    expected = texture(shift=2) if case == "the first view" else texture()
    assert np.abs(mean_of(result[0][2]) - expected.mean((0, 1))).max() < 2e-3
    names = {(name, channel) for name, _, part in result for channel in part}
    assert len(names) == sum(len(part.channels if isinstance(part, Part) else part) for part in parts)


DATA = {
    "motion": {"forward.u": ONES, "forward.v": ONES},
    "normals in xyz": channels(texture(), "N.", "xyz"),
    "normals in colours": channels(texture(), "worldNormal."),
    "a position": channels(texture() * 9, "", "XYZ"),
    "depth": {"Z": ONES},
    "depth in a layer": {"depth.Z": ONES},
    "ids": {"object_id": ONES},
    "a cryptomatte": {**channels(texture(), "CryptoAsset00.", "rgba"[:3])},
    "texture coordinates": {"u": ONES, "v": ONES},
    "depth beside normals": {"Z": ONES, **channels(texture(), "N.", "XYZ")},
}


@covers(
    "kinds of pictures",
    "C. Which channels are the picture",
    variants=", ".join(DATA),
    result="data alone is refused by name",
)
@pytest.mark.parametrize("case", DATA)
def test_data_is_never_taken_for_a_picture(tmp_path, case):
    source = write_exr(tmp_path / "a.0001.exr", DATA[case])
    with pytest.raises(MediaUnreadable, match="holds no picture but data"):
        probe(SourceMedia(str(source)))


def test_several_pictures_of_one_rank_are_refused_by_name(tmp_path):
    parts = (Part(channels(texture()), "diffuse"), Part(channels(texture()), "specular"))
    source = write_exr(tmp_path / "a.0001.exr", *parts)
    with pytest.raises(MediaUnreadable, match="diffuse, specular"):
        probe(SourceMedia(str(source)))


@covers(
    "pictures",
    "EXR, scan lines",
    kept="ids, cryptomattes, depth, normals, motion, colour passes, views, overscan, each channel's type",
    reported="layers by name: carried along, or left out",
)
def test_each_layer_is_enlarged_as_its_values_allow(tmp_path):
    rng = np.random.default_rng(3)
    ids = rng.integers(0, 2**32 - 1, (16, 24), dtype=np.uint32)
    crypto = rng.random((16, 24, 4)).astype("f4") * 1e9
    normal = rng.normal(size=(16, 24, 3))
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    depth = np.where(np.arange(24) < 12, 5.0, 1e10)[None].repeat(16, 0).astype("f4")
    light = texture() * 300 - 20
    source = write_exr(
        tmp_path / "in" / "a.0001.exr",
        {
            **RGBA,
            "objectId": ids,
            **channels(crypto, "crypto00.", "RGBA", "f4"),
            **channels(normal, "N.", "XYZ", "f4"),
            "Z": depth,
            "motion.u": np.full((16, 24), 3, "f4"),
            "motion.v": np.full((16, 24), -2, "f4"),
            **channels(light, "emission.", sample="f4"),
        },
    )
    result, warnings = carried(source, tmp_path / "out" / "b.%04d.exr", size=(48, 48))
    everything = {name: values for _, _, part in result for name, values in part.items()}
    enlarged = lambda values: np.repeat(np.repeat(values, 3, 0), 2, 1)  # noqa: E731
    assert everything["objectId"].dtype == np.uint32
    assert np.array_equal(everything["objectId"], enlarged(ids))
    assert np.array_equal(everything["crypto00.G"], enlarged(crypto[..., 1]))
    lengths = np.linalg.norm([everything[f"N.{axis}"] for axis in "XYZ"], axis=0)
    assert np.allclose(lengths, 1, atol=1e-4)
    assert set(np.unique(everything["Z"])) == {5.0, np.float32(1e10)}
    assert np.all(everything["motion.u"] == 6)
    assert np.all(everything["motion.v"] == -6)
    assert light[..., 0].min() - 1e-3 <= everything["emission.R"].min()
    assert everything["emission.R"].max() <= light[..., 0].max() + 1e-3
    assert np.abs(everything["emission.R"].mean() - light[..., 0].mean()) < 2
    assert {name: everything[name].dtype for name in ("R", "Z")} == {"R": np.float16, "Z": np.float32}
    assert all(
        name in " ".join(warnings) for name in ("objectId", "crypto00", "N", "Z", "motion", "emission")
    )


@pytest.mark.parametrize("kind", ["depth.Z", "N.X", "emission.R", "motion.u"])
def test_what_is_no_number_stays_where_it_is(tmp_path, kind):
    layer, _, short = kind.rpartition(".")
    names = {"N": "XYZ", "emission": "RGB"}.get(layer, short)
    values = np.dstack([texture()[..., 0].astype("f4")] * len(names))
    values[5, 7] = np.nan
    source = write_exr(tmp_path / "in" / "a.0001.exr", {**RGBA, **channels(values, f"{layer}.", names, "f4")})
    result, _ = carried(source, tmp_path / "out" / "b.%04d.exr")
    wrong = np.argwhere(~np.isfinite(result[0][2][kind]))
    assert sorted(map(tuple, wrong)) == [(row, column) for row in (10, 11) for column in (14, 15)]


CLAIMS = {
    "multiView": ["left", "right"],
    "cryptomatte/28322e9/name": "crypto",
    "cryptomatte/28322e9/manifest": '{"a":"00000001"}',
}
LAYERED = {**RGBA, "depth.Z": ONES, **channels(texture(), "crypto00."), **channels(texture(), "right.")}


def test_headers_keep_their_claims_where_the_layers_come_along(tmp_path):
    source = write_exr(tmp_path / "in" / "a.0001.exr", LAYERED, **CLAIMS)
    (_, header, result), *_ = carried(source, tmp_path / "out" / "b.%04d.exr")[0]
    assert set(result) == set(LAYERED)
    assert list(header["multiView"]) == CLAIMS["multiView"]
    assert header["cryptomatte/28322e9/name"] == "crypto"


def test_without_the_layers_headers_claim_none_and_the_job_reports_it(tmp_path):
    source = write_exr(tmp_path / "in" / "a.0001.exr", LAYERED, **CLAIMS)
    result, warnings = carried(source, tmp_path / "out" / "b.%04d.exr", layers="main")
    assert set(result[0][2]) == set("RGBA")
    assert not [name for name in result[0][1] if name.startswith(("multiView", "cryptomatte"))]
    assert "crypto00, depth, right are left out; --layers all" in " ".join(warnings)


@covers("pictures", "EXR, several parts", reported="layers a target cannot hold")
def test_a_format_without_layers_names_what_it_leaves_out(tmp_path):
    source = write_exr(tmp_path / "in" / "a.0001.exr", LAYERED, **CLAIMS)
    _, warnings = carried(source, tmp_path / "out" / "b.%04d.png")
    assert any("left out: .png holds no layers" in warning for warning in warnings)


def test_colours_beside_the_picture_change_with_it(tmp_path):
    pytest.importorskip("PyOpenColorIO")
    red = np.zeros((16, 24, 3))
    red[..., 0] = 0.5
    source = write_exr(tmp_path / "in" / "a.0001.exr", {**channels(red), **channels(red, "diffuse.")})
    target = tmp_path / "out" / "b.%04d.exr"
    result = carried(source, target, colours=("ACEScg", "Linear Rec.709 (sRGB)"))[0][0][2]
    assert result["R"].mean() > 0.8
    assert np.abs(result["diffuse.R"].astype(float) - result["R"].astype(float)).max() < 2e-3


@covers(
    "kinds of pictures",
    "D. What does not fit is not cut",
    variants="five data windows around, inside, beside and outside the display window, at scale 1, 2, 3",
    result="windows and pixels grow with the picture",
)
@pytest.mark.parametrize("scale", [1, 2, 3])
@pytest.mark.parametrize(
    "data", [(-4, -2, 32, 20), (-4, 3, 20, 20), (2, 2, 10, 8), (0, 0, 24, 16), (30, 3, 5, 5)], ids=str
)
def test_overscan_and_windows_grow_with_the_picture(tmp_path, data, scale):
    x, y, width, height = data
    values = texture(width, height) + 1
    source = write_exr(
        tmp_path / "in" / "a.0001.exr",
        {**channels(values, sample="f4"), "Z": values[..., 0].astype("f4")},
        displayWindow=window(0, 0, 24, 16),
        dataWindow=window(*data),
    )
    result, warnings = carried(source, tmp_path / "out" / "b.%04d.exr", scale=scale)
    _, header, got = result[0]
    low, high = (np.asarray(corner) for corner in header["dataWindow"])
    assert [list(corner) for corner in header["displayWindow"]] == [[0, 0], [24 * scale - 1, 16 * scale - 1]]
    x_first, y_first = min(x, 0) * scale, min(y, 0) * scale
    right, bottom = max(x + width, 24) * scale - 1, max(y + height, 16) * scale - 1
    assert ([*low], [*high]) == ([x_first, y_first], [right, bottom])
    for name in ("R", "Z"):
        inner = got[name][y * scale - y_first :][: height * scale, x * scale - x_first :][:, : width * scale]
        expected = np.repeat(np.repeat(values[..., 0], scale, 0), scale, 1)
        assert np.abs(inner - expected).max() < (0.3 if scale > 1 else 1e-5)
    has_overscan = x < 0 or y < 0 or x + width > 24 or y + height > 16
    assert any("overscan" in warning for warning in warnings) == has_overscan


@covers(
    "pictures",
    "EXR, several parts",
    read="half, float; the part that is the picture",
    written="parts",
    kept="names, views, windows, own header values",
)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_parts_keep_their_names_views_and_own_windows(tmp_path, order):
    parts = [
        Part(RGBA, "rgba", {"view": "left", "shot": "a"}),
        Part({"Z": np.full((16, 24), 7, "f4")}, "depth", {"view": "left", "near": 0.5}),
        Part(channels(texture(12, 8), "key."), "key", {"dataWindow": window(3, 2, 12, 8)}),
    ]
    display = {"displayWindow": window(0, 0, 24, 16)}
    source = write_exr(tmp_path / "in" / "a.0001.exr", *(parts[at] for at in order), **display)
    result, _ = carried(source, tmp_path / "out" / "b.%04d.exr")
    assert result[0][0] == "rgba"
    assert {name for name, _, _ in result} == {"rgba", "depth", "key"}
    headers = {name: header for name, header, _ in result}
    assert (headers["rgba"]["view"], headers["rgba"]["shot"]) == ("left", "a")
    assert (headers["depth"]["view"], headers["depth"]["near"]) == ("left", 0.5)
    assert [list(corner) for corner in headers["key"]["dataWindow"]] == [[6, 4], [29, 19]]


def test_mixed_types_of_the_picture_itself_are_kept(tmp_path):
    source = write_exr(tmp_path / "in" / "a.0001.exr", {**channels(texture()), "A": ONES.astype("f4")})
    result = carried(source, tmp_path / "out" / "b.%04d.exr")[0][0][2]
    assert {name: str(values.dtype) for name, values in result.items()} == {
        "R": "float16",
        "G": "float16",
        "B": "float16",
        "A": "float32",
    }


@pytest.mark.parametrize("sample", ["f2", "f4"])
@pytest.mark.parametrize("name", ["Y", "I", "mask"])
def test_a_grey_picture_stays_one_channel_of_its_name(tmp_path, name, sample):
    values = texture()[..., 0].astype(sample)
    source = write_exr(tmp_path / "in" / "a.0001.exr", {name: values})
    result = carried(source, tmp_path / "out" / "b.%04d.exr", scale=1)[0][0][2]
    assert list(result) == [name]
    assert result[name].dtype == values.dtype
    assert np.allclose(result[name].astype(float), values.astype(float), atol=2e-3)


def test_header_values_of_every_kind_come_along(tmp_path):
    inputs = {
        "sensorSize": np.array([4096, 2160], "i4"),
        "cropBox": (np.array([1, 2], "i4"), np.array([5, 6], "i4")),
        "floatBox": (np.array([1, 2], "f4"), np.array([5, 6], "f4")),
        "vector": np.array([1, 2, 3], "i4"),
        "offset": np.array([0.5, 2], "f4"),
        "words": ["a", "b"],
        "capDate": "2020:01:02 03:04:05",
        "screenWindowWidth": 1.25,
        "worldToCamera": np.arange(16, dtype="f4").reshape(4, 4),
    }
    source = write_exr(tmp_path / "in" / "a.0001.exr", RGBA, **inputs)
    header = carried(source, tmp_path / "out" / "b.%04d.exr")[0][0][1]
    for name, value in inputs.items():
        assert np.all(np.asarray(header[name]) == np.asarray(value)), name


def test_a_file_of_many_frames_carries_each_frames_own_layers(tmp_path):
    for number in range(3):
        depth = np.full((16, 24), number, "f4")
        write_exr(tmp_path / "in" / f"a.{number:04d}.exr", {**RGBA, "Z": depth})
    carried(tmp_path / "in" / "a.%04d.exr", tmp_path / "out" / "b.%04d.exr")
    for number in range(3):
        result = read_exr(tmp_path / "out" / f"b.{number:04d}.exr")[0][2]
        assert np.all(result["Z"] == number)
