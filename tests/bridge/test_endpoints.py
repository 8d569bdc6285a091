"""Where an engine listens, from what a person typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkvsr_bridge.connections.endpoints import as_reached, is_local, plan_endpoints
from sparkvsr_bridge.errors import InvalidSettings

FOLDER = Path("/run/user/1/sparkvsr")


def test_nothing_named_means_sockets_in_the_folder():
    planned = plan_endpoints(FOLDER, None)
    assert planned.requests == f"ipc://{FOLDER / 'requests.sock'}"
    assert planned.is_ipc


def test_a_named_port_is_the_first_of_three():
    planned = plan_endpoints(FOLDER, "tcp://0.0.0.0:5555")
    assert (planned.requests, planned.events, planned.heartbeat) == (
        "tcp://0.0.0.0:5555",
        "tcp://0.0.0.0:5556",
        "tcp://0.0.0.0:5557",
    )


@pytest.mark.parametrize("listen", ["tcp://127.0.0.1:*", "tcp://127.0.0.1:0"])
def test_any_port_is_any_port_for_all(listen: str):
    assert plan_endpoints(FOLDER, listen).heartbeat == "tcp://127.0.0.1:*"


def test_a_name_for_this_machine_is_bound_as_its_address():
    """Not every system looks it up for a socket that binds."""
    assert plan_endpoints(FOLDER, "tcp://localhost:5555").events == "tcp://127.0.0.1:5556"


@pytest.mark.parametrize(
    "listen",
    [
        "",
        "5555",
        "127.0.0.1:5555",
        "tcp://127.0.0.1",
        "tcp://:5555",
        "tcp://127.0.0.1:port",
        "tcp://127.0.0.1:99999",
        "tcp://127.0.0.1:65534",
        "udp://127.0.0.1:5555",
        "inproc://engine",
        "ipc://relative",
        "ipc://@abstract",
        "ipc:///" + "long" * 40,
    ],
)
def test_what_is_no_endpoint_is_refused(listen: str):
    with pytest.raises(InvalidSettings):
        plan_endpoints(FOLDER, listen)


@pytest.mark.parametrize(
    ("bound", "reached"),
    [
        ("tcp://0.0.0.0:5", "tcp://127.0.0.1:5"),
        ("tcp://[::]:5", "tcp://[::1]:5"),
        ("tcp://10.0.0.1:5", "tcp://10.0.0.1:5"),
        ("ipc:///a/b", "ipc:///a/b"),
    ],
)
def test_every_address_is_none_to_connect_to(bound: str, reached: str):
    assert as_reached(bound) == reached


def test_local_is_a_socket_file_or_loopback():
    local = ["ipc:///a", "tcp://127.0.0.1:1", "tcp://localhost:1", "tcp://[::1]:1"]
    assert all(map(is_local, local))
    assert not any(map(is_local, ["tcp://10.0.0.1:1", "tcp://127.0.0.1.example:1", "nonsense"]))
