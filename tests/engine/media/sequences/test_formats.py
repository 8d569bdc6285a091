import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.media.sequences.picture_files.formats import sample_for, write_options


@pytest.mark.parametrize(
    ("name", "sample", "bits", "expected"),
    [
        ("a.png", "uint8", 8, "uint8"),
        ("a.png", "uint16", 10, "uint16"),
        ("a.png", "float16", 16, "uint16"),
        ("a.tif", "float16", 16, "float32"),
        ("a.tif", "float32", 32, "float32"),
        ("a.exr", "uint8", 8, "float16"),
        ("a.exr", "uint16", 16, "float16"),
        ("a.exr", "float32", 32, "float32"),
        ("a.jpg", "uint16", 16, "uint8"),
        ("a.dpx", "uint16", 10, "uint16"),
    ],
)
def test_a_frame_keeps_its_bits_where_the_format_can(name, sample, bits, expected):
    assert sample_for(name, sample, bits) == expected


def test_options_are_the_measured_ones():
    assert write_options("a.png", 0, 8) == {"png:compressionLevel": 1, "png:filter": 16}
    assert write_options("a.exr", 0, 16)["compression"] == "zip:1"
    assert write_options("a.jpg", 60, 8) == {"CompressionQuality": 60, "jpeg:subsampling": "4:2:0"}
    assert write_options("a.jpg", 0, 8) == {"CompressionQuality": 95, "jpeg:subsampling": "4:4:4"}
    assert write_options("a.webp", 0, 8) == {"CompressionQuality": 95}
    assert write_options("a.dpx", 0, 10)["oiio:BitsPerSample"] == 10


def test_an_unknown_extension_is_refused_with_the_known_ones():
    with pytest.raises(InvalidSettings, match=r"\.exr.*\.png"):
        sample_for("a.gif", "uint8", 8)
