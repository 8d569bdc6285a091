"""Fetching through huggingface_hub from a hub that runs in the test."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

import pytest

from bridge.errors import ModelMissing
from sparkvsr_engine.models.cogvideox.fetch import fetch_cogvideox

REPOSITORY = "someone/SparkVSR"
COMMIT = "a" * 40


class Hub(ThreadingHTTPServer):
    """The few endpoints of a hub that a download of one repository asks for."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Endpoints)
        self.folder = folder
        self.sent: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())


class Endpoints(BaseHTTPRequestHandler):
    server: Hub

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.answer(with_body=False)

    def do_GET(self):
        self.answer(with_body=True)

    def answer(self, with_body):
        path = unquote(self.path.split("?")[0])
        if path.startswith(f"/api/models/{REPOSITORY}/revision/"):
            siblings = [{"rfilename": name} for name in self.server.files()]
            body = {"id": REPOSITORY, "modelId": REPOSITORY, "sha": COMMIT, "siblings": siblings}
            self.reply(json.dumps(body).encode(), with_body, {"Content-Type": "application/json"})
        elif path.startswith(f"/api/models/{REPOSITORY}/tree/"):
            entries = [
                {
                    "type": "file",
                    "path": name,
                    "size": (self.server.folder / name).stat().st_size,
                    "oid": COMMIT,
                }
                for name in self.server.files()
            ]
            self.reply(json.dumps(entries).encode(), with_body, {"Content-Type": "application/json"})
        elif path.startswith(f"/{REPOSITORY}/resolve/"):
            self.send_file(path.split("/", 5)[5], with_body)
        else:
            self.send_error(404)

    def send_file(self, name, with_body):
        file = self.server.folder / name
        if not file.is_file():
            self.send_error(404)
            return
        content = file.read_bytes()
        if with_body:
            self.server.sent.append(name)
        self.reply(
            content, with_body, {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": COMMIT}
        )

    def reply(self, content, with_body, headers):
        self.send_response(200)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(content)


@pytest.fixture
def hub(checkpoint, monkeypatch) -> Iterator[Hub]:
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    server = Hub(checkpoint)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_checkpoint_is_fetched_and_checked(hub, tmp_path):
    report = fetch_cogvideox(tmp_path / "model", REPOSITORY, endpoint=hub.address)
    assert report.is_usable
    assert (tmp_path / "model/empty_prompt.safetensors").exists()
    fetched = sorted(hub.sent)
    assert len([name for name in fetched if name.startswith("transformer/")]) > 2


def test_a_second_fetch_sends_nothing_again(hub, tmp_path):
    fetch_cogvideox(tmp_path / "model", REPOSITORY, endpoint=hub.address)
    hub.sent.clear()
    fetch_cogvideox(tmp_path / "model", REPOSITORY, endpoint=hub.address)
    assert hub.sent == []


def test_the_text_encoder_stays_where_it_is_unless_asked_for(hub, tmp_path, checkpoint):
    encoder = checkpoint / "text_encoder/config.json"
    encoder.parent.mkdir(exist_ok=True)
    encoder.write_text("{}")
    try:
        fetch_cogvideox(tmp_path / "without", REPOSITORY, endpoint=hub.address)
        fetch_cogvideox(tmp_path / "with", REPOSITORY, with_text_encoder=True, endpoint=hub.address)
    finally:
        encoder.unlink()
        encoder.parent.rmdir()
    assert not (tmp_path / "without/text_encoder").exists()
    assert (tmp_path / "with/text_encoder/config.json").exists()


def test_a_hub_that_does_not_know_the_model_is_said_in_one_sentence(hub, tmp_path):
    with pytest.raises(ModelMissing, match=r"someone/else could not be fetched .* what has arrived is kept"):
        fetch_cogvideox(tmp_path / "model", "someone/else", endpoint=hub.address)


def test_a_hub_that_is_not_there_is_said_in_one_sentence(tmp_path):
    with pytest.raises(ModelMissing, match="could not be fetched"):
        fetch_cogvideox(tmp_path / "model", REPOSITORY, endpoint="http://127.0.0.1:9")
