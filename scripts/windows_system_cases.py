"""Cases of what only Windows has: shares by their names, consoles, junctions, access lists.

Played by `windows_cases`. On another system each reports so, apart from Ctrl-C, which every system has.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

from windows_interruption import interrupt_by
from windows_session import PATIENCE_SECONDS, Session, is_wine, wait_for_worker

from sparkvsr_bridge.errors import OutputUnwritable
from sparkvsr_bridge.system.folders import runtime_folder
from sparkvsr_engine.folder_links import is_folder_link, link_folder

ELSEWHERE = "only Windows has them"


def names_a_share_that_is_not_there(session: Session) -> str:
    r"""`\\server\share` names are read as such: one that is missing is named, one that is there is used."""
    if os.name != "nt":
        return ELSEWHERE
    missing = "\\\\localhost\\no-such-share\\clip.mp4"
    out, _ = session.start("upscale", missing, "-o", session.folder / "unc.mp4").communicate(
        timeout=PATIENCE_SECONDS
    )
    message = json.loads(out.decode("utf-8").splitlines()[-1])["message"]
    assert missing in message, message
    out, _ = session.start("upscale", session.movie, "-o", missing).communicate(timeout=PATIENCE_SECONDS)
    event = json.loads(out.decode("utf-8").splitlines()[-1])
    assert event["event"] == "error", event
    share = Path(f"\\\\localhost\\{session.folder.drive[0]}$", *session.folder.parts[1:])
    if not share.exists():
        return "named; this system has no share of its own drive"
    session.run("upscale", share / "clip.mp4", "-o", share / "unc.mp4", "--scale", 2)
    assert (session.folder / "unc.mp4").is_file()
    return "named, read and written"


def ends_by_ctrl_c(session: Session) -> str:
    """Ctrl-C at the command cancels the job; the engine, in a console nobody sees, goes on."""
    return interrupt_by("ctrl_c", session, scale=2.5)


def opens_no_console_window(session: Session) -> str:
    """Neither engine nor worker has a window, though both are console programs."""
    if sys.platform != "win32":
        return ELSEWHERE
    import ctypes

    process = session.start("upscale", session.movie, "-o", session.folder / "window.mp4", "--scale", 2.25)
    pids = {wait_for_worker(session), session.describe().pid}
    windows: list[int] = []
    user = ctypes.WinDLL("user32")

    @ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    def look(window: int, _: int) -> int:
        owner = ctypes.c_uint32()
        user.GetWindowThreadProcessId(ctypes.c_void_p(window), ctypes.byref(owner))
        if owner.value in pids and user.IsWindowVisible(ctypes.c_void_p(window)):
            windows.append(window)
        return 1

    user.EnumWindows(look, None)
    process.communicate(timeout=PATIENCE_SECONDS)
    assert not windows, windows
    return "no window of engine or worker"


def stands_for_a_folder(session: Session) -> str:
    """A folder's link is made without a right, leads there, and goes without what it leads to."""
    target, place = session.folder / "weights", session.folder / "link"
    target.mkdir()
    (target / "file").write_text("here")
    try:
        link_folder(target, place)
    except OutputUnwritable as refusal:
        return f"refused in words: {refusal.message}"
    assert (place / "file").read_text() == "here"
    is_link = is_folder_link(place)
    place.unlink() if is_link else place.rmdir()
    assert (target / "file").is_file()
    return "made and taken away" if is_link else "made; this system hides what it is"


def keeps_its_keys_to_one_user(session: Session) -> str:
    """The connection file holds a secret: nobody but this user, the system and administrators reads it."""
    session.describe()
    folder = runtime_folder(session.folder / "home")
    if sys.platform != "win32":
        assert folder.stat().st_mode & 0o077 == 0
        assert (folder / "engine.json").stat().st_mode & 0o077 == 0
        return "modes 0700 and 0600"

    lists = [access_list(folder)]
    # Wine makes lists up from Unix modes, so that a file takes none over from its folder.
    hands_on = not is_wine()
    if hands_on:
        lists.append(access_list(folder / "engine.json"))
    for text in lists:
        # Everyone, users, authenticated users, guests, anonymous.
        assert not re.search(r"\(A;[^)]*;(WD|BU|AU|BG|AN)\)", text), text
    return lists[-1] if hands_on else f"{lists[0]}; this system hands no list on to files"


def access_list(path: Path) -> str:
    """The access list of a file, in Windows' own notation."""
    if sys.platform != "win32":
        raise NotImplementedError(ELSEWHERE)
    import ctypes

    security = ctypes.WinDLL("advapi32", use_last_error=True)
    size = ctypes.c_uint32()
    security.GetFileSecurityW(str(path), 4, None, 0, ctypes.byref(size))
    descriptor = ctypes.create_string_buffer(size.value)
    text = ctypes.c_wchar_p()
    is_read = security.GetFileSecurityW(str(path), 4, descriptor, size, ctypes.byref(size))
    convert = security.ConvertSecurityDescriptorToStringSecurityDescriptorW
    if not is_read or not convert(descriptor, 1, 4, ctypes.byref(text), None):
        raise ctypes.WinError(ctypes.get_last_error())
    return text.value or ""


SYSTEM_CASES = (
    names_a_share_that_is_not_there,
    ends_by_ctrl_c,
    opens_no_console_window,
    stands_for_a_folder,
    keeps_its_keys_to_one_user,
)
