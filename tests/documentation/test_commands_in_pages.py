"""Every command a page shows is one the program has, with options it takes."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from scripts.documentation.code_blocks import code_blocks, command_spans
from scripts.documentation.command_pages import commands_of
from sparkvsr_bridge.errors import SparkVSRError
from sparkvsr_engine.cli import with_joined_values
from sparkvsr_engine.cli.job_options import damage_of, frame_range, keyframes_of, parse_region, settings_of
from sparkvsr_engine.cli.parser import make_parser

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / "docs").rglob("*.md"),
    ROOT / "README.md",
    ROOT / "ARCHITECTURE.md",
    ROOT / "CONTRIBUTING.md",
]
PLACEHOLDER = re.compile(r"[A-Z][A-Z_]*|\.\.\.")


class Choices(list[object]):
    """Choices that take a placeholder as well: `plugins install HOST`."""

    def __contains__(self, value: object) -> bool:
        return super().__contains__(value) or bool(PLACEHOLDER.fullmatch(str(value)))


def lenient_parser() -> argparse.ArgumentParser:
    """The program's parser, which takes placeholders for numbers and choices."""
    parser = make_parser()
    for command in commands_of(parser).values():
        for action in command._actions:
            if action.type in (int, float):
                action.type = number_of(action.type)
            if action.choices is not None:
                action.choices = Choices(action.choices)
    return parser


def number_of(kind):
    return lambda text: 1 if PLACEHOLDER.fullmatch(text) else kind(text)


def fault_of(words: list[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What the program refuses about a command line, before it does anything; empty where it takes it."""

    def refuse(parser: argparse.ArgumentParser, message: str):
        raise ValueError(message)

    monkeypatch.setattr(argparse.ArgumentParser, "error", refuse)
    try:
        options = lenient_parser().parse_args(with_joined_values(words[1:]))
        check_values(options)
    except (ValueError, SparkVSRError) as error:
        return str(error)
    return ""


def check_values(options: argparse.Namespace) -> None:
    """Read the values that commands read themselves."""
    has = {name for name, value in vars(options).items() if value and not PLACEHOLDER.fullmatch(str(value))}
    if "guidance" in has and "model" in has:
        settings_of(options)
        keyframes_of(options)
    if "frames" in has and isinstance(options.frames, str):
        frame_range(options.frames)
    if "damage" in has:
        damage_of(options.damage)
    if "region" in has:
        parse_region(options.region)


def commands_in(page: Path) -> Iterator[tuple[int, list[str]]]:
    for block in code_blocks(page):
        for words in block.commands:
            if words[0] == "sparkvsr":
                # What is behind a pipe reads the command's output.
                yield block.line, list(takewhile(lambda word: word != "|", words))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_of_a_block_is_taken_by_the_parser(page: Path, monkeypatch: pytest.MonkeyPatch):
    faults = [
        f"block at line {line}: {' '.join(words)}: {fault}"
        for line, words in commands_in(page)
        if (fault := fault_of(words, monkeypatch))
    ]
    assert faults == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_in_a_sentence_has_a_name_and_options_that_are_there(page: Path):
    commands = commands_of(make_parser())
    faults = []
    for span in command_spans(page):
        name, *words = span.split()[1:]
        if words and f"{name} {words[0]}" in commands:
            name = f"{name} {words.pop(0)}"
        if name.startswith("-") or PLACEHOLDER.fullmatch(name):
            continue
        options = commands[name]._option_string_actions if name in commands else None
        expected = [word.strip("[]").split("=")[0] for word in words if word.startswith(("--", "[--"))]
        if options is None or any(option not in options for option in expected):
            faults.append(span)
    assert faults == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_script_of_the_repository_that_a_page_runs_is_there(page: Path):
    scripts = [
        word
        for block in code_blocks(page)
        for words in block.commands
        for word in words[:2]
        if re.match(r"(\./)?(benchmarks|scripts|plugins)/\w", word)
    ]
    assert [script for script in scripts if not (ROOT / script).is_file()] == []


def test_there_are_commands_to_check():
    assert sum(1 for page in PAGES for _ in commands_in(page)) > 60


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("sparkvsr upscale clip.mp4 -o out.mp4 --scael 2", "unrecognized arguments"),
        ("sparkvsr upscale clip.mp4", "required: -o/--output"),
        ("sparkvsr upscale clip.mp4 -o out.mp4 --size 1920", "is not WxH"),
        ("sparkvsr upscale clip.mp4 -o out.mp4 --keyframes often:3", "keyframe policy"),
        ("sparkvsr preview clip.mp4 --frame first -o look.png", "invalid"),
        ("sparkvsr revise JOB --keyframe 12@0.6", ""),
        ("sparkvsr preview clip.mp4 --frame N -o look.png", ""),
        ("sparkvsr plugins install HOST", ""),
        ("sparkvsr upscale plate.%04d.exr -o out/%04d.exr --frames -8--3", ""),
    ],
)
def test_a_command_the_program_refuses_is_named(command: str, fault: str, monkeypatch: pytest.MonkeyPatch):
    message = fault_of(command.split(), monkeypatch)
    assert fault in message
    assert bool(fault) == bool(message)
