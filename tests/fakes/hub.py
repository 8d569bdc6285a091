"""A model hub on this machine: the few endpoints that huggingface_hub asks for to download one repository."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

COMMIT = "a" * 40


class Hub(ThreadingHTTPServer):
    """Offers a folder as one repository. sent: the files that were downloaded, in order."""

    def __init__(self, folder: Path, repository: str) -> None:
        super().__init__(("127.0.0.1", 0), Endpoints)
        self.folder = folder
        self.repository = repository
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
        path, repository = unquote(self.path.split("?")[0]), self.server.repository
        if path.startswith(f"/api/models/{repository}/revision/"):
            siblings = [{"rfilename": name} for name in self.server.files()]
            body = {"id": repository, "modelId": repository, "sha": COMMIT, "siblings": siblings}
            self.reply(json.dumps(body).encode(), with_body, {"Content-Type": "application/json"})
        elif path.startswith(f"/api/models/{repository}/tree/"):
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
        elif path.startswith(f"/{repository}/resolve/"):
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


@contextmanager
def serving(folder: Path, repository: str) -> Iterator[Hub]:
    """A hub that runs in threads of this process until the end of the block."""
    hub = Hub(folder, repository)
    thread = Thread(target=hub.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()
