"""VMAF, where an FFmpeg that has it is at hand: PyAV's own has none, imageio-ffmpeg's program does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from sparkvsr_bridge.system.windows import NO_WINDOW
from sparkvsr_engine.core.arrays import BytePicture

NO_VMAF = (
    "VMAF is left out: PyAV's FFmpeg has no libvmaf, and imageio-ffmpeg, whose FFmpeg has, is not installed."
)
_MODELS = (("vmaf", "vmaf_v0.6.1"), ("vmaf_neg", "vmaf_v0.6.1neg"))
_SECONDS = 600


def has_vmaf() -> bool:
    """Whether it can be measured."""
    return find_spec("imageio_ffmpeg") is not None


def vmaf(result: Sequence[BytePicture], truth: Sequence[BytePicture], folder: Path) -> dict[str, float]:
    """Mean VMAF v0.6.1 and its no-enhancement-gain model, 0..100, by the names `vmaf` and `vmaf_neg`.

    Args:
        result: frames that follow each other, uint8 [H, W, 3].
        truth: the frames they are held against, of the same number and size.
        folder: an existing folder for temporary files, which are removed afterwards.
    """
    import imageio_ffmpeg

    height, width = truth[0].shape[:2]
    paths = (folder / "result.rgb", folder / "truth.rgb")
    for path, frames in zip(paths, (result, truth), strict=True):
        path.write_bytes(b"".join(frame.tobytes() for frame in frames))
    models = "|".join(f"version={version}\\:name={name}" for name, version in _MODELS)
    log = folder / "vmaf.json"
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", "24"]
    yuv = "format=yuv420p"
    graph = f"[0:v]{yuv}[a];[1:v]{yuv}[b];[a][b]libvmaf=model='{models}':log_fmt=json:log_path={log.name}"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-threads", "1", *raw, "-i", paths[0].name]
    command += [*raw, "-i", paths[1].name, "-lavfi", graph, "-f", "null", "-"]
    subprocess.run(
        command, cwd=folder, check=True, timeout=_SECONDS, capture_output=True, creationflags=NO_WINDOW
    )
    pooled = json.loads(log.read_text("utf-8"))["pooled_metrics"]
    for path in (*paths, log):
        path.unlink()
    return {name: float(pooled[name]["mean"]) for name, _ in _MODELS}
