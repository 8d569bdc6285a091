"""Round trips: pictures of odd values, the program run once, items compared one by one."""

from __future__ import annotations

import numpy as np

from tests.fakes.exr import texture

WIDTH, HEIGHT = 40, 24
EQUAL = "equal"
# Negative, -0, beyond 222 times white, half's largest, no numbers, the smallest half, and 1/3 in all digits.
ODD = (-1.0, -0.004, -0.0, 300.0, 65504.0, np.nan, np.inf, -np.inf, 6e-8, 222.0, 1 / 3, 0.5)


def round_trip_warnings(program, source, target, *options):
    """Warnings of one round trip, in one text."""
    expected = ("--scale", 1, "--model", "identity", *options)
    return " ".join(event["message"] for event in program.upscale(source, target, *expected).named("warning"))


def odd_picture(sample, number=0):
    picture = texture(WIDTH, HEIGHT, shift=number).astype(sample)
    picture[0, : len(ODD)] = np.array(ODD, sample)[:, None]
    return picture


def bit_comparison(first, second):
    """`equal` for arrays of one type and the same bits, NaN and the sign of 0 included."""
    same = first.dtype == second.dtype and first.shape == second.shape and first.tobytes() == second.tobytes()
    return EQUAL if same else "differs"


def item_comparison(before, after, left_out="left out"):
    """Item -> `equal`, `left out`, or what it became."""
    result = {}
    for name, value in before.items():
        if name not in after:
            result[name] = left_out
        else:
            is_same = str(np.asarray(value).tolist()) == str(np.asarray(after[name]).tolist())
            result[name] = EQUAL if is_same else f"becomes {after[name]}"
    return result
