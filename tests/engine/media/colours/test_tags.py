import pytest

from sparkvsr_engine.media.colours.tags import BT601, BT709, BT2020, ColourTags, output_tags


@pytest.mark.parametrize(("height", "expected"), [(480, BT601), (719, BT601), (720, BT709), (2160, BT709)])
def test_an_untagged_movie_is_taken_for_what_players_take_it(height, expected):
    assert ColourTags().matrix_for(height) == expected


def test_a_tag_counts_more_than_the_size():
    assert ColourTags(matrix=BT2020).matrix_for(480) == BT2020


def test_tags_of_the_source_are_kept():
    hdr = ColourTags(9, 16, 9, full_range=False)
    assert output_tags(hdr, 2160) == hdr


def test_an_untagged_clip_that_grows_past_hd_is_tagged_as_what_it_becomes():
    assert output_tags(ColourTags(), 1080) == ColourTags(1, 1, 1, full_range=False)
    assert output_tags(ColourTags(), 540) == ColourTags(6, 6, 6, full_range=False)


def test_full_range_stays_full_range():
    assert output_tags(ColourTags(1, 1, 1, full_range=True), 1080).full_range is True


def test_rgb_tags_get_a_matrix_for_yuv():
    assert output_tags(ColourTags(9, 16, 0), 2160).matrix == BT2020
    assert output_tags(ColourTags(1, 13, 0), 2160).matrix == BT709


def test_tags_have_words():
    assert ColourTags(9, 16, 9).describe() == "BT.2020 PQ"
    assert ColourTags(1, 1, 1).describe() == "BT.709"
    assert ColourTags().describe() == ""
