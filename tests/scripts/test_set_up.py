"""Which torch a checkout is set up with."""

from __future__ import annotations

import http.server
import shutil
import sys
import threading
from collections.abc import Iterator

import pytest

from scripts.set_up import torch_options


class QuietServer(http.server.BaseHTTPRequestHandler):
    """An index that has every package."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def index() -> Iterator[str]:
    """Where such an index is."""
    with http.server.HTTPServer(("127.0.0.1", 0), QuietServer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/whl/cpu"
        server.shutdown()


@pytest.fixture(autouse=True)
def linux_without_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine that would get gigabytes it cannot use."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda _: None)


def test_without_a_card_torch_is_the_one_for_the_processor(index: str):
    assert torch_options(index) == ["--extra-index-url", index]


def test_with_a_card_and_elsewhere_it_is_the_package_indexs(index: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/nvidia-smi")
    assert torch_options(index) == []
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert torch_options(index) == []


def test_an_index_that_is_out_of_reach_costs_a_sentence_alone(capsys: pytest.CaptureFixture[str]):
    assert torch_options("http://127.0.0.1:9/whl/cpu") == []
    assert "several GB" in capsys.readouterr().err
