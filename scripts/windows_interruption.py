"""A command that a key interrupts while it renders, for the cases of Windows: Ctrl-C and Ctrl-Break."""

from __future__ import annotations

import subprocess
import sys
from typing import Literal

from windows_session import PATIENCE_SECONDS, ROOT, Session

Key = Literal["ctrl_c", "ctrl_break"]
# Runs in a console of its own, because Ctrl-C reaches everything in one. A farm's agent, which ends commands
# by Ctrl-Break, has a console too, and starts every command in a process group of its own.
PRESS_KEY = """
import os, signal, subprocess, sys
key, *command = sys.argv[1:]
flags = subprocess.CREATE_NEW_PROCESS_GROUP if key == "ctrl_break" else 0
signal.signal(signal.SIGINT, lambda *_: None)
pipes = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
process = subprocess.Popen(command, **pipes, creationflags=flags)
for line in process.stdout:
    if b'"paths"' in line:
        if key == "ctrl_break":
            process.send_signal(signal.CTRL_BREAK_EVENT)
        elif os.name == "nt":
            os.kill(0, signal.CTRL_C_EVENT)
        else:
            process.send_signal(signal.SIGINT)
        break
out, err = process.communicate()
sys.stdout.buffer.write(out + err)
sys.exit(process.returncode)
"""


def interrupt_by(key: Key, session: Session, *, scale: float) -> str:
    """Press the key once frames are written: status 130, the job is cancelled, the engine goes on.

    scale: of the result; one of its own for each case, so that nothing is taken from the cache.
    """
    engine = session.describe().pid
    target = session.folder / key / "o.%04d.png"
    command = [sys.executable, "-m", "sparkvsr_engine", "upscale", str(session.movie), "-o", str(target)]
    done = subprocess.run(
        [sys.executable, "-c", PRESS_KEY, key, *command, "--scale", str(scale), "--json"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        capture_output=True,
        creationflags=subprocess.CREATE_NEW_CONSOLE if sys.platform == "win32" else 0,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    text = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode == 130, (done.returncode, text[-600:])
    assert "job_cancelled" in text, text[-600:]
    assert session.describe().pid == engine
    return "status 130, the engine goes on"
