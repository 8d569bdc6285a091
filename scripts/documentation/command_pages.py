"""The command reference, from the program's own parser: what `--help` prints, as a page."""

from __future__ import annotations

import argparse
from html import escape

from sparkvsr_engine.cli.parser import make_parser


def commands_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """A program's commands by name, in the order it lists them; one that has commands itself by theirs."""
    commands: dict[str, argparse.ArgumentParser] = {}
    for name, command in _own_commands(parser).items():
        inner = commands_of(command)
        commands |= {f"{name} {word}": part for word, part in inner.items()} if inner else {name: command}
    return commands


def anchor_of(command: str) -> str:
    """What a command's section is linked by."""
    return command.replace(" ", "-")


def _own_commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    actions = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return {name: command for action in actions for name, command in action.choices.items()}


def command_list() -> str:
    """A table of all commands with what they do."""
    rows = (
        f"| [`{name}`](#{anchor_of(name)}) | {escape(command.description or '')} |"
        for name, command in commands_of(make_parser()).items()
    )
    return "\n".join(["| command | what it does |", "| --- | --- |", *rows])


def command_sections() -> str:
    """A section per command: what it does, how it is called, its example, its arguments in groups."""
    return "\n\n".join(_section(name, command) for name, command in commands_of(make_parser()).items())


def _section(name: str, command: argparse.ArgumentParser) -> str:
    example = (command.epilog or "").removeprefix("Example: ")
    groups = [group for group in command._action_groups if _visible_actions(group)]
    tables = "\n\n".join(_table(group) for group in groups)
    return (
        f"## {name}\n\n{escape(command.description or '')}\n\n"
        f"```text\n{_usage(name, command)}\n```\n\nExample:\n\n```sh\n{example}\n```\n\n{tables}"
    )


def _usage(name: str, command: argparse.ArgumentParser) -> str:
    needed = [
        _written(argument) for argument in command._actions if argument.required and not _is_help(argument)
    ]
    return " ".join(["sparkvsr", name, *needed, "[options]"])


def _visible_actions(group: argparse._ArgumentGroup) -> list[argparse.Action]:
    return [
        action for action in group._group_actions if not _is_help(action) and action.help != argparse.SUPPRESS
    ]


def _is_help(action: argparse.Action) -> bool:
    return isinstance(action, argparse._HelpAction)


def _table(group: argparse._ArgumentGroup) -> str:
    title = {"positional arguments": "arguments"}.get(group.title or "", group.title or "")
    rows = (
        f"| <code>{_cell(_written(action, long_only=False))}</code> | {_cell(_meaning(action))} |"
        for action in _visible_actions(group)
    )
    return "\n".join([f"| {title} | meaning |", "| --- | --- |", *rows])


def _written(action: argparse.Action, long_only: bool = True) -> str:
    """An argument as it is typed: `--scale S`, `-o, --output TARGET`, `SOURCE`."""
    value = _value(action)
    if not action.option_strings:
        return f"[{value}]" if action.nargs == "?" else value
    names = action.option_strings[:1] if long_only else action.option_strings
    return " ".join(filter(None, [", ".join(names), value]))


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    choices = "|".join(str(choice) for choice in action.choices or ())
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    value = metavar or choices or action.dest.upper()
    if action.nargs == "?" and action.option_strings:
        return f"[{value}]"
    return f"{value} ..." if action.nargs in ("*", "+") else value


def _meaning(action: argparse.Action) -> str:
    """The help with argparse's `%%` read, then what is taken where nothing is given."""
    text = (action.help or "").replace("%%", "%")
    has_default = action.option_strings and action.default not in (None, "", False, [], argparse.SUPPRESS)
    if has_default and "default" not in text:
        text += f"{'; ' if text else ''}default {action.default}"
    return text


# A bar would end a table's cell; the others mean something in Markdown.
_MARKUP = str.maketrans({sign: f"&#{ord(sign)};" for sign in "|*_[]`"})


def _cell(text: str) -> str:
    """Text for a table's cell, as it is."""
    return escape(text, quote=False).translate(_MARKUP)
