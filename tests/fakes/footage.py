"""A folder of training footage as small as scenes allow: two clips, two photographs, a manifest."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2

from tests.fakes.moving import as_bytes, pan, texture

HEADER = "path\tkind\twidth\theight\tframes\tfps\tlicence\tsource\tquality"
# 640x352, the size of a stage, at the stronger of the two reductions of narrow clips (1.5).
WIDTH, HEIGHT = 960, 528
FRAMES = 7


def write_clip(path, frames=FRAMES, width=WIDTH, height=HEIGHT, seed=0):
    """A panned texture as H.264."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=Fraction(25), options={"crf": "16", "preset": "ultrafast"}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for picture in pan(frames, width, height, (4.0, 2.0), seed):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(as_bytes(picture), format="rgb24")))
        container.mux(stream.encode(None))
    return path


def write_photograph(path, width=720, height=540, seed=0):
    """A texture as PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), as_bytes(texture(width, height, seed))[..., ::-1])
    return path


def line(path, kind, licence="CC0"):
    """One line of the manifest."""
    return f"{path}\t{kind}\t0\t0\t0\t0\t{licence}\tdrawn by a test\tclean"


def write_manifest(folder, lines):
    """The manifest of these lines."""
    (folder / "manifest.tsv").write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")


def write_footage(folder):
    """Two clips, two photographs, something not to train on; returns the folder."""
    folder = Path(folder)
    write_clip(folder / "train/clips/river.mp4", seed=1)
    write_clip(folder / "train/clips/street.mp4", seed=2)
    write_photograph(folder / "train/photos/wall.png", seed=3)
    write_photograph(folder / "train/art/leaf.png", seed=4)
    write_manifest(
        folder,
        [
            line("train/clips/river.mp4", "video"),
            line("eval/river.mp4", "video"),
            line("train/clips/street.mp4", "video", "CC-BY 4.0"),
            line("train/photos/wall.png", "photo"),
            line("train/art/leaf.png", "art"),
        ],
    )
    return folder


RECIPE = """
name = "tiny"
seed = 7
ema = 0.9
checkpoint_steps = 2
report_steps = 1

[network]
channels = 8
blind_blocks = 1
key_channels = 4
keyed_blocks = 1

[scene]
farthest = 3
made_share = 0.0

[sample]
crops_per_scene = 1
scenes = 3

[[stages]]
steps = 4
learning_rate = 1e-3
scenes = 2
crop = 64
warm_up = 2

[[stages]]
steps = 2
learning_rate = 5e-4
scenes = 2
crop = 64
warm_up = 1
perceptual = 0.02
graded = 0.5
"""
"""A recipe of two stages and six steps over three scenes."""


def write_recipe(folder, text=RECIPE):
    """The recipe as a file."""
    path = Path(folder) / "tiny.toml"
    path.write_text(text, encoding="utf-8")
    return path
