"""Ways around the folders that are no plain path: the system's own links, addresses, variables, wildcards,
lists, colour configs, versions, roles, numbers of subscriptions; and what sentences give away.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import zmq

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.wire import decode, encode, make_envelope
from sparkvsr_bridge.errors import LimitReached, NotPermitted, SparkVSRError, UnknownJob
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import JobSpec, KeyframePolicy, OutputTarget, Revision, UpscaleSettings
from sparkvsr_engine.access.keys import new_key
from tests.fakes.remote_engines import RemoteEngine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="paths and links of POSIX")
MIB = 1024**2


def spec(engine: RemoteEngine, name: str = "x", **settings) -> JobSpec:
    return JobSpec(
        SourceMedia(str(engine.shots / "plate.%04d.png")),
        OutputTarget(str(engine.results / name / "%04d.png")),
        replace(UpscaleSettings(scale=2.0, model="identity", policy=KeyframePolicy("none")), **settings),
    )


@pytest.fixture(scope="module")
def client(engine: RemoteEngine) -> EngineClient:
    return engine.client("submit")


def ask(client: EngineClient, message):
    """As fast as the key may ask."""
    while True:
        try:
            return client.request_envelope(message)
        except LimitReached:
            time.sleep(0.1)


def refusal_of(client: EngineClient, message) -> SparkVSRError:
    with pytest.raises(SparkVSRError) as refused:
        ask(client, message)
    return refused.value


@pytest.mark.slow
def test_no_roundabout_source_is_read(engine: RemoteEngine, client: EngineClient):
    shots, secret = engine.shots, engine.secret
    roundabout = [
        *("/proc/self/root" + str(secret / "plate.%04d.png"), "/proc/self/cwd/x.png", "/proc/self/environ"),
        *(
            "/proc/self/fd/0",
            "/proc/thread-self/fd/3",
            "/dev/stdin",
            "/dev/fd/0",
            "/dev/shm/x.png",
            "/sys/x.png",
        ),
        *(
            "file:///proc/self/environ",
            f"file://localhost{secret}/plate.%04d.png",
            f"file://elsewhere{shots}/x",
        ),
        *("~/x.png", "~root/x.png", "$HOME/x.png", "${HOME}/x.png", f"{shots}/$HOME/x.png", "%HOME%\\x.png"),
        *(f"{shots}/*/plate.%04d.png", f"{shots}/../*/plate.0001.png", f"{shots}/%02d/plate.png"),
        *(
            f"{shots}/####/plate.####.png",
            f"{shots}/%s.png/../../secret/plate.0001.png",
            f"{shots}/%999999d.png",
        ),
        *(
            "pipe:0",
            "fd:0",
            "concat:/etc/passwd|/etc/group",
            "subfile,,start,0,end,9,,:/etc/passwd",
            "data:,x",
        ),
        *(
            "http://10.0.0.1/x.mov",
            "rtsp://10.0.0.1/x",
            "crypto:/etc/passwd",
            "lavfi:testsrc",
            "async:/etc/passwd",
        ),
        *(
            f"{shots}//..//secret/plate.0001.png",
            f"{shots}/./../secret/x.png",
            f"{secret}/../shots/../secret/x.png",
        ),
    ]
    let_in = []
    for path in roundabout:
        error = refusal_of(client, m.DescribeMediaRequest(SourceMedia(path)))
        if error.code not in ("not_permitted", "media_unreadable"):
            let_in.append((path, error.code, error.message))
    assert let_in == []


def test_no_roundabout_target_is_written(engine: RemoteEngine, client: EngineClient):
    results, secret = engine.results, engine.secret
    before = sorted(engine.base.rglob("*.png"))
    (results / "led").symlink_to(secret)
    (results / "0001.png").symlink_to(secret / "made.png")
    targets = [
        *(
            f"{results}/%04d/../../secret/x.png",
            f"{results}/a/../../secret/%04d.png",
            f"{results}/..%04d/../x.png",
        ),
        *(
            f"{results}/$HOME/%04d.png",
            f"{results}/%USERPROFILE%/%04d.png",
            "~/%04d.png",
            f"{results}/${{X}}.mov",
        ),
        *(
            f"{results}/led/%04d.png",
            f"{results}/led/new/%04d.png",
            f"{results}/led/x.mov",
            f"{results}/0001.png",
        ),
        *("/dev/null", "/dev/stdout", "/proc/self/fd/1", f"file://{secret}/%04d.png", f"{secret}/%04d.png"),
        *(
            f"{engine.home}/x.mov",
            f"{engine.home}/config.toml",
            f"{results}/%0999d.png",
            str(results.parent / "x.mov"),
        ),
    ]
    let_in = []
    for path in targets:
        error = refusal_of(client, m.SubmitJobRequest(replace(spec(engine), output=OutputTarget(path))))
        if error.code != "not_permitted":
            let_in.append((path, error.code, error.message))
    (results / "led").unlink()
    (results / "0001.png").unlink()
    assert let_in == []
    assert sorted(engine.base.rglob("*.png")) == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cut.otio", '{"OTIO_SCHEMA": "Timeline.1", "target_url": "/etc/passwd"}'),
        (
            "cut.edl",
            "TITLE: x\n001 AX V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n* FROM: /etc/passwd\n",
        ),
        ("cut.xml", "<?xml version='1.0'?><xmeml><pathurl>file:///etc/passwd</pathurl></xmeml>"),
        ("list.txt", "ffconcat version 1.0\nfile '/etc/passwd'\n"),
        ("list.mp4", '\n\n  #EXTM3U\n#EXT-X-MAP:URI="/etc/passwd"\n'),
        ("tagged.mov", "ID3\x04\x00\x00\x00\x00\x00\x00#EXTM3U\n#EXTINF:1,\n/etc/passwd\n"),
        ("script.avs", 'FFVideoSource("/etc/passwd")\n'),
        ("script.vpy", "import os; os.system('touch /tmp/x')\n"),
    ],
)
def test_a_file_that_names_others_is_no_source(
    engine: RemoteEngine, client: EngineClient, name: str, text: str
):
    (engine.shots / name).write_text(text, "utf-8")
    error = refusal_of(client, m.DescribeMediaRequest(SourceMedia(str(engine.shots / name))))
    assert error.code in ("not_permitted", "media_unreadable", "unsupported_media", "invalid_settings"), error
    assert "root:" not in error.message


CONFIG = """ocio_profile_version: 2
search_path: {search}
roles:
  default: lin
colorspaces:
  - !<ColorSpace>
    name: lin
  - !<ColorSpace>
    name: look
    to_scene_reference: !<GroupTransform>
      children:
        - !<FileTransform> {{src: "{table}"}}
"""


@pytest.mark.parametrize(
    ("search", "table"),
    [
        (".", "../../secret/table.cube"),
        ("../../secret", "table.cube"),
        (".", "{secret}/table.cube"),
        ("{secret}", "table.cube"),
        (".", "linked.cube"),
        (".", "$HOME/table.cube"),
        ("${{HOME}}", "table.cube"),
    ],
    ids=[
        "upwards",
        "search path",
        "full path",
        "full search path",
        "a link",
        "a variable",
        "a variable's path",
    ],
)
def test_a_colour_configs_tables_are_judged_before_they_are_read(
    engine: RemoteEngine, client: EngineClient, search: str, table: str
):
    pytest.importorskip("PyOpenColorIO")
    (engine.secret / "table.cube").write_text("root:x:0:0:secretword\nLUT_3D_SIZE 2\n")
    folder = engine.shots / f"colours{abs(hash((search, table)))}"
    folder.mkdir()
    (folder / "linked.cube").symlink_to(engine.secret / "table.cube")
    places = {"secret": engine.secret}
    text = CONFIG.format(search=search.format(**places), table=table.format(**places))
    (folder / "config.ocio").write_text(text)
    (folder / "linked.cube").unlink() if table != "linked.cube" else None
    job_spec = spec(
        engine, "looked", ocio_config=str(folder / "config.ocio"), input_colour="look", output_colour="lin"
    )
    error = refusal_of(client, m.SubmitJobRequest(job_spec))
    (folder / "linked.cube").unlink(missing_ok=True)
    assert error.code == "not_permitted", error.message
    assert "secretword" not in error.message
    assert os.environ["HOME"] + "/table" not in error.message


@pytest.mark.parametrize(
    "name", ["ocio://../../etc/passwd", "ocio:///etc/passwd", "ocio://default|/etc/passwd"]
)
def test_a_built_in_configs_name_is_a_name(engine: RemoteEngine, client: EngineClient, name: str):
    job_spec = spec(engine, "named", ocio_config=name, input_colour="a", output_colour="b")
    assert refusal_of(client, m.SubmitJobRequest(job_spec)).code in ("invalid_settings", "not_permitted")


def finished(client: EngineClient, job_spec: JobSpec) -> str:
    job = ask(client, m.SubmitJobRequest(job_spec)).message.report.job
    for _ in range(1200):
        report = ask(client, m.DescribeJobRequest(job)).message.report
        if report.state in m.ENDED_STATES:
            assert report.state == "finished", report
            return job
        time.sleep(0.1)
    raise AssertionError("the job does not end")


def test_a_version_outside_is_hidden_whatever_the_others_are(engine: RemoteEngine, client: EngineClient):
    hidden = replace(spec(engine), output=OutputTarget(str(engine.secret / "first" / "%04d.png")))
    with engine.local().connect() as local:
        job = finished(local, hidden)
        revision = Revision(guidance=0.5, output=OutputTarget(str(engine.results / "shown" / "%04d.png")))
        ask(local, m.ReviseJobRequest(job, revision))
    assert ask(client, m.DescribeJobRequest(job)).message.report.version == 2
    for message in (m.DescribeJobRequest(job, 1), m.ConfidenceRequest(job, 1), m.SuggestNextRequest(job, 1)):
        assert isinstance(refusal_of(client, message), UnknownJob)


@pytest.mark.parametrize("job", ["../../x", "x' OR '1'='1", "%", "", "a" * 5000, "\u202e", "a/b", "x\n"])
def test_a_jobs_name_is_looked_up_and_no_more(client: EngineClient, job: str):
    for message in (m.DescribeJobRequest(job), m.WatchJobRequest(job), m.ConfidenceRequest(job)):
        assert refusal_of(client, message).code in ("unknown_job", "malformed_message", "invalid_settings")


def test_a_smaller_role_counts_from_the_next_message_on(engine: RemoteEngine):
    """The same key, enrolled again as a watcher while its job runs and its connection is open."""
    client = engine.client("submit")
    job = ask(client, m.SubmitJobRequest(spec(engine, "role"))).message.report.job
    public = engine.pairs["submit"].public
    engine.keys.revoke("submit-client")
    engine.keys.add(new_key("submit-client", "watch", public))
    try:
        for message in (
            m.SubmitJobRequest(spec(engine, "again")),
            m.CancelJobRequest(job),
            m.ShutdownRequest(),
        ):
            assert isinstance(refusal_of(client, message), NotPermitted)
        assert ask(client, m.DescribeJobRequest(job)).message.report.job == job
    finally:
        engine.keys.revoke("submit-client")
        engine.keys.add(new_key("submit-client", "submit", public))
    assert not (engine.results / "again").exists()


def test_a_message_sent_again_word_for_word_is_judged_again(engine: RemoteEngine):
    """Nobody else can replay it (CURVE); its owner gets an answer each, and the limits count each."""
    frames = encode(make_envelope(m.DescribeMediaRequest(SourceMedia("/etc/x"))))
    time.sleep(4.0)
    with bare(engine, "submit", "requests", zmq.DEALER) as sock:
        for _ in range(5):
            sock.send_multipart(frames)
        codes = [decode(sock.recv_multipart()).message.error.code for _ in range(5) if sock.poll(20_000)]
    assert codes == ["not_permitted"] * 5


@contextmanager
def bare(engine: RemoteEngine, role: str, place: str, kind: int) -> Iterator[zmq.Socket]:
    connection = engine.connection(role)
    context = zmq.Context()
    sock = context.socket(kind)
    sock.setsockopt(zmq.LINGER, 0)
    sock.setsockopt(zmq.SNDHWM, 0)
    sock.curve_serverkey = connection.server_key.encode()
    sock.curve_publickey = connection.client_public.encode()
    sock.curve_secretkey = connection.client_secret.encode()
    sock.connect(getattr(connection, place))
    try:
        yield sock
    finally:
        sock.close(0)
        context.term()


@pytest.mark.slow
@pytest.mark.parametrize(("place", "kind"), [("events", zmq.XSUB), ("heartbeat", zmq.DEALER)])
def test_floods_of_subscriptions_and_beats_leave_memory_bounded(engine: RemoteEngine, place: str, kind: int):
    before, most = engine.memory(), 0
    client = engine.client("watch")
    with bare(engine, "submit", place, kind) as sock:
        for number in range(40_000):
            topic = b"%d" % number + os.urandom(180)
            sock.send_multipart([b"\x01" + topic] if kind == zmq.XSUB else [b"", topic])
            if number % 2000 == 0:
                most = max(most, engine.memory())
                assert client.request(m.DescribeEngineRequest(), m.EngineReply).pid
        give_up = time.monotonic() + 5.0
        while time.monotonic() < give_up:
            most = max(most, engine.memory())
            time.sleep(0.1)
    assert most - before < 200 * MIB


def test_watching_again_and_again_is_one_watch(engine: RemoteEngine, client: EngineClient):
    job = finished(client, spec(engine, "watched"))
    for _ in range(120):
        ask(client, m.WatchJobRequest(job))
    assert ask(client, m.DescribeJobRequest(job)).message.report.state == "finished"


def test_sentences_do_not_reveal_where_the_engine_lives(engine: RemoteEngine, client: EngineClient):
    broken = engine.shots / "broken"
    broken.mkdir()
    (broken / "0001.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    job_spec = replace(spec(engine, "broken"), source=SourceMedia(str(broken / "%04d.png")))
    messages = [refusal_of(client, m.SubmitJobRequest(job_spec)).message]
    messages.append(refusal_of(client, m.SubmitJobRequest(spec(engine, "broken", model="absent"))).message)
    reply = ask(client, m.DescribeEngineRequest()).message
    assert reply.home == ""
    for text in messages:
        assert str(engine.home) not in text
        assert str(Path(sys.prefix)) not in text
