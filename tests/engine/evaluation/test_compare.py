import av
import cv2
import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings, MediaUnreadable
from sparkvsr_engine.evaluation.compare import CompareOptions, compare, paired
from sparkvsr_engine.evaluation.measures.fidelity import psnr_y
from sparkvsr_engine.evaluation.measures.weights import MetricWeights
from sparkvsr_engine.evaluation.metrics import MetricOptions
from sparkvsr_engine.evaluation.pixels import resize_bicubic
from sparkvsr_engine.evaluation.viewing import View
from tests.fakes.media import write_movie, write_picture
from tests.fakes.scenes import scene, softened

LABELS = ("before", "after")


def write_clip(folder, pictures, first=1001):
    folder.mkdir()
    for number, picture in enumerate(pictures, first):
        write_picture(folder / f"plate.{number}.png", picture)
    return folder


@pytest.fixture
def sharp(tmp_path):
    return write_clip(tmp_path / "sharp", [scene(number) for number in range(4)])


@pytest.fixture
def soft(tmp_path):
    return write_clip(tmp_path / "soft", [softened(scene(number)) for number in range(4)], first=1)


@pytest.fixture
def options(tmp_path):
    metrics = MetricOptions(MetricWeights(tmp_path / "none"), names=("psnr_y", "tof", "lpips"))

    def make(first, second, **changes):
        return CompareOptions(first, second, tmp_path / "out", metrics, labels=LABELS, **changes)

    return make


def test_figures_measure_how_far_the_second_is_from_the_first(sharp, soft, options):
    message = []
    result = compare(
        options(sharp, soft, makes_movie=False), lambda done, in_all: message.append((done, in_all))
    )
    assert result.frames == 4
    assert result.summary["psnr_y"] == pytest.approx(31.3, abs=0.3)
    assert [row.frame for row in result.rows] == [1001, 1002, 1003, 1004]
    assert message == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert result.notes[0].startswith("LPIPS is left out")


def test_pictures_of_sampled_frames_are_left(sharp, soft, options):
    result = compare(options(sharp, soft, samples=2, makes_movie=False))
    names = [file.name for file in result.files]
    pictures = ["wipe_1001.png", "difference_1001.png", "wipe_1003.png", "difference_1003.png"]
    assert names[:2] == ["compare.md", "frames.csv"]
    assert sorted(names[2:]) == sorted(pictures)
    page = result.files[0].read_text()
    assert "| PSNR-Y dB | 31." in page
    assert all(f"({name})" in page for name in pictures)
    wipe = cv2.imread(str(result.files[2]), cv2.IMREAD_COLOR_RGB)
    assert np.array_equal(wipe[60:, :90], scene(0)[60:, :90])
    assert np.array_equal(wipe[60:, 100:], softened(scene(0))[60:, 100:])


def test_a_movie_shows_both_next_to_each_other(sharp, soft, options):
    result = compare(options(sharp, soft, samples=1))
    movie = next(file for file in result.files if file.suffix == ".mp4")
    with View(movie) as view:
        assert view.frames == 4
        # Luma, because the movie has colour at half the size only.
        assert psnr_y(view.read(2), paired(scene(2), softened(scene(2)), LABELS)) > 27


def test_the_movie_keeps_the_first_clips_rate_and_sound(tmp_path, options):
    clip = write_movie(tmp_path / "clip.mp4", frames=24, audio="aac")
    result = compare(options(clip, clip, samples=1))
    movie = next(file for file in result.files if file.suffix == ".mp4")
    with av.open(str(clip)) as source, av.open(str(movie)) as target:
        assert target.streams.video[0].average_rate == source.streams.video[0].average_rate
        assert len(target.streams.audio) == 1
    assert result.summary["psnr_y"] == 100.0


def test_clips_of_unequal_size_get_pictures_but_no_figures(tmp_path, sharp, options):
    small = write_clip(tmp_path / "small", [resize_bicubic(scene(n), 48, 36) for n in range(4)])
    result = compare(options(small, sharp, samples=1))
    assert result.summary == {}
    assert "The sizes differ (48x36 and 192x144)" in result.notes[0]
    wipe = cv2.imread(str(next(file for file in result.files if file.name.startswith("wipe"))))
    assert wipe.shape == (144, 192, 3)
    assert not any(file.name.startswith("difference") for file in result.files)


def test_the_shorter_clip_ends_the_comparison(tmp_path, sharp, options):
    short = write_clip(tmp_path / "short", [scene(number) for number in range(2)])
    result = compare(options(sharp, short, makes_movie=False))
    assert result.frames == 2
    assert result.notes[0] == "A has 4 frames, B 2; the first 2 are compared."


def test_scene_linear_pictures_are_shown_through_the_srgb_curve(tmp_path, sharp, options):
    folder = tmp_path / "linear"
    folder.mkdir()
    for number in range(4):
        code = scene(number).astype(np.float32) / 255
        linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
        write_picture(folder / f"plate.{number:04d}.exr", linear.astype(np.float16))
    result = compare(options(sharp, folder, makes_movie=False))
    assert result.summary["psnr_y"] > 55


def test_a_clip_that_is_not_there_is_named(tmp_path, sharp, options):
    with pytest.raises(MediaUnreadable, match=r"missing\.mp4"):
        compare(options(sharp, tmp_path / "missing.mp4"))


def test_no_samples_are_refused(sharp, options):
    with pytest.raises(InvalidSettings, match="1 frame or more"):
        options(sharp, sharp, samples=0)
