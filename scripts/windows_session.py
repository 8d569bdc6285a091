"""A session at the command line, for the cases of Windows: footage, an engine, commands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bridge")]

from sparkvsr_bridge import messages as m  # noqa: E402
from sparkvsr_bridge.process import EngineProcess  # noqa: E402

WIDTH, HEIGHT = 64, 48
# Long enough to be interrupted while it renders.
FRAMES = 48
PATIENCE_SECONDS = 600


@dataclass(frozen=True)
class Session:
    """A folder with footage, the home of an engine, and results."""

    folder: Path

    @property
    def sequence(self) -> str:
        """A numbered sequence, as a pattern."""
        return str(self.folder / "plates" / "f.%04d.png")

    @property
    def movie(self) -> Path:
        """The same as a movie."""
        return self.folder / "clip.mp4"

    def start(self, *arguments: object) -> subprocess.Popen[bytes]:
        """`sparkvsr` with these arguments, its output redirected as by another program."""
        command = [sys.executable, "-m", "sparkvsr_engine", *map(str, arguments), "--json"]
        return subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def run(self, *arguments: object, status: int = 0) -> dict[str, object]:
        """As `start`, to its end; returns the last event."""
        return ended(self.start(*arguments), status)

    def engine(self) -> EngineProcess:
        """The engine of this session."""
        return EngineProcess(self.folder / "home")

    def describe(self) -> m.EngineReply:
        """The engine's description of itself."""
        with self.engine().ensure("cases", PATIENCE_SECONDS) as client:
            return client.request(m.DescribeEngineRequest(), m.EngineReply)


def is_wine() -> bool:
    """Whether this Windows is Wine."""
    if sys.platform != "win32":
        return False
    import ctypes

    return hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


def ended(process: subprocess.Popen[bytes], status: int = 0) -> dict[str, object]:
    """The last event of a command that must end with this status."""
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    if process.returncode != status:
        raise AssertionError(f"status {process.returncode}: {err.decode('utf-8', 'replace')[-600:]}")
    return json.loads(out.decode("utf-8").splitlines()[-1])


def make_footage(session: Session) -> None:
    """A square that moves over a gradient, as pictures and as a movie."""
    import av
    import cv2
    import numpy as np

    (session.folder / "plates").mkdir(parents=True)
    with av.open(str(session.movie), "w") as container:
        stream = container.add_stream("mpeg4", rate=24)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(FRAMES):
            picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
            picture[..., 1] = np.linspace(20, 200, WIDTH).astype(np.uint8)
            picture[10:26, 4 + number % 40 : 20 + number % 40] = 230
            (session.folder / "plates" / f"f.{number:04d}.png").write_bytes(
                cv2.imencode(".png", picture)[1].tobytes()
            )
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
        container.mux(stream.encode())


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Ask again and again until it holds."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > give_up:
            raise AssertionError(f"never: {what}")
        time.sleep(0.05)


def kill(pid: int) -> None:
    """End a process at once, as a crash does."""
    os.kill(pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)


def wait_for_worker(session: Session) -> int:
    """The worker once the newest job is running."""
    with session.engine().ensure("cases") as client:

        def is_running() -> bool:
            reports = client.request(m.ListJobsRequest(limit=1), m.JobListReply).reports
            return bool(reports) and reports[0].state == "running"

        wait_for(is_running, "a job runs")
        return client.request(m.DescribeEngineRequest(), m.EngineReply).worker_pid
