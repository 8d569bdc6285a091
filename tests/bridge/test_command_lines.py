"""Command lines as each system reads them."""

from __future__ import annotations

import pytest

from sparkvsr_bridge.system.command_lines import split_command


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("  tool  {input}\t{output} ", ["tool", "{input}", "{output}"]),
        (r'"C:\Program Files\tool.exe" {input}', [r"C:\Program Files\tool.exe", "{input}"]),
        (r"C:\tools\x.exe --to=\\server\share", [r"C:\tools\x.exe", r"--to=\\server\share"]),
        (r'tool --name="my model" x', ["tool", "--name=my model", "x"]),
        (r'tool "C:\folder with space\\" x', ["tool", "C:\\folder with space\\", "x"]),
        (r'tool \"quoted\" ""', ["tool", '"quoted"', ""]),
        ("'C:/my tool' x", ["'C:/my", "tool'", "x"]),
    ],
)
def test_windows_reads_double_marks_and_backslashes_as_its_programs_do(text: str, words: list[str]):
    assert split_command(text, is_windows=True) == words


def test_elsewhere_it_is_a_shells_line():
    assert split_command("'/opt/my tool' \"a b\" c\\ d", is_windows=False) == ["/opt/my tool", "a b", "c d"]


@pytest.mark.parametrize("is_windows", [True, False])
def test_a_mark_without_its_second_is_an_error(is_windows: bool):
    with pytest.raises(ValueError, match="quotation"):
        split_command('tool "half', is_windows)
