"""Small ICC profiles of primaries and one power, by a matrix or by tables, and of grey."""

import struct

import numpy as np

_D50 = (0.9642, 1.0, 0.8249)
_LARGEST_XYZ = 1 + 32767 / 32768
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def matrix_profile(chromaticities, power):
    """ICC.1 version 2: colorants adapted to D50, one `curv` for all channels."""
    columns = _colorants(chromaticities)
    entries = _usual_entries()
    entries += [(name, _xyz(columns[:, index])) for index, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))]
    entries += [(name, _curve(power)) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return _profile(entries)


def grey_profile(power):
    """One curve of grey."""
    return _profile([*_usual_entries(), (b"kTRC", _curve(power))], b"GRAY")


def table_profile(chromaticities, power):
    """Tables alone (lut16, ICC.1 10.10), exact for these primaries and this power: curves, then a cube of two
    points a side, which is linear.
    """
    columns = _colorants(chromaticities)
    steps = np.linspace(0, 1, 4096)
    corners = np.array([[r, g, b] for r in (0, 1) for g in (0, 1) for b in (0, 1)], float)
    straight = np.linspace(0, 1, 2)
    # XYZ of 1 + 32767 / 32768 is the largest code.
    forward = _lut16(np.eye(3), steps**power, corners @ columns.T / _LARGEST_XYZ, straight)
    back = _lut16(np.linalg.inv(columns) * _LARGEST_XYZ, straight, corners, steps ** (1 / power))
    return _profile([*_usual_entries(), (b"A2B0", forward), (b"B2A0", back)])


def _lut16(matrix, before, cube, after):
    """matrix: of XYZ input; before, after: one curve for all channels; cube [8, 3]; all 0..1."""
    data = b"mft2\0\0\0\0" + bytes([3, 3, 2, 0]) + _fixed(matrix.ravel())
    data += struct.pack(">HH", len(before), len(after))
    for values in (*[before] * 3, cube.ravel(), *[after] * 3):
        data += np.rint(np.clip(values, 0, 1) * 65535).astype(">u2").tobytes()
    return data


def _usual_entries():
    return [
        (b"desc", _description(b"made for a test")),
        (b"cprt", b"text\0\0\0\0none\0"),
        (b"wtpt", _xyz(_D50)),
    ]


def _curve(power):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(power * 256))


def _profile(entries, space=b"RGB "):
    table, body = struct.pack(">I", len(entries)), b""
    start = 128 + 4 + 12 * len(entries)
    for name, value in entries:
        table += name + struct.pack(">II", start + len(body), len(value))
        body += value + b"\0" * (-len(value) % 4)
    return _header(start + len(body), space) + table + body


def empty_profile():
    """A profile that has nothing about its colours but a name."""
    name = _description(b"nothing")
    name += b"\0" * (-len(name) % 4)
    table = struct.pack(">I", 1) + b"desc" + struct.pack(">II", 144, len(name))
    return _header(144 + len(name)) + table + name


def _header(size, space=b"RGB "):
    head = (
        struct.pack(">I", size)
        + b"test"
        + b"\2\x40\0\0"
        + b"mntr"
        + space
        + b"XYZ "
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
