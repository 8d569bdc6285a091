"""Builds what a release publishes, twice, and compares: `python scripts/build_release.py [--output dist]`.

    pip install -c constraints.txt -e .[release]      first

Each build starts from the commit that is checked out, in a folder of its own, with the commit's time as the
time of every file: the source archive first, then the wheel from nothing but the unpacked source archive.
Both builds must be the same to the byte; then twine checks them, the licences in them are compared with what
they carry, and SHA256SUMS is written beside them.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Every text of `license-files`, by the end of its name.
LICENCES = (
    "licenses/LICENSE",
    "licenses/THIRD_PARTY.md",
    "licenses/plugins/blender/LICENSE",
    "licenses/sparkvsr_engine/models/isr/weights/LICENSE-Real-ESRGAN.txt",
    "licenses/sparkvsr_engine/models/isr/weights/LICENSE-SPAN.txt",
    "licenses/sparkvsr_engine/models/lite/weights/LICENSE.txt",
    "licenses/sparkvsr_engine/cli/demo_clip/CREDITS.md",
)


class ReleaseFailed(Exception):
    """What is built is not to be published; the message gives the reason."""


def build_from_commit(folder: Path) -> tuple[Path, Path]:
    """Source archive and wheel of the commit that is checked out, made in an empty folder."""
    moment = _output(["git", "log", "-1", "--format=%ct"]).strip()
    source = folder / "source"
    source.mkdir()
    exported = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(exported)) as archive:
        archive.extractall(source, filter="data")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": moment, "PIP_CONSTRAINT": str(ROOT / "constraints.txt")}
    environment.pop("PYTHONPATH", None)
    _build(["--sdist", "--outdir", str(folder), str(source)], environment)
    sdist = next(folder.glob("*.tar.gz"))
    normalise_archive(sdist, int(moment))
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    _build(["--wheel", "--outdir", str(folder), str(next((folder / "unpacked").iterdir()))], environment)
    return sdist, next(folder.glob("*.whl"))


def normalise_archive(path: Path, moment: int) -> None:
    """Rewrite a .tar.gz so that it holds nothing of the machine that made it: order, owners, times, modes.

    moment: seconds since 1970, of every file. (The wheel needs none of it: its builder reads
    SOURCE_DATE_EPOCH, and the modes come out of the archive.)
    """
    with tarfile.open(path) as archive:
        entries = [(member, archive.extractfile(member)) for member in archive.getmembers()]
        contents = [(member, file.read() if file else None) for member, file in entries]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member, content in sorted(contents, key=lambda pair: pair[0].name):
            entry = tarfile.TarInfo(member.name)
            entry.type, entry.mtime, entry.size = member.type, moment, len(content or b"")
            entry.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            archive.addfile(entry, io.BytesIO(content) if content is not None else None)
    with path.open("wb") as file, gzip.GzipFile("", "wb", 9, file, moment) as zipped:
        zipped.write(packed.getvalue())


def require_equal(first: Path, second: Path) -> str:
    """The SHA-256 of both; raises ReleaseFailed where they differ."""
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (first, second)]
    if digests[0] != digests[1]:
        raise ReleaseFailed(f"{first.name} is not the same twice: {' '.join(digests)}")
    return digests[0]


def require_licences(wheel: Path) -> None:
    """Raise ReleaseFailed where a licence of what the wheel carries is missing in it."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    missing = [text for text in LICENCES if not any(name.endswith(f".dist-info/{text}") for name in names)]
    if missing:
        raise ReleaseFailed(f"{wheel.name} lacks {', '.join(missing)}")


def _build(arguments: list[str], environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "build", *arguments]
    # Modes of new files come from the process.
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, umask=0o022)
    if done.returncode:
        raise ReleaseFailed(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")


def _output(command: list[str]) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def build_release(output: Path) -> None:
    """Build, compare, check, and put the files into `output`. Raises ReleaseFailed."""
    if _output(["git", "status", "--porcelain"]).strip():
        print("What is not committed is not built.", file=sys.stderr)
    sums: list[str] = []
    with tempfile.TemporaryDirectory(prefix="sparkvsr-release-") as name:
        builds: list[tuple[Path, Path]] = []
        for number in ("first", "second"):
            (Path(name) / number).mkdir()
            builds.append(build_from_commit(Path(name) / number))
        output.mkdir(parents=True, exist_ok=True)
        for first, second in zip(*builds, strict=True):
            sums.append(f"{require_equal(first, second)}  {first.name}")
            shutil.copy(first, output)
    print("\n".join(sums), "the same twice", sep="\n")
    paths = [output / line.split()[1] for line in sums]
    require_licences(paths[1])
    if subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *map(str, paths)], check=False
    ).returncode:
        raise ReleaseFailed("twine refuses what was built; its reasons are above")
    (output / "SHA256SUMS").write_text("\n".join(sums) + "\n", "utf-8")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--output", type=Path, default=ROOT / "dist", metavar="DIR")
    try:
        build_release(parser.parse_args().output.absolute())
    except ReleaseFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
