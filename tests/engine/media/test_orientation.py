import struct

import numpy as np
import pytest

from sparkvsr_engine.media.orientation import orientation_of_matrix, swaps_sides, upright

# Where the letters of [[a, b], [c, d]] must be seen for each EXIF orientation.
SEEN = {1: "ab cd", 2: "ba dc", 3: "dc ba", 4: "cd ab", 5: "ac bd", 6: "ca db", 7: "db ca", 8: "bd ac"}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_orientation_shows_pixels_where_exif_puts_them(orientation):
    stored = np.array([["a", "b"], ["c", "d"]])[..., None]
    picture = upright(stored, orientation)[..., 0]
    assert " ".join("".join(row) for row in picture) == SEEN[orientation]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_sides_are_swapped_where_that_is_marked(orientation):
    height, width = upright(np.zeros((2, 3, 3)), orientation).shape[:2]
    assert ((height, width) == (3, 2)) == swaps_sides(orientation)


def test_results_are_contiguous():
    assert upright(np.zeros((4, 6, 3)), 6).flags.c_contiguous


def test_an_unknown_value_counts_as_upright():
    stored = np.arange(12).reshape(2, 2, 3)
    assert (upright(stored, 0) == stored).all()


@pytest.mark.parametrize(
    ("matrix", "expected"), [((1, 0, 0, 1), 1), ((0, 1, -1, 0), 6), ((-1, 0, 0, -1), 3), ((0, -1, 1, 0), 8)]
)
def test_display_matrices_are_distinguished(matrix, expected):
    a, b, c, d = (value << 16 for value in matrix)
    assert orientation_of_matrix(struct.pack("<9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)) == expected


def test_a_slanted_display_matrix_is_left_alone():
    slanted = struct.pack("<9i", 46341, 46341, 0, -46341, 46341, 0, 0, 0, 1 << 30)
    assert orientation_of_matrix(slanted) == 1
