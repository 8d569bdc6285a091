"""Test patterns and mattes: bars, ramps, ids, wedges, lines, grids, checkers, zone plates, stars, noise."""

from __future__ import annotations

import numpy as np

from sparkvsr_engine.core.arrays import Plane
from sparkvsr_engine.evaluation.graphics.canvas import Canvas, Colour
from sparkvsr_engine.evaluation.graphics.setting import (
    BLACK,
    GREY,
    WHITE,
    Painter,
    Setting,
    gradient_of,
    plain_of,
)


def _bar_colours(level: float) -> list[Colour]:
    """White, yellow, cyan, green, magenta, red, blue, black (SMPTE EG 1, EBU Tech 3325)."""
    bits = ((1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0))
    return [(level * red, level * green, level * blue) for red, green, blue in bits]


def colour_bars(setting: Setting) -> Painter:
    """SMPTE bars with their lower rows, or EBU bars, upright or across, at 75 or 100 %."""
    colours = _bar_colours(0.75 if setting.chance(0.6) else 1.0)
    is_smpte, is_across = setting.chance(0.5), setting.chance(0.15)
    bars = colours[:7] if is_smpte else colours
    if setting.chance(0.3):
        bars = [bars[index] for index in setting.rng.permutation(len(bars))]
    speed = setting.drift(1.0)[0] if setting.chance(0.3) else 0.0

    def paint(canvas: Canvas, time: float) -> None:
        canvas.fill(BLACK)
        length = (1.0 if is_across else canvas.aspect) / len(bars)
        for number, colour in enumerate(bars):
            low, high = number * length + speed * time, (number + 1) * length + speed * time
            if is_across:
                canvas.rectangle(0, low, canvas.aspect, high, colour)
            else:
                canvas.rectangle(low, 0, high, 1, colour)
        if is_smpte and not is_across:
            for number, colour in enumerate([bars[6], BLACK, bars[4], BLACK, bars[2], BLACK, bars[0]]):
                canvas.rectangle(number * length, 0.67, (number + 1) * length, 0.75, colour)
            for number, colour in enumerate([(0, 0.13, 0.3), WHITE, (0.2, 0, 0.42), (0.03, 0.03, 0.03)]):
                canvas.rectangle(number * 1.25 * length, 0.75, (number + 1) * 1.25 * length, 1, colour)

    return paint


def id_matte(setting: Setting) -> Painter:
    """Flat regions of arbitrary colours, as renderers and rotoscopers write them."""
    ground = setting.colour()
    shapes = []
    for _ in range(int(setting.rng.integers(4, 16))):
        x, y = setting.place()
        corners, reach = int(setting.rng.integers(3, 8)), setting.between(0.05, 0.35)
        angles = np.sort(setting.rng.uniform(0, 2 * np.pi, corners))
        points = [(x + reach * float(np.cos(a)), y + reach * float(np.sin(a))) for a in angles]
        shapes.append((points, setting.colour(), setting.drift(), setting.chance(0.4), reach))

    def paint(canvas: Canvas, time: float) -> None:
        canvas.fill(ground)
        for points, colour, speed, is_round, reach in shapes:
            moved = [(x + speed[0] * time, y + speed[1] * time) for x, y in points]
            if is_round:
                canvas.ellipse(moved[0], reach, reach * 0.8, colour)
            else:
                canvas.polygon(moved, colour)

    return paint


def resolution_wedge(setting: Setting) -> Painter:
    """A star of spokes and wedges that narrow to a point."""
    front, back = (WHITE, BLACK) if setting.chance(0.4) else setting.pair()
    spokes, turn = int(setting.rng.integers(8, 48)), setting.between(-0.02, 0.02)
    centre = (setting.between(0.3, 0.7) * setting.aspect, setting.between(0.3, 0.7))
    reach = setting.between(0.3, 0.8)

    def paint(canvas: Canvas, time: float) -> None:
        canvas.fill(back)
        for spoke in range(spokes):
            angles = (2 * np.pi * (spoke + part) / spokes + turn * time for part in (0.0, 0.5))
            rim = [
                (centre[0] + reach * float(np.cos(a)), centre[1] + reach * float(np.sin(a))) for a in angles
            ]
            canvas.polygon([centre, *rim], front)

    return paint


def thin_lines(setting: Setting) -> Painter:
    """Lines of one source pixel or less: a grid, a fan or parallels."""
    front, back = (WHITE, BLACK) if setting.chance(0.4) else setting.pair()
    thickness = setting.pixel * float(setting.rng.choice((0.3, 0.5, 1.0, 1.0, 2.0)))
    kind, gap = int(setting.rng.integers(3)), setting.pixel * setting.between(4, 20)
    speed, angle = setting.drift(1.5), setting.between(0, np.pi)

    def paint(canvas: Canvas, time: float) -> None:
        canvas.fill(back)
        count = int(max(canvas.aspect, 1.0) / gap) + 2
        for number in range(-1, count):
            at = number * gap
            if kind == 0:
                canvas.line((at + speed[0] * time, 0), (at + speed[0] * time, 1), thickness, front)
                canvas.line(
                    (0, at + speed[1] * time), (canvas.aspect, at + speed[1] * time), thickness, front
                )
            elif kind == 1:
                slope = angle + number * 0.12
                end = (canvas.aspect / 2 + 2 * float(np.cos(slope)), 0.5 + 2 * float(np.sin(slope)))
                canvas.line((canvas.aspect / 2 + speed[0] * time, 0.5), end, thickness, front)
            else:
                lean = 0.3 * float(np.cos(angle))
                canvas.line((at + speed[0] * time, 0), (at + speed[0] * time + lean, 1), thickness, front)

    return paint


def checkerboard(setting: Setting) -> Painter:
    """Squares of any size from one source pixel up, maybe turned."""
    front, back = (np.array(colour, np.float32) for colour in setting.pair())
    side = setting.pixel * float(setting.rng.choice((1, 1.5, 2, 3, 4, 8, 13)))
    speed, angle = setting.drift(2.0), setting.between(0, 0.6) if setting.chance(0.4) else 0.0

    def paint(canvas: Canvas, time: float) -> None:
        def shade(x: Plane, y: Plane) -> Plane:
            u, v = x - speed[0] * time, y - speed[1] * time
            u, v = u * np.cos(angle) - v * np.sin(angle), u * np.sin(angle) + v * np.cos(angle)
            is_front = (np.floor(u / side) + np.floor(v / side)) % 2 == 0
            return np.where(is_front[..., None], front, back)

        canvas.paint(shade)

    return paint


def zone_plate(setting: Setting) -> Painter:
    """Rings whose frequency grows with the radius, up to a chosen share of what the source can hold."""
    share, phase = setting.between(0.2, 1.2), setting.between(0, 6.28)
    tint = np.array(WHITE if setting.chance(0.6) else setting.colour(), np.float32)
    centre, pace = (setting.between(0, 1) * setting.aspect, setting.between(0, 1)), setting.between(0, 0.4)
    # At radius 1 the phase turns by pi times the source's rows per unit of length at share 1.
    bend = np.float32(share * np.pi * setting.rows / 2)

    def paint(canvas: Canvas, time: float) -> None:
        def shade(x: Plane, y: Plane) -> Plane:
            squares = (x - np.float32(centre[0])) ** 2 + (y - np.float32(centre[1])) ** 2
            rings = 0.5 + 0.5 * np.cos(bend * squares + phase + pace * time)
            return np.asarray(rings[..., None] * tint, np.float32)

        canvas.paint(shade)

    return paint


def ramps(setting: Setting) -> Painter:
    """Ramps of several colours above each other, smooth or in steps."""
    colours = [np.array(setting.colour(), np.float32) for _ in range(int(setting.rng.integers(1, 6)))]
    steps = int(setting.rng.choice((0, 0, 5, 11, 32)))

    def paint(canvas: Canvas, _: float) -> None:
        def shade(x: Plane, y: Plane) -> Plane:
            level = x / np.float32(canvas.aspect)
            if steps:
                level = np.floor(level * steps) / np.float32(steps - 1)
            rows = np.minimum((y * len(colours)).astype(int), len(colours) - 1)
            return np.asarray(np.stack(colours)[rows] * level[..., None], np.float32)

        canvas.paint(shade)

    return paint


def flat_areas(setting: Setting) -> Painter:
    """A ground of one colour or a gradient with a few soft or hard boxes."""
    ground = gradient_of(setting) if setting.chance(0.5) else plain_of(setting.colour())
    boxes = [(*setting.place(), *setting.rng.uniform(0.05, 0.4, 2), setting.colour()) for _ in range(3)]

    def paint(canvas: Canvas, time: float) -> None:
        ground(canvas, time)
        for x, y, width, height, colour in boxes:
            canvas.rectangle(x, y, x + width, y + height, colour)

    return paint


def single_colour(setting: Setting) -> Painter:
    """Black, white or any one colour."""
    choices = (BLACK, WHITE, GREY, setting.colour(), setting.colour())
    return plain_of(choices[int(setting.rng.integers(len(choices)))])


def star_field(setting: Setting) -> Painter:
    """Points of light of a fraction of a source pixel to a few, drifting over black."""
    count = int(setting.rng.integers(20, 200))
    stars = [
        (*setting.place(), setting.pixel * setting.between(0.2, 1.2), setting.between(0.2, 1))
        for _ in range(count)
    ]
    tints = [setting.colour() if setting.chance(0.2) else WHITE for _ in range(count)]
    speed = setting.drift(2.0)

    def paint(canvas: Canvas, time: float) -> None:
        canvas.fill(BLACK)
        for (x, y, radius, level), tint in zip(stars, tints, strict=True):
            at = ((x + speed[0] * time) % canvas.aspect, (y + speed[1] * time) % 1)
            canvas.ellipse(at, radius, radius, (level * tint[0], level * tint[1], level * tint[2]))

    return paint


def full_noise(setting: Setting) -> Painter:
    """Noise over the full range, new on every frame; grains of a source pixel or more, grey or in colour."""
    seed, grain = int(setting.rng.integers(1 << 30)), float(setting.rng.choice((1, 1, 2, 3)))
    channels = 1 if setting.chance(0.3) else 3
    rows, columns = round(setting.rows / grain), round(setting.columns / grain)

    def paint(canvas: Canvas, time: float) -> None:
        grains = np.random.default_rng([seed, int(time)]).random((rows, columns, channels), np.float32)

        def shade(x: Plane, y: Plane) -> Plane:
            across = np.minimum((x / np.float32(canvas.aspect) * columns).astype(int), columns - 1)
            down = np.minimum((y * rows).astype(int), rows - 1)
            return np.broadcast_to(grains[down, across], (*x.shape, 3))

        canvas.paint(shade)

    return paint
