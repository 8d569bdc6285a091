"""Cases of names and encodings that Windows' programs give, and of Ctrl-Break. Played by `windows_cases`."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from windows_interruption import interrupt_by
from windows_session import PATIENCE_SECONDS, ROOT, Session, is_wine

IS_WINDOWS = os.name == "nt"
ELSEWHERE = "only Windows has them"
# Enlarges by 2 as any program would that a studio wraps into a batch file.
ENLARGE = """
import sys
import cv2
picture = cv2.imread(sys.argv[1])
cv2.imwrite(sys.argv[2], cv2.resize(picture, None, fx=2, fy=2))
"""


def refusal(session: Session, *arguments: object) -> str:
    """The message of a command that must be refused."""
    process = session.start(*arguments)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode, f"not refused: {out[-300:]!r}"
    assert b"Traceback" not in err, err[-600:]
    return str(json.loads(out.decode("utf-8").splitlines()[-1])["message"])


def refuses_targets_that_are_no_files(session: Session) -> str:
    """A device, a stream behind a file, a dot at the end, a letter no name has: refused before rendering."""
    if not IS_WINDOWS:
        return ELSEWHERE
    folder = session.folder / "refused"
    for name in ("NUL.mp4", "aux.%04d.png", "CON/o.%04d.png", "a:b.mp4", "is it?.mp4", "COM1.mov", "x|y.mp4"):
        message = refusal(session, "upscale", session.movie, "-o", f"{folder}\\{name}", "--scale", 2)
        assert "device" in message or "on Windows it" in message, (name, message)
    message = refusal(session, "upscale", f'{session.movie.parent}\\" -o x', "-o", folder / "a.mp4")
    assert "quotation mark" in message, message
    assert not folder.exists() or not list(folder.iterdir())
    return "eight refused"


def refuses_to_replace_a_read_only_result(session: Session) -> str:
    """Marked read-only as a version under control or an archived one is: named before rendering."""
    if not IS_WINDOWS:
        return ELSEWHERE
    target = session.folder / "archived.mp4"
    target.write_bytes(b"an older movie")
    target.chmod(0o444)
    message = refusal(session, "upscale", session.movie, "-o", target, "--scale", 2, "--overwrite")
    target.chmod(0o666)
    assert "marked read-only" in message, message
    assert target.read_bytes() == b"an older movie"
    return "named, and left as it was"


def finds_frames_in_other_capitals(session: Session) -> str:
    """The pattern in other letters than the files, with `/` and with `#`."""
    pattern = session.folder / "PLATES" / "F.####.PNG" if IS_WINDOWS else session.sequence
    target = session.folder / "capitals.png"
    session.run("preview", str(pattern).replace("\\", "/"), "--frame", 3, "-o", target, "--scale", 2)
    assert target.is_file()
    return "found"


def reads_what_windows_editors_save(session: Session) -> str:
    """A configuration in UTF-16, as Windows PowerShell writes it; a broken one is named by the doctor."""
    place = session.folder / "saved"
    place.mkdir()
    environment = {**os.environ, "SPARKVSR_HOME": f'"{place}"' if IS_WINDOWS else str(place)}
    outputs: list[str] = []
    for content in ("cache_budget_bytes = 12345\r\n".encode("utf-16"), b"cache_budget_bytes = many\r\n"):
        (place / "config.toml").write_bytes(content)
        command = [sys.executable, "-m", "sparkvsr_engine", "cache", "--json"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
        outputs.append((done.stdout + done.stderr).decode("utf-8", "replace"))
    assert "12345" in outputs[0], outputs[0][-600:]
    assert "config.toml is not valid TOML" in outputs[1], outputs[1][-600:]
    return "read, and the broken one named"


def runs_a_batch_file_as_keyframe_program(session: Session) -> str:
    """In a folder with `&`, brackets and spaces, whose name a shell would run."""
    if not IS_WINDOWS:
        return ELSEWHERE
    folder = session.folder / "R&D (new) ^1"
    folder.mkdir()
    (folder / "enlarge.py").write_text(ENLARGE, "utf-8")
    (folder / "up it.bat").write_text(f'@"{sys.executable}" "%~dp0enlarge.py" %*\r\n', "utf-8")
    target = session.folder / "batch.png"
    isr = f'cmd@2:"{folder}\\up it.bat" {{input}} {{output}}'
    arguments = ("--frame", 3, "-o", target, "--scale", 2, "--keyframe", "3", "--isr", isr)
    session.run("preview", session.movie, *arguments)
    assert target.is_file()
    return "ran"


def ends_by_ctrl_break(session: Session) -> str:
    """As a farm ends a command: status 130, the job is cancelled, the engine goes on."""
    if sys.platform != "win32":
        return ELSEWHERE
    if is_wine():
        return "this system's C library hands Ctrl-Break to no handler"
    return interrupt_by("ctrl_break", session, scale=2.75)


NAME_CASES = (
    refuses_targets_that_are_no_files,
    refuses_to_replace_a_read_only_result,
    finds_frames_in_other_capitals,
    reads_what_windows_editors_save,
    runs_a_batch_file_as_keyframe_program,
    ends_by_ctrl_break,
)
