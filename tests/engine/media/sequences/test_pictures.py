import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its documentation uses
import pytest

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.media.sequences.picture_files.pictures import read_header, read_picture
from tests.fakes.media import numbered_picture, write_picture


@pytest.mark.parametrize(
    ("name", "sample", "channels"),
    [
        ("a.png", "uint8", 3),
        ("a.png", "uint8", 4),
        ("a.png", "uint16", 4),
        ("a.tif", "uint16", 3),
        ("a.tif", "float32", 4),
        ("a.exr", "float16", 4),
        ("a.exr", "float32", 3),
        ("a.dpx", "uint16", 3),
    ],
)
def test_pixels_come_as_the_file_has_them(tmp_path, name, sample, channels):
    written = numbered_picture(5, sample=sample, channels=channels)
    header, pixels = read_picture(write_picture(tmp_path / name, written))
    assert pixels.dtype == np.dtype(sample)
    assert np.array_equal(pixels, written)
    assert header.sample == sample
    assert (header.width, header.height) == (96, 64)
    assert header.channels.has_alpha == (channels == 4)


def test_a_ten_bit_picture_has_its_depth(tmp_path):
    path = write_picture(tmp_path / "a.dpx", numbered_picture(5, sample="uint16"), {"oiio:BitsPerSample": 10})
    assert read_header(path).bit_depth == 10


def test_a_grey_picture_becomes_three_channels_and_is_remembered(tmp_path):
    grey = numbered_picture(5)[..., 0]
    header, pixels = read_picture(write_picture(tmp_path / "a.png", grey[..., None]))
    assert header.channels.is_grey
    assert pixels.shape == (64, 96, 3)
    assert np.array_equal(pixels[..., 1], grey)


@pytest.mark.parametrize(
    "window", [(10, 4, 200, 100), (-8, -4, 96, 64), (-8, 30, 80, 60), (300, 0, 200, 100)]
)
def test_pixels_lie_in_the_display_window(tmp_path, window):
    left, top, width, height = window
    written = numbered_picture(5, sample="float16")
    header, pixels = read_picture(write_picture(tmp_path / "a.exr", written, window=window))
    canvas = np.zeros((height + 400, width + 800, 3), np.float16)
    canvas[200 + top : 264 + top, 400 + left : 496 + left] = written
    assert (header.width, header.height) == (width, height)
    assert np.array_equal(pixels, canvas[200 : 200 + height, 400 : 400 + width])


def test_a_named_layer_is_read_when_it_is_the_only_one(tmp_path):
    written = numbered_picture(5, sample="float16")
    path = write_picture(tmp_path / "a.exr", written, channel_names=("beauty.R", "beauty.G", "beauty.B"))
    assert np.array_equal(read_picture(path)[1], written)


@pytest.mark.parametrize("depth_first", [True, False])
def test_the_part_with_colour_is_read_of_many(tmp_path, depth_first):
    written = numbered_picture(5, sample="float16", channels=4)
    parts = [(written, ("R", "G", "B", "A")), (written[..., :1].copy(), ("Z",))]
    path = str(tmp_path / "parts.exr")
    specs = []
    for pixels, names in parts[::-1] if depth_first else parts:
        spec = oiio.ImageSpec(96, 64, len(names), "half")
        spec.channelnames = names
        spec.attribute("oiio:subimagename", names[0])
        specs.append((spec, pixels))
    output = oiio.ImageOutput.create(path)
    assert output.open(path, tuple(spec for spec, _ in specs))
    assert output.write_image(specs[0][1])
    assert output.open(path, specs[1][0], "AppendSubimage")
    assert output.write_image(specs[1][1])
    output.close()
    assert np.array_equal(read_picture(tmp_path / "parts.exr")[1], written)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_orientation_is_applied(tmp_path, orientation):
    written = numbered_picture(5)
    path = write_picture(tmp_path / "a.tif", written, {"Orientation": orientation})
    turns = {3: 2, 6: -1, 8: 1}[orientation]
    header, pixels = read_picture(path)
    assert np.array_equal(pixels, np.rot90(written, turns))
    assert (header.height, header.width) == pixels.shape[:2]


@pytest.mark.parametrize(
    ("name", "content"), [("a.png", b""), ("a.png", b"no picture at all"), ("a.exr", b"\x76\x2f\x31\x01")]
)
def test_what_is_no_picture_is_refused_with_a_sentence(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MediaUnreadable, match="copy or export it again"):
        read_picture(tmp_path / name)


@pytest.mark.parametrize("name", ["a.png", "a.exr", "a.tif"])
def test_a_picture_cut_short_is_refused(tmp_path, name):
    sample = "float16" if name.endswith("exr") else "uint8"
    path = write_picture(tmp_path / name, numbered_picture(5, 320, 240, sample=sample))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(MediaUnreadable, match="damaged or cut short"):
        read_picture(path)


def test_a_missing_picture_is_called_missing(tmp_path):
    with pytest.raises(MediaUnreadable, match="no such file"):
        read_picture(tmp_path / "no.png")
