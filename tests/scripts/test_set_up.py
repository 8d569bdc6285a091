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
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where such an index is; the environment names it."""
    with http.server.HTTPServer(("127.0.0.1", 0), QuietServer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/whl/cpu"
        monkeypatch.setenv("SPARKVSR_TORCH_INDEX", address)
        yield address
        server.shutdown()


@pytest.fixture(autouse=True)
def linux_without_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine that would get gigabytes it cannot use."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda _: None)


def test_without_a_card_torch_is_the_one_for_the_processor(index: str):
    assert torch_options() == ["--extra-index-url", index]


@pytest.mark.usefixtures("index")
def test_with_a_card_and_elsewhere_it_is_the_package_indexs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/nvidia-smi")
    assert torch_options() == []
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert torch_options() == []


def test_without_an_index_pip_gets_no_option(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SPARKVSR_TORCH_INDEX", raising=False)
    assert torch_options() == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/whl/cpu", "nonsense"])
def test_an_index_that_is_out_of_reach_costs_a_sentence_alone(
    address: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SPARKVSR_TORCH_INDEX", address)
    assert torch_options() == []
    assert "cannot be reached" in capsys.readouterr().err
