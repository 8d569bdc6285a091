"""Blocks are taken as a reader sees them, commands as a shell reads them."""

from __future__ import annotations

from pathlib import Path

from scripts.documentation.code_blocks import code_blocks, command_spans

PAGE = """# A page

Text with `sparkvsr jobs`, and one that is
broken: `sparkvsr cache
clear`.

    sparkvsr upscale plate.####.png -o out/%04d.png \\
        --keyframe 0=k0.png      # a comment
    sparkvsr jobs; sparkvsr stop

* a list

    ```sh
    python job.py
    ```

```python title="job.py"
print("# no comment")
```

    $ sparkvsr conform cut.otio -o out.otio
    clip    source
    sparkvsr is printed here
"""


def page_in(folder: Path) -> Path:
    page = folder / "page.md"
    page.write_text(PAGE, "utf-8")
    return page


def test_blocks_come_in_their_order_with_language_title_and_line(tmp_path: Path):
    blocks = code_blocks(page_in(tmp_path))
    assert [(block.language, block.title, block.line) for block in blocks] == [
        ("", "", 7),
        ("sh", "", 14),
        ("python", "job.py", 18),
        ("", "", 21),
    ]
    assert blocks[1].text == "python job.py\n"
    assert blocks[2].text == 'print("# no comment")\n'


def test_commands_are_joined_separated_and_freed_of_comments(tmp_path: Path):
    blocks = code_blocks(page_in(tmp_path))
    assert blocks[0].commands == [
        ["sparkvsr", "upscale", "plate.####.png", "-o", "out/%04d.png", "--keyframe", "0=k0.png"],
        ["sparkvsr", "jobs"],
        ["sparkvsr", "stop"],
    ]


def test_of_a_session_only_what_was_typed_is_a_command(tmp_path: Path):
    assert code_blocks(page_in(tmp_path))[3].commands == [
        ["sparkvsr", "conform", "cut.otio", "-o", "out.otio"]
    ]


def test_commands_in_sentences_are_found_across_lines(tmp_path: Path):
    assert command_spans(page_in(tmp_path)) == ["sparkvsr jobs", "sparkvsr cache clear"]
