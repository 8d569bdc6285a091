"""Command lines as each system reads them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sparkvsr_bridge.system.command_lines import as_started, join_command, split_command
from tests.fakes.systems import is_wine


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


AWKWARD_WORDS = ["a&b", "a^b", "a!b!", "a b", "a|b", "<in>", "(a)", "\u6d77", "C:\\f\\", "%PATH%", "5%"]


@pytest.mark.parametrize("is_windows", [True, False])
def test_a_line_for_a_shell_holds_exactly_these_words(is_windows: bool):
    words = ["tool", *AWKWARD_WORDS, "", 'a "b" c', "it's", "\\\\server\\share a\\", 'x\\"', "%04d.exr"]
    assert split_command(join_command(words, is_windows), is_windows) == words


def test_a_line_for_windows_has_double_marks_around_what_cmd_would_take_for_itself():
    line = join_command(["sparkvsr", "C:/R&D/a.exr", "D:/my shots/b.exr", "c.exr"], is_windows=True)
    assert line == 'sparkvsr "C:/R&D/a.exr" "D:/my shots/b.exr" c.exr'


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("{input}.png", '"{input}.png"'),
        (r"C:\Temp\in-1.png", r"C:\Temp\in-1.png"),
        (r"C:\R&D\in.png", r'"C:\R&D\in.png"'),
        ("100%PATH%", '"100%%cd:~,%PATH%%cd:~,%"'),
        ("C:\\a b\\", '"C:\\a b\\\\"'),
        ('"x"', '"""x"""'),
        ("", '""'),
    ],
)
def test_a_batch_file_gets_a_line_that_cmd_can_only_read_as_these_words(word: str, written: str):
    line = as_started([r"C:\my tools\up.BAT", word], is_windows=True)
    assert isinstance(line, str)
    assert line.endswith(f'/e:ON /v:OFF /d /c ""C:\\my tools\\up.BAT" {written}"')


def test_a_program_gets_its_words_as_they_are():
    words = ["up.exe", "a&b", "%PATH%"]
    assert as_started(words, is_windows=True) == words
    assert as_started(["up.bat", "a&b"], is_windows=False) == ["up.bat", "a&b"]


def test_a_line_break_reaches_no_batch_file():
    with pytest.raises(ValueError, match="line break"):
        as_started(["up.bat", "a\nb"], is_windows=True)


@pytest.mark.skipif(os.name != "nt", reason="other systems have no batch files")
@pytest.mark.parametrize("word", AWKWARD_WORDS)
def test_a_real_batch_file_prints_the_word_it_was_given(tmp_path: Path, word: str):
    if "%" in word and is_wine():
        pytest.skip("Wine's cmd.exe takes no piece of a variable")
    folder = tmp_path / "R&D (1)"
    folder.mkdir()
    (folder / "show.py").write_text("import sys; print(ascii(sys.argv[1:]))", "utf-8")
    program = folder / "show it.bat"
    program.write_text('@"%PYTHON_TO_TRY%" "%~dp0show.py" %*\n', "utf-8")
    done = subprocess.run(
        as_started([str(program), word, "last"]),
        capture_output=True,
        env={**os.environ, "PYTHON_TO_TRY": sys.executable},
        check=True,
    )
    assert done.stdout.decode("ascii").strip() == ascii([word, "last"])
