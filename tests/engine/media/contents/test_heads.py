"""Files whose contents do not match their names."""

import gzip
import shutil
import zipfile

import pytest

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.probe import probe
from tests.compatibility.claims import covers
from tests.fakes.media import numbered_picture, write_movie, write_picture


def zipped(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.png", b"x")


def movie(container):
    def write(path):
        write_movie(path.with_suffix(container), frames=2)
        shutil.move(path.with_suffix(container), path)

    return write


CONTENTS = {
    "a web page": (lambda path: path.write_text("\n<!DOCTYPE html><p>404"), "get the file itself"),
    "a Git LFS pointer": (lambda path: path.write_text("version https://git-lfs.example/v1\n"), "lfs pull"),
    "a ZIP archive": (zipped, "unpack it"),
    "a gzip archive": (lambda path: path.write_bytes(gzip.compress(b"x" * 99)), "unpack it"),
}  # fmt: skip


@covers(
    "kinds of pictures",
    "L. One reader decides",
    variants="web pages, Git LFS pointers, ZIP and gzip archives, movies, in pictures' and movies' names",
    result="refused for what they are, not as damaged; pictures named as movies are read",
)
@pytest.mark.parametrize("name", ["a.0001.png", "a.0001.exr", "a.mp4"])
@pytest.mark.parametrize("content", CONTENTS)
def test_what_is_no_media_is_named_for_what_it_is(tmp_path, content, name):
    write, advice = CONTENTS[content]
    write(tmp_path / name)
    with pytest.raises(MediaUnreadable, match=f"it is {content}.*{advice}"):
        probe(SourceMedia(str(tmp_path / name)))


@pytest.mark.parametrize(
    ("container", "words"), [(".mp4", "an MP4"), (".mkv", "a Matroska"), (".avi", "an AVI")]
)
def test_a_movie_in_a_pictures_name_is_named_for_what_it_is(tmp_path, container, words):
    movie(container)(tmp_path / "a.0001.png")
    with pytest.raises(MediaUnreadable, match=f"it is {words}.* give it the extension of a movie"):
        probe(SourceMedia(str(tmp_path / "a.0001.png")))


def test_a_movie_that_is_cut_short_is_still_called_so(tmp_path):
    write_movie(tmp_path / "a.mp4", frames=2)
    (tmp_path / "a.mp4").write_bytes((tmp_path / "a.mp4").read_bytes()[:40])
    with pytest.raises(MediaUnreadable, match="damaged or cut short"):
        probe(SourceMedia(str(tmp_path / "a.mp4")))


def test_a_picture_in_a_movies_name_is_read(tmp_path):
    write_picture(tmp_path / "a.png", numbered_picture(1)).rename(tmp_path / "a.mp4")
    assert probe(SourceMedia(str(tmp_path / "a.mp4"))).width == 96
