"""External commands: real programs, one misbehaviour each."""

import os
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings, JobCancelled, KeyframeMakingFailed, ModelMissing
from sparkvsr_bridge.system.liveness import process_exists
from sparkvsr_engine.models.isr import make_keyframe, open_isr
from sparkvsr_engine.models.isr.command import CommandUpscaler

ENLARGE = """
    import sys, cv2
    source, target, scale = sys.argv[1:4]
    picture = cv2.imread(source, cv2.IMREAD_UNCHANGED)
    height, width = picture.shape[:2]
    size = (width * int(scale), height * int(scale))
    cv2.imwrite(target, cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST))
"""


def tool(folder: Path, code: str) -> str:
    path = folder / "a tool.py"
    path.write_text(textwrap.dedent(code))
    return f'"{sys.executable}" "{path}" {{input}} {{output}} {{scale}}'


def test_a_tool_makes_a_keyframe_of_any_size(tmp_path, picture):
    upscaler = open_isr(f"cmd:{tool(tmp_path, ENLARGE)}")
    assert upscaler.scale == 4
    enlarged = upscaler.upscale(picture)
    np.testing.assert_allclose(enlarged, picture.repeat(4, 0).repeat(4, 1), atol=0.5 / 255 + 1e-6)
    assert make_keyframe(upscaler, picture, 100, 77).shape == (77, 100, 3)


def test_the_factor_of_a_tool_can_be_set(tmp_path, picture):
    upscaler = open_isr(f"cmd@2:{tool(tmp_path, ENLARGE)}")
    assert upscaler.upscale(picture).shape == (112, 144, 3)


def test_sixteen_bits_are_kept(tmp_path):
    code = """
        import sys, cv2, numpy
        picture = numpy.zeros((4, 4, 3), numpy.uint16)
        picture[..., 2] = 1001
        cv2.imwrite(sys.argv[2], picture)
    """
    enlarged = open_isr(f"cmd:{tool(tmp_path, code)}").upscale(np.zeros((1, 1, 3), np.float32))
    np.testing.assert_allclose(enlarged[0, 0], [1001 / 65535, 0, 0], atol=1e-7)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "import sys; print('loading', file=sys.stderr); sys.exit('no GPU found')",
            "status 1: no GPU found$",
        ),
        ("import sys; sys.exit(7)", "status 7: it printed nothing$"),
        ("pass", "left no picture"),
        ("import sys; open(sys.argv[2], 'w').write('not a PNG')", "left no picture"),
        (ENLARGE.replace("int(scale)", "3"), "216x168 where 288x224"),
    ],
    ids=["fails", "fails silently", "no output", "damaged output", "wrong size"],
)
def test_a_tool_that_fails_is_reported_in_one_sentence(tmp_path, picture, code, message):
    upscaler = open_isr(f"cmd:{tool(tmp_path, code)}")
    with pytest.raises(KeyframeMakingFailed, match=message) as caught:
        upscaler.upscale(picture)
    assert "\n" not in caught.value.message


HANG = """
    import subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    open(__file__ + ".pids", "w").write(f"{child.pid}")
    time.sleep(60)
"""


@pytest.mark.slow
def test_a_tool_that_hangs_is_stopped_with_its_children(tmp_path, picture):
    upscaler = CommandUpscaler(f"cmd:{tool(tmp_path, HANG)}", timeout_seconds=2.0)
    with pytest.raises(KeyframeMakingFailed, match="not done after 2 s"):
        upscaler.upscale(picture)
    child = int((tmp_path / "a tool.py.pids").read_text())
    # A signal is sent at once and takes effect when the system next looks at the process.
    deadline = time.monotonic() + 30.0
    while process_exists(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not process_exists(child)


def test_cancelling_stops_the_tool(tmp_path, picture):
    upscaler = open_isr(f"cmd:{tool(tmp_path, HANG)}")
    with pytest.raises(JobCancelled):
        upscaler.upscale(picture, (tmp_path / "a tool.py.pids").exists)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("cmd:", "lacks {input} and {output}"),
        ("cmd:tool {input}", "lacks {output}"),
        ("cmd:{input} {output}", "lacks {input}"),
        ('cmd:tool "{input} {output}', "cannot be read"),
    ],
)
def test_a_command_that_cannot_work_is_refused_before_any_frame(command, message):
    with pytest.raises(InvalidSettings, match=message):
        open_isr(command)


def test_a_program_that_is_not_there_is_reported_before_any_frame():
    with pytest.raises(ModelMissing, match="'no-such-tool-here'"):
        open_isr("cmd:no-such-tool-here {input} {output}")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
def test_a_file_that_is_no_program_is_reported(tmp_path, picture):
    path = tmp_path / "tool"
    path.write_bytes(b"\x7fELF nothing")
    path.chmod(0o755)
    with pytest.raises(KeyframeMakingFailed, match="cannot be started"):
        open_isr(f"cmd:{path} {{input}} {{output}}").upscale(picture)


def test_the_command_sees_no_shell(tmp_path, picture):
    code = """
        import sys
        sys.exit(repr(sys.argv[4:]))
    """
    upscaler = open_isr(f'cmd:{tool(tmp_path, code)} "$HOME; rm -rf x" *')
    with pytest.raises(KeyframeMakingFailed, match=r"\['\$HOME; rm -rf x', '\*'\]"):
        upscaler.upscale(picture)


def test_an_edited_tool_counts_as_another_model(tmp_path):
    name = f"cmd:{tool(tmp_path, ENLARGE)}"
    before = open_isr(name).identity
    assert open_isr(name).identity == before
    tool(tmp_path, ENLARGE + "\n    # another version")
    assert open_isr(name).identity != before
