"""Languages and purposes of tracks: in the result by FFmpeg's word, or named before rendering."""

import av
import pytest
from av.stream import Disposition

from sparkvsr_engine.media.movies.other_tracks.track_plans import plan_tracks
from sparkvsr_engine.media.movies.other_tracks.track_words import written_language
from tests.compatibility.claims import covers
from tests.compatibility.command_line import upscaled
from tests.fakes.ffmpeg import X264, ffmpeg

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.2")
SOUND = ("-f", "lavfi", "-i", "sine=d=0.2")


def source_of(folder, language, purpose=0):
    words = ("-metadata:s:a:0", f"language={language}", "-disposition:a:0", str(purpose))
    ffmpeg(folder, *PICTURE, *SOUND, *X264, "-c:a", "flac", *words, "source.mkv")
    return folder / "source.mkv"


@covers(
    "kinds of movies",
    "Tracks beside the picture",
    variants="languages by both codes of ISO 639-2, and languages QuickTime has no number for",
    result="kept; where a container has no code for one it is named before rendering",
)
@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("fre", "fra"),
        ("fra", "fra"),
        ("deu", "ger"),
        ("jpn", "jpn"),
        ("cze", "ces"),
        ("zho", "chi"),
        ("afr", ""),
    ],
)
def test_a_tracks_language_is_kept_in_quicktime_or_named(tmp_path, language, written):
    text = upscaled(source_of(tmp_path, language), tmp_path / "o.mov")
    with av.open(str(tmp_path / "o.mov")) as container:
        assert container.streams.audio[0].metadata.get("language", "") == written
    assert any("no code for its language" in warning for warning in text.warnings) == (not written)


@pytest.mark.parametrize("container", ["mp4", "matroska", "webm"])
def test_other_containers_take_every_language_as_it_is(tmp_path, container):
    assert written_language("fre", container) == "fre"
    warnings = plan_tracks(source_of(tmp_path, "afr"), container).warnings
    assert not any("language" in warning for warning in warnings)


PURPOSES = {
    "commentary": Disposition.comment,
    "a dub": Disposition.dub,
    "for the visually impaired": Disposition.visual_impaired,
    "the original language": Disposition.original,
}


@covers(
    "kinds of movies",
    "Tracks beside the picture",
    variants="commentary, dubs, tracks for the visually impaired, in every container",
    result="marked so in the result, or named before rendering",
)
@pytest.mark.parametrize("target", ["o.mkv", "o.mp4", "o.mov", "o.webm"])
@pytest.mark.parametrize("purpose", PURPOSES)
def test_what_a_track_is_for_is_kept_or_named(tmp_path, purpose, target):
    text = upscaled(source_of(tmp_path, "eng", PURPOSES[purpose].name), tmp_path / target)
    with av.open(str(tmp_path / target)) as container:
        is_kept = PURPOSES[purpose] in container.streams.audio[0].disposition
    assert is_kept != any(f"is marked as {purpose}" in warning for warning in text.warnings)


@covers(
    "kinds of movies",
    "Tracks beside the picture",
    variants="covers in MP4, Matroska, QuickTime and WebM",
    result="kept, or named before rendering",
)
@pytest.mark.parametrize("target", ["o.mkv", "o.mp4", "o.mov", "o.webm"])
def test_a_cover_is_kept_or_named(tmp_path, target):
    ffmpeg(tmp_path, "-f", "lavfi", "-i", "color=red:s=32x32", "-frames:v", "1", "cover.png")
    how = ("-map", "0", "-map", "1", *X264, "-c:v:1", "copy", "-disposition:v:1", "attached_pic")
    ffmpeg(tmp_path, *PICTURE, "-i", "cover.png", *how, "source.mp4")
    text = upscaled(tmp_path / "source.mp4", tmp_path / target)
    with av.open(str(tmp_path / target)) as container:
        covers_kept = [
            stream for stream in container.streams if Disposition.attached_pic in stream.disposition
        ]
    assert len(covers_kept) == (target in ("o.mkv", "o.mp4"))
    assert any("cover picture" in warning for warning in text.warnings) == (not covers_kept)
