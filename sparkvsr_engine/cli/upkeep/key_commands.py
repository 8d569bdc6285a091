"""`sparkvsr keys add NAME | list | revoke NAME`: who may use this engine from another machine."""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sparkvsr_engine.cli.console import Console
from sparkvsr_engine.cli.paths import absolute

if TYPE_CHECKING:
    from sparkvsr_engine.access.keys import ClientKey, KeyFolder
    from sparkvsr_engine.cli.subcommands import Commands


def add_commands(commands: Commands) -> None:
    """Add it."""
    keys = commands.add(
        "keys",
        run_keys,
        "Enrol, list or revoke the keys of clients on other machines.",
        "sparkvsr keys add anna --role submit --engine tcp://render01:7300 -o anna.json",
    )
    keys.add_argument(
        "action", choices=("add", "list", "revoke"), help="add: enrol; revoke: take its right away"
    )
    keys.add_argument(
        "name", nargs="?", default="", metavar="NAME", help="of the client, for you and the audit log"
    )
    keys.add_argument(
        "--role",
        choices=("watch", "submit", "administer"),
        default="watch",
        help="watch jobs; submit and change one's own; or change everybody's and end the engine",
    )
    keys.add_argument(
        "--engine",
        default="",
        metavar="ENDPOINT",
        help="of add: tcp://HOST:PORT as the client reaches this engine, for the file of -o",
    )
    keys.add_argument(
        "-o", "--output", default="", metavar="FILE", help="of add: the client's file, with its secret key"
    )
    keys.add_argument(
        "--public", default="", metavar="KEY", help="of add: the public key of a pair the client made itself"
    )
    keys.add_argument(
        "--paths",
        choices=("windows", "posix"),
        default="",
        help="of add: how paths are spelt to a client that has named none of that folder yet",
    )


def run_keys(options: argparse.Namespace, console: Console) -> int:
    """Do one of the three."""
    from sparkvsr_bridge.errors import InvalidSettings
    from sparkvsr_engine.access.keys import KeyFolder
    from sparkvsr_engine.config import load_config

    folder = KeyFolder(load_config().remote_folder)
    if options.action == "list":
        for key in folder.listed():
            _show(console, key)
        return 0
    if not options.name:
        raise InvalidSettings(f"name the key to {options.action}: 'sparkvsr keys {options.action} NAME'.")
    if options.action == "revoke":
        key = folder.revoke(options.name)
        console.result(
            f"{key.name} is revoked; a running engine refuses its next message", "revoked", name=key.name
        )
        return 0
    return _add(options, folder, console)


def _add(options: argparse.Namespace, folder: KeyFolder, console: Console) -> int:
    from sparkvsr_bridge.errors import InvalidSettings
    from sparkvsr_bridge.transport import make_keys
    from sparkvsr_engine.access.keys import EnginePair, new_key

    if bool(options.public) == bool(options.output and options.engine):
        raise InvalidSettings(
            "give -o FILE with --engine tcp://HOST:PORT to make a key pair, or --public KEY to enrol the"
            " client's"
            " own."
        )
    fresh = make_keys()
    engine = folder.keep_engine_pair(EnginePair(fresh.public, fresh.secret))
    pair = make_keys()
    key = new_key(options.name, options.role, options.public or pair.public, options.paths)
    if options.output:
        connection = _connection(options.engine, engine.public, pair.public, pair.secret)
        output = Path(absolute(options.output))
        _write_owner_only(output, connection)
        try:
            folder.add(key)
        except BaseException:
            output.unlink()
            raise
    else:
        folder.add(key)
    console.result(
        f"{key.name} may {key.role}; the engine's public key is {engine.public}",
        "enrolled",
        name=key.name,
        role=key.role,
        public=key.public,
        server_key=engine.public,
        path=absolute(options.output) if options.output else "",
    )
    return 0


def _connection(endpoint: str, server_key: str, public: str, secret: str) -> dict[str, object]:
    from sparkvsr_bridge.connections.connection import Connection
    from sparkvsr_bridge.connections.endpoints import plan_endpoints
    from sparkvsr_bridge.errors import InvalidSettings

    if not endpoint.startswith("tcp://") or endpoint.endswith((":*", ":0")):
        raise InvalidSettings(
            f"'{endpoint}' is no address of the engine; give tcp://HOST:PORT with its number."
        )
    places = plan_endpoints(Path(), endpoint)
    connection = Connection(
        places.requests,
        places.events,
        places.heartbeat,
        server_key=server_key,
        client_public=public,
        client_secret=secret,
    )
    return connection.to_dict()


def _write_owner_only(path: Path, values: dict[str, object]) -> None:
    from sparkvsr_bridge.errors import OutputUnwritable, TargetExists

    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise TargetExists(f"{path} is there already; choose another file.") from error
    except OSError as error:
        raise OutputUnwritable(
            f"{path} cannot be written ({error.strerror}); choose another file."
        ) from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(values, file, indent=1)


def _show(console: Console, key: ClientKey) -> None:
    day = time.strftime("%Y-%m-%d", time.gmtime(key.enrolled))
    console.result(
        f"{key.name:<24} {key.role:<10} {key.fingerprint}  {day}",
        "key",
        name=key.name,
        role=key.role,
        public=key.public,
        paths=key.paths,
        enrolled=key.enrolled,
    )
