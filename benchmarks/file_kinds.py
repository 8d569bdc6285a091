"""Kinds of files whose throughput is measured: how a source is made, what FFmpeg and oiiotool are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np

# What the engine has swscale do on the way to RGB, and on the way back.
_TO_RGB = "scale=flags=bicubic+accurate_rnd+full_chroma_inp,format=gbrp16le"
_PICTURES = 4


@dataclass(frozen=True)
class FileKind:
    """pattern: of source and target. encoder: FFmpeg's words for a file as the engine writes it.

    raw: FFmpeg's name of a frame in memory. decodes: the filter for FFmpeg's reading, None for none.
    """

    name: str
    pattern: str
    encoder: tuple[str, ...]
    raw: str
    decodes: str = ""

    @property
    def is_movie(self) -> bool:
        """Whether it is one file rather than one per frame."""
        return "%" not in self.pattern

    def read_command(self, source: Path) -> list[str]:
        """FFmpeg reads it to frames in memory and throws them away."""
        return [*_ffmpeg(), "-i", str(source), *self._filter(), "-f", "null", "-"]

    def write_command(self, raw: Path, size: tuple[int, int], target: Path) -> list[str]:
        """FFmpeg writes it from frames that lie one after the other in a file."""
        input_options = ("-f", "rawvideo", "-pix_fmt", self.raw, "-s", f"{size[0]}x{size[1]}", "-r", "24")
        return [*_ffmpeg(), *input_options, "-i", str(raw), *self.encoder, *self._numbering(), str(target)]

    def whole_command(self, source: Path, target: Path) -> list[str]:
        """FFmpeg reads and writes it, through RGB as the engine does."""
        return [
            *_ffmpeg(),
            "-i",
            str(source),
            *self._filter(),
            *self.encoder,
            *self._numbering(),
            str(target),
        ]

    def oiio_command(self, source: Path, target: Path, frames: int) -> list[str]:
        """oiiotool reads and writes numbered pictures; empty for movies."""
        if self.is_movie:
            return []
        options = {"exr": ["--compression", "zip:1"], "tif": ["--compression", "lzw"]}
        options["png"] = ["--attrib", "png:compressionLevel", "1", "--attrib", "png:filter", "16"]
        chosen = options.get(source.suffix[1:], [])
        return ["oiiotool", "--frames", f"0-{frames - 1}", str(source), *chosen, "-o", str(target)]

    def make_source(self, folder: Path, frames: int, size: tuple[int, int]) -> Path:
        """A source of textured pictures that move, and beside it the same frames as raw bytes."""
        folder.mkdir(parents=True)
        raw, source = folder / "frames.raw", folder / self.pattern
        top = 255 if self.raw == "rgb24" else 65535
        pictures = [_picture(number, *size) for number in range(_PICTURES)]
        with raw.open("wb") as file:
            for number in range(frames):
                picture = pictures[number % _PICTURES]
                if self.raw.startswith("gbrpf"):
                    file.write(np.ascontiguousarray(picture.transpose(2, 0, 1)[[1, 2, 0]]).tobytes())
                else:
                    file.write((picture * top).astype(np.uint8 if top == 255 else np.uint16).tobytes())
        run_quietly(self.write_command(raw, size, source))
        return source

    def _filter(self) -> Sequence[str]:
        return ("-vf", self.decodes) if self.decodes else ()

    def _numbering(self) -> Sequence[str]:
        return () if self.is_movie else ("-start_number", "0")


def run_quietly(command: Sequence[str]) -> None:
    """Run a program; raises its own words when it fails."""
    import subprocess

    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[-400:]}")


def _ffmpeg() -> list[str]:
    return [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y"]


def _picture(number: int, width: int, height: int) -> np.ndarray:
    """float32 [H, W, 3] within 0..1: waves of all lengths, and grain."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    grain = np.random.default_rng(number).standard_normal((height, width, 1), np.float32) * 0.01
    waves = [np.sin((columns * a + rows * b) / (3 + 9 * a) + number) for a, b in ((1, 2), (2, 1), (3, 3))]
    return np.clip(0.5 + 0.3 * np.stack(waves, -1) + grain, 0, 1)


KINDS = (
    FileKind(
        "EXR half", "f.%04d.exr", ("-c:v", "exr", "-compression", "zip16", "-format", "half"), "gbrpf32le"
    ),
    FileKind("PNG 16", "f.%04d.png", ("-c:v", "png", "-compression_level", "1", "-pred", "sub"), "rgb48le"),
    FileKind("DPX 10", "f.%04d.dpx", ("-c:v", "dpx", "-pix_fmt", "gbrp10be"), "rgb48le"),
    FileKind("TIFF 16", "f.%04d.tif", ("-c:v", "tiff", "-compression_algo", "lzw"), "rgb48le"),
    FileKind(
        "H.264 8 bit",
        "f.mp4",
        ("-c:v", "libx264", "-preset", "veryfast", "-crf", "16", "-pix_fmt", "yuv420p"),
        "rgb24",
        _TO_RGB,
    ),
    FileKind(
        "ProRes 10 bit",
        "f.mov",
        ("-c:v", "prores_ks", "-profile:v", "hq", "-pix_fmt", "yuv422p10le"),
        "rgb48le",
        _TO_RGB,
    ),
)
