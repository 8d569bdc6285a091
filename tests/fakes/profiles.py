"""Small ICC profiles of three primaries and one power, written from the specification's tables."""

import struct

import numpy as np

_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def matrix_profile(chromaticities, power):
    """ICC.1 version 2: colorants adapted to D50, one `curv` for all channels."""
    columns = _colorants(chromaticities)
    entries = [
        (b"desc", _description(b"made for a test")),
        (b"cprt", b"text\0\0\0\0none\0"),
        (b"wtpt", _xyz(_D50)),
    ]
    entries += [(name, _xyz(columns[:, index])) for index, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))]
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(power * 256))
    entries += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    table, body = struct.pack(">I", len(entries)), b""
    start = 128 + 4 + 12 * len(entries)
    for name, value in entries:
        table += name + struct.pack(">II", start + len(body), len(value))
        body += value + b"\0" * (-len(value) % 4)
    return _header(start + len(body)) + table + body


def empty_profile():
    """A profile that says nothing of its colours but a name."""
    name = _description(b"nothing")
    name += b"\0" * (-len(name) % 4)
    table = struct.pack(">I", 1) + b"desc" + struct.pack(">II", 144, len(name))
    return _header(144 + len(name)) + table + name


def _header(size):
    head = (
        struct.pack(">I", size)
        + b"test"
        + b"\2\x40\0\0"
        + b"mntrRGB XYZ "
        + struct.pack(">6H", 2024, 1, 1, 0, 0, 0)
    )
    head += b"acspAPPL" + b"\0" * 24 + _fixed(_D50)
    return head.ljust(128, b"\0")


def _colorants(chromaticities):
    pairs = [(chromaticities[2 * i], chromaticities[2 * i + 1]) for i in range(4)]
    columns = np.array([[x, y, 1 - x - y] for x, y in pairs[:3]]).T
    x, y = pairs[3]
    white = np.array([x / y, 1, (1 - x - y) / y])
    matrix = columns * np.linalg.solve(columns, white)
    ratio = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    return np.linalg.inv(_BRADFORD) @ np.diag(ratio) @ _BRADFORD @ matrix


def _fixed(values):
    return b"".join(struct.pack(">i", round(float(value) * 65536)) for value in values)


def _xyz(values):
    return b"XYZ \0\0\0\0" + _fixed(values)


def _description(text):
    text += b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * 78
