"""Makes the pictures of docs/keyframes.md with the engine: `python scripts/documentation/guide_pictures.py`.

On the demonstration's clip, which ships with the program; some minutes on two processor cores.
`--from FOLDER` puts pictures together again that an earlier call rendered there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
CLIP = ROOT / "sparkvsr_engine" / "cli" / "demo_clip"
IMAGES = ROOT / "docs" / "images" / "guide"
SHOWN_FRAME = 16
Picture = NDArray[Any]
# Of the enlarged frame: left, top, width, height. The rabbit's head before the grass; then its face alone.
HEAD, FACE = (330, 190, 310, 250), (400, 190, 220, 250)
FIRST_KEYFRAME, RIGHT = "0=keyframe_00.jpg", "36=keyframe_36.jpg"


def render(folder: Path) -> None:
    """Render what the pictures show; every command runs in `folder`."""
    for name in ("bunny.mp4", "keyframe_00.jpg", "keyframe_36.jpg"):
        shutil.copyfile(CLIP / name, folder / name)
    printed = sparkvsr(
        folder,
        "upscale",
        "bunny.mp4",
        "-o",
        "keyed/%04d.png",
        "--frames",
        "0-16",
        "--keyframe",
        FIRST_KEYFRAME,
    )
    job = json.loads(printed.splitlines()[-1])["job"]
    sparkvsr(folder, "confidence", job, "--frame", "16", "-o", "trust.png")
    previews = {
        "p_none.png": ("--keyframes", "none"),
        "p_one.png": ("--keyframe", FIRST_KEYFRAME),
        "p_two.png": ("--keyframe", FIRST_KEYFRAME, "--keyframe", RIGHT),
        "p_zero.png": ("--keyframe", FIRST_KEYFRAME, "--keyframe", RIGHT, "--guidance", "0"),
        "p_half.png": ("--keyframe", FIRST_KEYFRAME, "--keyframe", RIGHT, "--guidance", "0.5"),
    }
    for name, options in previews.items():
        sparkvsr(folder, "preview", "bunny.mp4", "--frame", str(SHOWN_FRAME), *options, "-o", name)


def sparkvsr(folder: Path, *arguments: str) -> str:
    """Run one command; what it prints as JSON lines."""
    command = [sys.executable, "-m", "sparkvsr_engine", *arguments, "--json"]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def put_together(folder: Path) -> None:
    """Write the rows of crops and the heat map as small JPEG files."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    source = frame_of(folder / "bunny.mp4", SHOWN_FRAME)
    bicubic = cv2.resize(source, (1280, 720), interpolation=cv2.INTER_CUBIC)
    pictures = {name: picture_of(folder / f"p_{name}.png") for name in ("none", "one", "two", "zero", "half")}
    without = row({"source, bicubic": bicubic, "no keyframe": pictures["none"]}, HEAD)
    under = row({"keyframe at 0": pictures["one"], "keyframes at 0 and 36": pictures["two"]}, HEAD)
    write(IMAGES / "propagation.jpg", np.vstack([without, under]))
    guided = {"guidance 0": pictures["zero"], "guidance 0.5": pictures["half"], "guidance 1": pictures["two"]}
    write(IMAGES / "guidance.jpg", row(guided, FACE))
    heat = cv2.resize(picture_of(folder / "trust.png"), (640, 360), interpolation=cv2.INTER_AREA)
    keyframe = cv2.resize(picture_of(folder / "keyframe_00.jpg"), (640, 360), interpolation=cv2.INTER_AREA)
    write(
        IMAGES / "heat_map.jpg",
        np.hstack([labelled(keyframe, "keyframe 0"), labelled(heat, "trust, frame 16")]),
    )


def frame_of(movie: Path, number: int) -> Picture:
    """A frame of a movie, uint8 [H, W, 3] BGR."""
    import av

    with av.open(str(movie)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index == number:
                return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    raise SystemExit(f"{movie} has no frame {number}; give a longer one.")


def picture_of(path: Path) -> Picture:
    """A picture file, uint8 [H, W, 3] BGR."""
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR), np.uint8)


def row(pictures: dict[str, Picture], place: tuple[int, int, int, int]) -> Picture:
    """Crops of the same place side by side, each over its name."""
    left, top, width, height = place
    crops = {name: picture[top : top + height, left : left + width] for name, picture in pictures.items()}
    return np.hstack([labelled(crop, name) for name, crop in crops.items()])


def labelled(picture: Picture, text: str) -> Picture:
    """The picture with its name in a dark bar below."""
    bar = np.full((26, picture.shape[1], 3), 40, np.uint8)
    cv2.putText(bar, text, (8, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (235, 235, 235), 1, cv2.LINE_AA)
    return np.vstack([picture, bar])


def write(path: Path, picture: Picture) -> None:
    """A small JPEG."""
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, 85])
    print(path)


def main(arguments: list[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="folder", type=Path, metavar="FOLDER")
    folder = parser.parse_args(arguments).folder
    if folder is None:
        folder = ROOT / "build" / "guide"
        folder.mkdir(parents=True, exist_ok=True)
        render(folder)
    put_together(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
