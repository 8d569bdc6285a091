"""Frames that are named in another padding, in other letters or by another spelling of their kind."""

import pytest

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.media.sequences.names_alike import names_alike
from tests.compatibility.claims import covers
from tests.fakes.media import numbered_picture, write_picture
from tests.fakes.systems import skip_without_capitals


def write(folder, *names):
    for name in names:
        write_picture(folder / "plain.png", numbered_picture(1)).rename(folder / name)


def test_what_is_alike():
    names = ["a.1.png", "A.0002.PNG", "a.-3.png", "a.x.png", "ab.4.png", "a.5.tif", "a.6.jpg"]
    assert names_alike(names, "a.", ".png") == {"a.1.png": 1, "A.0002.PNG": 2, "a.-3.png": -3}
    assert names_alike(["1.JPEG", "2.jpg"], "", ".jpg") == {"1.JPEG": 1, "2.jpg": 2}
    assert names_alike(["a1_v2.TIFF"], "a", "_v2.tif") == {"a1_v2.TIFF": 1}


BESIDE = {
    "another padding": (("a.8.png", "a.9.png"), ("a.0010.png", "a.0011.png"), "a.%d.png", "a.0010.png and 1"),
    "other letters": (("A.0001.PNG",), ("A.0002.png",), "A.%04d.PNG", "A.0002.png beside"),
    "another spelling of the kind": (("a.1.jpg",), ("a.2.jpeg",), "a.%d.jpg", "a.2.jpeg beside"),
    "bare numbers": (("0001.png",), ("2.png",), "%04d.png", "2.png beside"),
}  # fmt: skip


@covers(
    "kinds of pictures",
    "F. Frame numbers",
    variants="frames beside the pattern in another padding, other letters, .jpeg beside .jpg, bare numbers",
    result="named before rendering as not read; not where --frames leaves them out",
)
@pytest.mark.parametrize("kind", BESIDE)
def test_frames_that_are_spelled_otherwise_are_named(tmp_path, kind):
    if kind == "other letters":
        skip_without_capitals()
    names, beside, pattern, words = BESIDE[kind]
    write(tmp_path, *names)
    assert probe(SourceMedia(str(tmp_path / pattern))).notes == ()
    write(tmp_path, *beside)
    info = probe(SourceMedia(str(tmp_path / pattern)))
    assert len(info.available) == len(names)
    assert words in info.notes[0]
    span = (info.available.first, info.available.last)
    assert probe(SourceMedia(str(tmp_path / pattern), *span)).notes == ()


@pytest.mark.parametrize("pattern", ["A.%04d.png", "a.%d.PNG", "a.%04d.tiff"])
def test_a_pattern_without_files_names_one_that_is_spelled_otherwise(tmp_path, pattern):
    if pattern.startswith("A"):
        skip_without_capitals()
    write(tmp_path, "A.0001.PNG", "a.00001.tif")
    with pytest.raises(MediaUnreadable, match="is there: write its digits") as raised:
        probe(SourceMedia(str(tmp_path / pattern)))
    assert ("a.00001.tif" if "tif" in pattern else "A.0001.PNG") in str(raised.value)


def test_a_gap_names_the_frame_that_is_spelled_otherwise(tmp_path):
    write(tmp_path, "a.0001.png", "a.2.png", "a.0003.png")
    with pytest.raises(MediaUnreadable, match=r"a\.2\.png is there, in other digits or letters"):
        probe(SourceMedia(str(tmp_path / "a.%04d.png")))
