"""Plays the daily work through the engine where it is run: `windows_cases.py [FOLDER [NAME...]]`.

Written for what differs on Windows (files held open, killed processes, names, redirected output), it runs on
every system. Prints a line a case, and ends with status 1 when one of them fails.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

from windows_name_cases import NAME_CASES
from windows_session import (
    FRAMES,
    PATIENCE_SECONDS,
    ROOT,
    Session,
    ended,
    kill,
    make_footage,
    wait_for,
    wait_for_worker,
)
from windows_system_cases import SYSTEM_CASES

from sparkvsr_bridge.system.liveness import process_exists


def starts_and_says_hello(session: Session) -> str:
    """The engine starts by itself, answers, and reports its state."""
    reply = session.describe()
    assert process_exists(reply.pid)
    session.run("status")
    return f"engine {reply.pid}"


def renders_a_sequence(session: Session) -> str:
    """A numbered sequence, twice the size."""
    target = session.folder / "out" / "o.%04d.png"
    event = session.run("upscale", session.sequence, "-o", target, "--scale", 2)
    assert len(list((session.folder / "out").glob("o.*.png"))) == FRAMES
    return f"job {event['job']}"


def renders_a_movie(session: Session) -> str:
    """A movie, twice the size."""
    target = session.folder / "out.mp4"
    session.run("upscale", session.movie, "-o", target, "--scale", 2)
    return f"{target.stat().st_size} bytes"


def previews(session: Session) -> str:
    """One frame to a picture."""
    target = session.folder / "look.png"
    session.run("preview", session.movie, "--frame", 3, "-o", target, "--scale", 2)
    return f"{target.stat().st_size} bytes"


def revises_with_links(session: Session) -> str:
    """A revision that changes nothing shares its files with the version before."""
    first, second = (session.folder / name / "o.%04d.png" for name in ("one", "two"))
    job = session.run("upscale", session.sequence, "-o", first, "--scale", 2)["job"]
    event = session.run("revise", job, "-o", second)
    links = (session.folder / "two" / "o.0003.png").stat().st_nlink
    assert event["frames_reused"] == FRAMES, event
    assert links > 1
    return f"{FRAMES} frames reused, {links} names a file"


def survives_a_killed_worker(session: Session) -> str:
    """The worker is killed while it renders; the job finishes."""
    process = session.start("upscale", session.movie, "-o", session.folder / "worker.mp4", "--scale", 3)
    worker = wait_for_worker(session)
    kill(worker)
    ended(process)
    return f"worker {worker} was killed"


def survives_a_killed_engine(session: Session) -> str:
    """The engine is killed while a job runs; the command starts another and the job finishes."""
    process = session.start("upscale", session.movie, "-o", session.folder / "engine.mp4", "--scale", 3.5)
    wait_for_worker(session)
    engine = session.describe().pid
    kill(engine)
    ended(process)
    assert session.describe().pid != engine
    return f"engine {engine} was killed"


def says_who_holds_a_target(session: Session) -> str:
    """A player has the target open: Windows refuses to replace it, the reason is named, resuming helps."""
    target = session.folder / "held.mp4"
    target.write_bytes(b"an older movie")
    process = session.start("upscale", session.movie, "-o", target, "--scale", 2, "--overwrite")
    with target.open("rb"):
        out, _ = process.communicate(timeout=PATIENCE_SECONDS)
    event = json.loads(out.decode("utf-8").splitlines()[-1])
    if process.returncode == 0:
        return "replaced while it was open"
    assert "another program has it open" in out.decode("utf-8"), event
    assert "is open in another program" in out.decode("utf-8"), "no warning before rendering"
    job = next(json.loads(line)["job"] for line in out.decode("utf-8").splitlines() if '"job"' in line)
    session.run("resume", job)
    assert target.stat().st_size > 100
    return "named, then resumed"


def prints_every_name(session: Session) -> str:
    """Letters no code page has, in a path and in redirected output."""
    target = session.folder / "Möwe 海 ünï.mp4"
    event = session.run("upscale", session.movie, "-o", target, "--scale", 2)
    assert event["target"] == str(target), event
    assert target.is_file()
    return "kept"


def takes_urls_and_long_names(session: Session) -> str:
    r"""`file://` URLs, and on Windows `\\?\` names and paths of a drive's own folder."""
    target = session.folder / "url.mp4"
    session.run("upscale", session.movie.as_uri(), "-o", target.as_uri(), "--scale", 2)
    assert target.is_file()
    if os.name != "nt":
        return "URLs"
    for number, prefix in enumerate(("\\\\?\\", "")):
        target = session.folder / f"long{number}.mp4"
        session.run("upscale", f"{prefix}{session.movie}", "-o", f"{prefix}{target}", "--scale", 2)
        assert target.is_file()
    return r"URLs and \\?\ names"


def plays_the_demonstration(session: Session) -> str:
    """The demonstration's first frames through the engine; it leaves its movie and its picture."""
    event = session.run("demo", "--output", session.folder / "demo", "--frames", "0-1")
    paths = [Path(str(event[name])) for name in ("movie", "picture")]
    assert all(path.stat().st_size > 1000 for path in paths), event
    return f"{event['frames_done']} frames, {paths[0].name}, {paths[1].name}"


def ends_when_asked(session: Session) -> str:
    """The engine and its worker are gone after `stop`, and their folder holds nothing of theirs."""
    reply = session.describe()
    session.run("stop")
    wait_for(lambda: not process_exists(reply.pid), "the engine ends")
    leftovers = sorted(path.name for path in (session.folder / "home" / "run").iterdir())
    assert not [name for name in leftovers if name.startswith(("sparkvsr-", "engine.json"))], leftovers
    return "nothing left"


CASES = (
    starts_and_says_hello,
    renders_a_sequence,
    renders_a_movie,
    previews,
    revises_with_links,
    prints_every_name,
    takes_urls_and_long_names,
    says_who_holds_a_target,
    survives_a_killed_worker,
    survives_a_killed_engine,
    *SYSTEM_CASES,
    *NAME_CASES,
    plays_the_demonstration,
    ends_when_asked,
)


def main(arguments: list[str]) -> int:
    """Play all cases, or those whose names hold one of the further arguments."""
    folder = Path(arguments[0]) if arguments else Path(tempfile.mkdtemp(prefix="sparkvsr-cases-"))
    os.environ["SPARKVSR_HOME"] = str(folder / "home")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "bridge")])
    session = Session(folder)
    make_footage(session)
    failed = 0
    for case in CASES:
        if arguments[1:] and not any(name in case.__name__ for name in arguments[1:]):
            continue
        began = time.monotonic()
        try:
            outcome = f"ok    {case.__name__}: {case(session)}"
        except Exception:
            failed += 1
            outcome = f"FAIL  {case.__name__}: {traceback.format_exc(limit=-2)}"
        print(f"{outcome} ({time.monotonic() - began:.1f} s)", flush=True)
    session.engine().stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
