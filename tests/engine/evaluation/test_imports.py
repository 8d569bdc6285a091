import subprocess
import sys

import pytest

HEAVY = ("torch", "cv2", "matplotlib", "av", "OpenImageIO")


def loaded_by(module):
    code = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    return set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
    )


def test_the_package_itself_is_light():
    assert loaded_by("sparkvsr_engine.evaluation") == set()


@pytest.mark.parametrize("module", ["pictures.files", "metrics", "measures.fetching", "protocol.clips"])
def test_what_the_command_line_may_load_needs_no_network_library(module):
    assert loaded_by(f"sparkvsr_engine.evaluation.{module}") <= {"cv2"}


def test_a_report_loads_matplotlib_only_when_it_draws():
    assert "matplotlib" not in loaded_by("sparkvsr_engine.evaluation.report")
