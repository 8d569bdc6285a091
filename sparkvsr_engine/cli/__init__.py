"""The command line, `sparkvsr`. Nothing heavy is imported before the command that needs it runs."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Sequence

from sparkvsr_bridge.errors import SparkVSRError
from sparkvsr_engine.cli.console import Console, is_json
from sparkvsr_engine.cli.parser import make_parser

__all__ = ["main"]

CANCELLED = 130
# Of a public key, in Z85.
_KEY_CHARACTERS = 40


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status: 0 done, 1 failed, 2 bad arguments, 130 cancelled."""
    _prepare_process()
    words = sys.argv[1:] if arguments is None else list(arguments)
    options = make_parser().parse_args(with_joined_values(words))
    console = Console(is_json(options))
    try:
        return int(options.run(options, console) or 0)
    except SparkVSRError as error:
        console.fail(error)
        return error.exit_status
    except KeyboardInterrupt:
        return CANCELLED
    except BrokenPipeError:
        return 1


def _prepare_process() -> None:
    _print_every_name()
    if sys.platform == "win32":
        # Farms end a command by Ctrl-Break, which would end it without cancelling its job.
        signal.signal(signal.SIGBREAK, signal.default_int_handler)


def _print_every_name() -> None:
    """Paths hold characters that a code page has not (Windows) or that are no text at all (Linux).

    A redirected output is UTF-8 whatever the system's code page, for the program that reads it; a terminal
    keeps its own. What neither has is printed as an escape, which JSON reads back.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def with_joined_values(arguments: Sequence[str]) -> list[str]:
    """`--frames -3-2` as `--frames=-3-2`: frames below 0, and public keys with a hyphen in front, look like
    options to argparse.
    """
    joined: list[str] = []
    for argument in arguments:
        if joined and _is_value(joined[-1], argument):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _is_value(option: str, text: str) -> bool:
    if option == "--public":
        return text.startswith("-") and len(text) == _KEY_CHARACTERS
    return option in ("--frames", "--frame", "--keyframe", "--drop-keyframe") and _is_below_0(text)


def _is_below_0(text: str) -> bool:
    return text.startswith("-") and text[1:2].isdigit()
