"""Runs a job on a Ray cluster of hosts with addresses of their own: network namespaces (Linux, root).

`python scripts/ray_hosts.py --hosts 4 CLIP --scale 2`: a clip through an engine of the first host, while one
host is killed and another is cut off; the result is compared with one machine's, frame by frame. With
`--apart` the hosts beside the first see neither the engine's folder nor the target's: another file system is
mounted there for them, and what they render comes back through Ray.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BRIDGE = "svsr-hosts"
PORT = 6379
PROGRAM = (sys.executable, "-m", "sparkvsr_engine")
THREADS = "1"
ENVIRONMENT = {
    "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'bridge'}",
    "OMP_WAIT_POLICY": "PASSIVE",
    # These hosts see each other alone; hosts of a network share Ray's token.
    "RAY_AUTH_MODE": "disabled",
}
PASSED_ON = "SPARKVSR_EXECUTOR,SPARKVSR_THREADS,RAY_AUTH_MODE"
START_SECONDS = 120.0
# What `ray start --block` prints once its node runs.
STARTED = "will now block"
# Mounts an empty file system over a folder, then becomes the command that follows.
_HIDING = 'mount -t tmpfs none "$0" && exec "$@"'


def command(*words: str) -> None:
    """Run a command of the system to its end; raises CalledProcessError."""
    subprocess.run(words, check=True)


class Host:
    """A network namespace with an address, and a Ray node in it."""

    def __init__(self, index: int, head: str, hidden: Path | None = None) -> None:
        """hidden: a folder that this host does not see."""
        self._hidden = hidden
        self.name = f"svsr-{index}"
        self.address = f"10.77.0.{index}"
        self._outside = f"svsr-v{index}"
        self._head = head
        self._node: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """The namespace, its link to the bridge, its address."""
        inside = f"eth-{self.name}"
        command("ip", "netns", "add", self.name)
        command("ip", "link", "add", self._outside, "type", "veth", "peer", "name", inside)
        command("ip", "link", "set", self._outside, "master", BRIDGE, "up")
        command("ip", "link", "set", inside, "netns", self.name)
        self.run_inside("ip", "addr", "add", f"{self.address}/24", "dev", inside)
        self.run_inside("ip", "link", "set", inside, "up")
        self.run_inside("ip", "link", "set", "lo", "up")

    def run_inside(self, *words: str) -> None:
        """Run a command in the namespace to its end."""
        command("ip", "netns", "exec", self.name, *words)

    def start(self, *words: str, **options: object) -> subprocess.Popen[bytes]:
        """Start a program in the namespace."""
        return subprocess.Popen(["ip", "netns", "exec", self.name, *words], **options)  # type: ignore[call-overload]

    def start_node(self, folder: Path) -> None:
        """Its Ray node: the head on the first host, the others join it."""
        place = f"--address={self._head}:{PORT}" if self._head != self.address else f"--port={PORT}"
        head = ["--head", "--include-dashboard=false"] if self._head == self.address else []
        words = ["ray", "start", *head, place, f"--node-ip-address={self.address}", "--num-cpus=1"]
        apart = (
            [] if self._hidden is None else ["unshare", "--mount", "sh", "-ec", _HIDING, str(self._hidden)]
        )
        with (folder / f"{self.name}.log").open("wb") as log:
            self._node = self.start(
                *apart, *words, "--num-gpus=0", "--block", "--disable-usage-stats", stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def wait_for_node(self, folder: Path) -> None:
        """Until its node runs; raises SystemExit where it does not start."""
        log = folder / f"{self.name}.log"
        give_up = time.monotonic() + START_SECONDS
        while STARTED not in log.read_text(errors="replace"):
            if time.monotonic() > give_up:
                text = log.read_text(errors="replace")
                raise SystemExit(f"the node of {self.address} does not start:\n{text}")
            time.sleep(0.5)

    def kill(self) -> None:
        """End everything in the namespace at once."""
        listed = subprocess.run(
            ["ip", "netns", "pids", self.name], capture_output=True, text=True, check=False
        )
        for pid in listed.stdout.split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)

    def cut_off(self) -> None:
        """Take its cable out; its programs go on."""
        command("ip", "link", "set", self._outside, "down")

    def remove(self) -> None:
        """The namespace with all in it."""
        self.kill()
        if self._node is not None:
            self._node.wait(10)
        command("ip", "netns", "del", self.name)


@contextmanager
def hosts(count: int, folder: Path, hidden: Path | None = None) -> Iterator[list[Host]]:
    """So many hosts, all nodes of one cluster; those beside the first do not see a hidden folder."""
    with ExitStack() as stack:
        command("ip", "link", "add", BRIDGE, "type", "bridge")
        stack.callback(command, "ip", "link", "del", BRIDGE)
        command("ip", "link", "set", BRIDGE, "up")
        result: list[Host] = []
        for index in range(1, count + 1):
            host = Host(index, "10.77.0.1", hidden if index > 1 else None)
            host.make()
            stack.callback(host.remove)
            result.append(host)
        for host in result:
            host.start_node(folder)
            host.wait_for_node(folder)
        yield result


def render(
    first: Host, source: Path, target: Path, home: Path, options: list[str]
) -> Iterator[dict[str, object]]:
    """The events of one job of an engine in the first host's namespace."""
    environment = {
        **os.environ, "SPARKVSR_HOME": str(home), "SPARKVSR_EXECUTOR": f"ray:{first.address}:{PORT}",
        "SPARKVSR_THREADS": THREADS, "SPARKVSR_KEEP_ENVIRONMENT": PASSED_ON,
    }  # fmt: skip
    words = [*PROGRAM, "upscale", str(source), "-o", str(target), "--json", *options]
    job = first.start(*words, env=environment, stdout=subprocess.PIPE)
    assert job.stdout is not None
    for line in job.stdout:
        yield json.loads(line)
    if job.wait():
        raise SystemExit(f"the job ended with status {job.returncode}")


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path)
    parser.add_argument("--hosts", type=int, default=4)
    parser.add_argument("--unharmed", action="store_true", help="kill no host and cut none off")
    parser.add_argument("--apart", action="store_true", help="the others see no folder of the first host's")
    parser.add_argument("options", nargs=argparse.REMAINDER, help="of upscale")
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="svsr-ray-"))
    os.environ.update(ENVIRONMENT)
    host_folder = folder / "own"
    host_folder.mkdir()
    with hosts(options.hosts, folder, host_folder if options.apart else None) as all_hosts:
        frames: list[int] = []
        notes: object = ()
        target = host_folder / "spread" / "%04d.png"
        for event in render(all_hosts[0], options.source, target, host_folder / "home", options.options):
            if event["event"] == "frames":
                before, frames = len(frames), [*frames, *event["frames"]]  # type: ignore[misc]
                if not options.unharmed and not before:
                    print(f"after {len(frames)} frames: {all_hosts[-1].address} is killed")
                    all_hosts[-1].kill()
                if not options.unharmed and before < 48 <= len(frames):
                    print(f"after {len(frames)} frames: {all_hosts[-2].address} is cut off")
                    all_hosts[-2].cut_off()
            notes = event.get("run_notes", notes)
        subprocess.run(["ip", "netns", "exec", all_hosts[0].name, *PROGRAM, "stop"], check=False,
                       env={**os.environ, "SPARKVSR_HOME": str(host_folder / "home")})  # fmt: skip
    counts = Counter(frames)
    twice = sum(count - 1 for count in counts.values())
    print(f"{len(counts)} frames, {twice} reported twice; {notes}")
    single = folder / "single" / "%04d.png"
    environment = {**os.environ, "SPARKVSR_HOME": str(folder / "single-home"), "SPARKVSR_THREADS": THREADS}
    words = [*PROGRAM, "upscale", str(options.source), "-o", str(single), "--in-process", *options.options]
    subprocess.run(words, check=True, env=environment)
    differing = [
        path.name
        for path in sorted(single.parent.glob("*.png"))
        if path.read_bytes() != (target.parent / path.name).read_bytes()
    ]
    print(f"{len(differing)} of {len(list(single.parent.glob('*.png')))} files differ from one machine's")
    shutil.rmtree(folder)
    return 1 if differing or twice else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
