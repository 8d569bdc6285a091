import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.errors import InvalidSettings, MediaUnreadable, OutputUnwritable
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.file_names import require_short_name
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.media.sequences.numbering import NumberedPattern, require_no_gap, sequence_in
from tests.compatibility.claims import covers
from tests.fakes.media import numbered_picture, write_picture
from tests.fakes.systems import skip_without_name


def touch(folder, *names):
    for name in names:
        (folder / name).touch()


@pytest.mark.parametrize(
    ("text", "number", "name"),
    [
        ("plate.%04d.exr", 7, "plate.0007.exr"),
        ("plate.####.png", 12345, "plate.12345.png"),
        ("%d.png", 7, "7.png"),
        ("#.png", 7, "7.png"),
        ("a_v002_%05d.tif", 1001, "a_v002_01001.tif"),
        ("plate.@@@@.exr", 7, "plate.0007.exr"),
        ("plate.$F4.exr", 7, "plate.0007.exr"),
        ("plate_$F.exr", 7, "plate_7.exr"),
    ],
)
def test_both_ways_of_writing_a_pattern_are_understood(text, number, name):
    pattern = NumberedPattern.parse(f"folder/{text}")
    assert pattern.path_of(number) == Path("folder") / name
    assert pattern.number_of(name) == number


@covers(
    "kinds of pictures",
    "F. Frame numbers",
    variants="any number, 1 to 8 digits",
    result="names and numbers are inverses",
)
@given(st.integers(0, 10**8), st.integers(1, 8))
def test_a_name_and_its_number_are_inverses(number, digits):
    pattern = NumberedPattern(Path("f"), "plate.", digits, ".exr")
    assert pattern.number_of(pattern.path_of(number).name) == number


@pytest.mark.parametrize(
    "name",
    [
        "plate.00007.exr",
        "plate.7.exr",
        "plate.0007.png",
        "plate..exr",
        "plate.0007.partial.exr",
        "plate.\u0660\u0660\u0660\u0667.exr",
    ],
)
def test_names_of_another_padding_do_not_count(name):
    assert NumberedPattern.parse("plate.%04d.exr").number_of(name) is None


def test_two_places_for_the_number_are_refused():
    with pytest.raises(InvalidSettings, match="2 places"):
        NumberedPattern.parse("a.%04d.%04d.exr")


def test_a_name_without_a_place_is_no_pattern():
    assert NumberedPattern.parse("plate.exr") is None


def test_a_folder_with_one_sequence_is_that_sequence(tmp_path):
    touch(
        tmp_path,
        "sh010_v02.1001.exr",
        "sh010_v02.1002.exr",
        "notes.txt",
        "sh010_v02.1003.partial.exr",
        "cover.png",
    )
    pattern = sequence_in(tmp_path)
    assert str(pattern) == str(tmp_path / "sh010_v02.%04d.exr")
    assert pattern.numbers() == [1001, 1002]


def test_unpadded_numbers_are_one_sequence(tmp_path):
    touch(tmp_path, *(f"{number}.png" for number in range(8, 12)))
    assert sequence_in(tmp_path).numbers() == [8, 9, 10, 11]


def test_a_folder_with_two_sequences_is_refused_with_both(tmp_path):
    touch(tmp_path, "beauty.0001.exr", "beauty.0002.exr", "matte.0001.png")
    with pytest.raises(
        MediaUnreadable, match=r"2 numbered sequences.*beauty\.%04d\.exr \(1-2\).*matte\.%04d\.png \(1\)"
    ):
        sequence_in(tmp_path)


def test_a_folder_without_pictures_is_refused_with_what_to_name(tmp_path):
    touch(tmp_path, "notes.txt", "movie.mp4")
    with pytest.raises(MediaUnreadable, match="no numbered pictures"):
        sequence_in(tmp_path)


def test_a_missing_folder_is_reported_as_missing(tmp_path):
    with pytest.raises(MediaUnreadable, match="no such file"):
        NumberedPattern.parse(str(tmp_path / "no" / "a.%04d.png")).numbers()
    with pytest.raises(MediaUnreadable, match="no file matches"):
        NumberedPattern.parse(str(tmp_path / "a.%04d.png")).numbers()


def test_a_gap_is_named_frame_by_frame():
    pattern = NumberedPattern.parse("plate.%04d.exr")
    numbers = [*range(1001, 1004), *range(1007, 1011)]
    with pytest.raises(
        MediaUnreadable, match=r"frames 1004-1006 are missing .* supply them or narrow --frames"
    ):
        require_no_gap(pattern, numbers, FrameSpan(1001, 1011))
    with pytest.raises(MediaUnreadable, match="frame 1006 is missing"):
        require_no_gap(pattern, numbers, FrameSpan(1006, 1011))
    require_no_gap(pattern, numbers, FrameSpan(1007, 1011))


def test_a_frame_whose_name_is_in_other_letters_is_named(tmp_path):
    (tmp_path / "Plate.0002.EXR").write_bytes(b"")
    pattern = NumberedPattern.parse(str(tmp_path / "plate.%04d.exr"))
    with pytest.raises(MediaUnreadable, match=r"frame 2 is missing .* Plate\.0002\.EXR is there"):
        require_no_gap(pattern, [1, 3], FrameSpan(1, 4))


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("%04d.jpg", ".jpg"),
        ("####.EXR", ".exr"),
        ("plate.%04d.exr", ".exr"),
        ("plate_v2.%d_left.tif", ".tif"),
        ("plate%d", ""),
    ],
)
def test_the_extension_is_recognized_wherever_the_number_stands(name, extension):
    pattern = NumberedPattern.parse(f"/shots/{name}")
    assert pattern is not None
    assert pattern.extension == extension


@pytest.mark.parametrize("name", ["icon@2x.png", "a$F.png", "mail@home.0001.png"])
def test_letters_of_ordinary_names_are_no_place(name):
    assert NumberedPattern.parse(name) is None


@covers("kinds of pictures", "F. Frame numbers", variants="%V, %v", result="refused for what they are")
@pytest.mark.parametrize("path", ["shot_%V.%04d.exr", "%v/shot.%04d.exr", "shot.%V.####.exr"])
def test_a_place_for_views_is_refused_for_what_it_is(path):
    with pytest.raises(InvalidSettings, match="several views"):
        NumberedPattern.parse(path)


@covers(
    "kinds of pictures",
    "F. Frame numbers",
    variants="any number below 0, 1 to 8 digits, both ways to pad",
    result="names and numbers are inverses",
)
@given(st.integers(-(10**6), -1), st.integers(1, 8), st.booleans())
def test_numbers_below_0_are_read_in_both_spellings(number, digits, counts_apart):
    pattern = NumberedPattern(
        Path("f"), "plate.", digits, ".exr", negative_digits=digits if counts_apart else None
    )
    assert pattern.number_of(pattern.path_of(number).name) == number


@pytest.mark.parametrize("spelling", ["%05d", "%04d"])
@pytest.mark.parametrize("by_folder", [True, False])
def test_frames_below_0_are_part_of_their_sequence(tmp_path, spelling, by_folder):
    names = {number: f"a.{(spelling if number < 0 else '%04d') % number}.png" for number in range(-12, 3)}
    touch(tmp_path, *names.values())
    pattern = sequence_in(tmp_path) if by_folder else NumberedPattern.parse(str(tmp_path / "a.%04d.png"))
    pattern = pattern.as_spelled()
    assert pattern.numbers() == list(range(-12, 3))
    assert {number: pattern.path_of(number).name for number in names} == names


def test_frames_below_0_of_two_spellings_are_refused(tmp_path):
    touch(tmp_path, "a.-003.png", "a.-0002.png", "a.0000.png")
    with pytest.raises(MediaUnreadable, match="different lengths"):
        NumberedPattern.parse(str(tmp_path / "a.%04d.png")).as_spelled()


def test_a_dash_before_a_number_is_no_sign_where_it_joins(tmp_path):
    touch(tmp_path, "shot-0001.png", "shot-0002.png")
    assert sequence_in(tmp_path).numbers() == [1, 2]


SPELLINGS = {
    "a.[0001-0003].png": "write a.%04d.png and --frames 1-3",
    "a.{frame:04d}.png": "write a.%04d.png.",
    "a.<F4>.png": "write a.%04d.png.",
    "a.<frame>.png": "write a.%04d.png.",
    "a.*.png": "write a.%04d.png.",
    "a.????.png": "write a.%04d.png.",
    "a.$FF.png": "write a.%04d.png.",
    "a.1-3@@@@.png": "write a.%04d.png and --frames 1-3",
    "a.1-3#.png": "write a.%04d.png and --frames 1-3",
    "a.1001-1003.png": "write a.%04d.png and --frames 1001-1003",
    "a.1001-1010x2#.png": "--frames 1001-1010",
    "a.%04d.png 1-3": "write a.%04d.png and --frames 1-3",
    "a.####.png 1-3": "write a.####.png and --frames 1-3",
    "a.{1001..1003}.png": "write a.%04d.png and --frames 1001-1003",
    "a.${F6}.png": "write a.%06d.png.",
    "a.`$F`.png": "write a.%04d.png.",
    "a.$N4.png": "write a.%04d.png.",
    "a.%06i.png": "write a.%06d.png.",
    "a.<UDIM>.png": "write a.%04d.png.",
}


@covers(
    "kinds of pictures",
    "F. Frame numbers",
    variants=", ".join(SPELLINGS),
    result="refused with the spelling that is read; %04d, ####, @@@@ and $F4 are read",
)
@pytest.mark.parametrize("name", SPELLINGS)
def test_other_programs_spellings_are_refused_with_the_right_one(tmp_path, name):
    touch(tmp_path, "a.0001.png", "a.0002.png")
    with pytest.raises(MediaUnreadable, match="which is not read here") as raised:
        probe(SourceMedia(str(tmp_path / name)))
    assert SPELLINGS[name] in raised.value.message


@pytest.mark.parametrize("name", ["a.1-3.png", "take[2].png", "a{b}.png", "shot-010-020.png"])
def test_files_of_such_names_are_what_they_are(tmp_path, name):
    write_picture(tmp_path / name, numbered_picture(1))
    assert len(probe(SourceMedia(str(tmp_path / name))).available) == 1


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text there")
@covers(
    "kinds of pictures", "M. Types of values", variants="names that are no UTF-8", result="refused for it"
)
def test_names_that_are_no_text_are_refused_for_it(tmp_path):
    write_picture(tmp_path / "a.0001.png", numbered_picture(1))
    name = os.fsdecode(b"b\xff.0001.png")
    (tmp_path / "a.0001.png").rename(tmp_path / name)
    for request in (tmp_path, tmp_path / name, tmp_path / os.fsdecode(b"b\xff.%04d.png")):
        with pytest.raises(MediaUnreadable, match=r"b\\xff.* no UTF-8 text; rename it"):
            probe(SourceMedia(str(request)))
    with pytest.raises(OutputUnwritable, match="no UTF-8 text; choose another"):
        require_short_name(tmp_path / name)


@pytest.mark.parametrize("name", ["a#3", "take@2", "$HOME.a", "a?b", "50%"])
def test_signs_of_other_spellings_are_letters_beside_a_number_of_ours(tmp_path, name):
    skip_without_name(name)
    touch(tmp_path, f"{name}.0001.png", f"{name}.0002.png")
    pattern = NumberedPattern.parse(str(tmp_path / f"{name}.%04d.png"))
    assert (pattern.head, pattern.numbers()) == (f"{name}.", [1, 2])


@pytest.mark.parametrize("place", ["$F4", "@@@@", "####", "%04d"])
def test_a_name_may_begin_with_its_number(tmp_path, place):
    touch(tmp_path, "0007.png")
    assert NumberedPattern.parse(str(tmp_path / f"{place}.png")).numbers() == [7]


@covers(
    "kinds of pictures",
    "F. Frame numbers",
    variants="shot_0001_v002.png by its folder, folders and programs' files among the frames",
    result="the number that changes is the frame's; what is no picture is none",
)
def test_the_number_that_changes_is_the_frames(tmp_path):
    touch(
        tmp_path,
        *(f"shot_{number:04d}_v002.png" for number in (7, 8, 9)),
        "Thumbs.db",
        "._shot_0010_v002.png",
    )
    (tmp_path / "shot_0011_v002.png").mkdir()
    pattern = sequence_in(tmp_path)
    assert (pattern.numbers(), pattern.tail) == ([7, 8, 9], "_v002.png")


def test_versions_of_several_frames_stay_distinct(tmp_path):
    touch(tmp_path, *(f"shot_{number:04d}_v{version:03d}.png" for number in (1, 2) for version in (1, 2)))
    with pytest.raises(MediaUnreadable, match="2 numbered sequences"):
        sequence_in(tmp_path)


@pytest.mark.parametrize("extension", ["qoi", "jls", "pcx", "avif", "xyz"])
def test_numbered_files_of_a_format_that_is_not_read_are_refused_for_it(tmp_path, extension):
    touch(tmp_path, f"a.0001.{extension}", f"a.0002.{extension}")
    with pytest.raises(
        MediaUnreadable, match=f"2 .{extension} files, a format that is not read as a sequence"
    ):
        probe(SourceMedia(str(tmp_path / f"a.%04d.{extension}")))
