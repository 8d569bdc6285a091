"""Inputs PyAV alone cannot make: FFmpeg's own program, as imageio-ffmpeg brings it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np

X264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p")


AV1 = ("libaom-av1", "-cpu-used", "8") if os.name == "nt" else ("libsvtav1", "-preset", "12")
"""The encoder the test's FFmpeg has: the one for Windows lacks SVT-AV1."""


def ffmpeg(folder, *arguments, standard_input=None):
    """Run it; relative names lie in the folder."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, cwd=Path(folder), input=standard_input, check=True)


def raw_frames(path, pixel_format, sample):
    """All frames of a file as the program decodes them, flat."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-pix_fmt", pixel_format]
    ran = subprocess.run([*command, "-f", "rawvideo", "-"], check=True, capture_output=True)
    return np.frombuffer(ran.stdout, sample)


def flash(rate="25", seconds=2.0, at=1.2, sound=48000, size="64x48"):
    """A dull moving picture, white from `at` for 0.2 s, and a beep over the same time."""
    white = f"drawbox=color=white:t=fill:enable='gte(t,{at}-0.001)*lt(t,{at}+0.199)'"
    dull = "eq=saturation=0.3:contrast=0.5:brightness=-0.2"
    picture = f"testsrc2=s={size}:r={rate}:d={seconds},{dull},{white}"
    tone = f"aevalsrc='0.7*sin(2*PI*1000*t)*gte(t,{at})*lt(t,{at}+0.2)':s={sound}:d={seconds}"
    return ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone]
