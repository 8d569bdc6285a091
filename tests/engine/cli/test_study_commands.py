"""train, evaluate and compare as people run them."""

import csv
import json
import subprocess
import sys

import pytest
import torch

from sparkvsr_engine.cli import main
from sparkvsr_engine.models.distances.files import LPIPS_ALEXNET
from sparkvsr_engine.models.lite.loading import load_network, save_weights
from tests.fakes.footage import RECIPE, write_clip, write_footage, write_photograph, write_recipe
from tests.fakes.lite_shots import small_network
from tests.fakes.metric_weights import ALEXNET, ALEXNET_LEVELS, write_network
from tests.fakes.moving import as_bytes, pan

FRAMES = 5


def lines_of(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Footage, a recipe, a bank to share and random metric weights."""
    folder = tmp_path_factory.mktemp("training")
    write_footage(folder / "footage")
    write_recipe(folder)
    (folder / "metrics").mkdir()
    write_network(folder / "metrics" / LPIPS_ALEXNET, ALEXNET, ALEXNET_LEVELS, seed=3)
    return folder


@pytest.fixture
def command(place, tmp_path):
    """The command line of a run by its name."""
    return lambda name, *more: [
        "train",
        str(place / "tiny.toml"),
        *("--footage", str(place / "footage")),
        *("--bank", str(place / "bank")),
        *("--metric-weights", str(place / "metrics")),
        *("--run", str(tmp_path / name)),
        *("--device", "cpu", "--loaders", "0", *more),
    ]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A folder of frames."""
    import cv2

    folder = tmp_path_factory.mktemp("clips") / "pan"
    folder.mkdir()
    for index, picture in enumerate(pan(FRAMES, 96, 64)):
        cv2.imwrite(str(folder / f"{index:03d}.png"), as_bytes(picture)[..., ::-1])
    return folder


class TestTrain:
    @pytest.mark.slow
    def test_a_run_killed_outright_goes_on_to_the_same_weights(self, command, tmp_path, capsys):
        arguments = [sys.executable, "-m", "sparkvsr_engine", *command("killed", "--json")]
        with subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            for text in process.stdout:
                if json.loads(text).get("step") == 3:
                    process.kill()
                    break
        assert process.returncode not in (0, 1)
        assert not (tmp_path / "killed" / "tiny.safetensors").exists()
        assert main(command("killed", "--json")) == 0
        assert main(command("whole")) == 0
        first_run, second_run = (
            torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)["network"]
            for name in ("killed", "whole")
        )
        assert all(torch.equal(first_run[name], second_run[name]) for name in first_run)

    def test_a_run_is_stopped_and_goes_on_by_the_same_command(self, command, tmp_path, capsys):
        assert main(command("run", "--json", "--stop-after", "2")) == 0
        events = lines_of(capsys)
        assert [event["step"] for event in events[:-1]] == [1, 2]
        assert events[-1] == {"event": "stopped", "weights": ""}
        assert main(command("run", "--json")) == 0
        events = lines_of(capsys)
        assert [event["step"] for event in events[:-1]] == [3, 4, 5, 6]
        assert events[-1] == {"event": "trained", "weights": str(tmp_path / "run" / "tiny.safetensors")}
        assert load_network(tmp_path / "run" / "tiny.safetensors").config.channels == 8

    def test_people_get_losses_and_the_path_of_the_weights(self, command, tmp_path, capsys):
        assert main(command("run", "--stop-after", "1")) == 0
        text = capsys.readouterr()
        assert "total" in text.err
        assert str(tmp_path / "run") in text.out

    @pytest.mark.slow
    def test_scenes_can_be_made_ahead(self, command, capsys):
        assert main(command("run", "--json", "--prepare", "1")) == 0
        assert lines_of(capsys)[-1] == {"event": "prepared", "scenes": 1}

    def test_missing_metric_weights_are_named_before_training_starts(self, command, tmp_path, capsys):
        assert main([*command("run"), "--metric-weights", str(tmp_path / "none")]) == 1
        text = capsys.readouterr().err
        assert "models fetch metrics" in text
        assert "total" not in text

    def test_a_recipe_with_a_mistake_is_refused(self, command, tmp_path, capsys):
        recipe = write_recipe(tmp_path, RECIPE.replace("steps", "stepps"))
        arguments = command("run")
        arguments[1] = str(recipe)
        assert main(arguments) == 2
        assert "stepps" in capsys.readouterr().err
        arguments[1] = "heavy"
        assert main(arguments) == 2
        assert "heavy" in capsys.readouterr().err


class TestEvaluate:
    def evaluate(self, clip, folder, methods="bicubic,lite"):
        inputs = ["--cases", "none,three", "--methods", methods, "--metrics", "psnr_y,ssim_y"]
        size = ["--frames", str(FRAMES), "--device", "cpu"]
        assert main(["evaluate", str(clip), "-o", str(folder), "--json", *inputs, *size]) == 0
        with (folder / "summary.csv").open(encoding="utf-8", newline="") as file:
            return {(row["case"], row["method"]): row for row in csv.DictReader(file)}

    def test_every_method_has_its_row_in_every_case(self, clip, tmp_path, capsys):
        rows = self.evaluate(clip, tmp_path / "report")
        expected = {(case, method) for case in ("none", "three") for method in ("bicubic", "lite")}
        assert expected <= rows.keys()
        assert all(float(rows[key]["psnr_y"]) > 10 for key in expected)
        assert rows["three", "lite"]["keyframes"] == "0 2 4"
        assert rows["none", "lite"]["psnr_y"] != rows["three", "lite"]["psnr_y"]
        events = lines_of(capsys)
        assert events[-1]["event"] == "evaluated"
        assert [event["done"] for event in events[:-1]] == list(range(1, len(events)))
        page = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
        assert "| bicubic |" in page
        assert "| lite |" in page

    def test_the_same_evaluation_gives_the_same_figures(self, clip, tmp_path):
        first, second = (self.evaluate(clip, tmp_path / name) for name in ("first", "second"))
        for key, row in first.items():
            assert {**row, "seconds_per_frame": ""} == {**second[key], "seconds_per_frame": ""}

    def test_weights_of_ones_own_are_a_method_named_after_their_file(self, clip, tmp_path):
        save_weights(small_network(), tmp_path / "mine.safetensors", {})
        rows = self.evaluate(clip, tmp_path / "report", f"bicubic,weights:{tmp_path / 'mine.safetensors'}")
        assert ("three", "mine") in rows

    def test_a_method_nobody_knows_is_refused(self, clip, tmp_path, capsys):
        assert main(["evaluate", str(clip), "-o", str(tmp_path), "--methods", "magic"]) == 2
        assert "magic" in capsys.readouterr().err


class TestCompare:
    def test_two_clips_are_shown_side_by_side_with_figures(self, tmp_path, capsys):
        clips = [str(write_clip(tmp_path / f"{seed}.mp4", 3, 96, 64, seed)) for seed in (1, 2)]
        assert main(["compare", *clips, "-o", str(tmp_path / "look"), "--samples", "2", "--json"]) == 0
        events = lines_of(capsys)
        assert [event["done"] for event in events[:-1]] == [1, 2, 3]
        assert events[-1] == {"event": "compared", "folder": str(tmp_path / "look")}
        written = {path.name for path in (tmp_path / "look").iterdir()}
        assert "compare.md" in written
        assert any(name.endswith(".png") for name in written)
        assert any(name.endswith(".mp4") for name in written)
        assert "PSNR" in (tmp_path / "look" / "compare.md").read_text(encoding="utf-8")

    @pytest.mark.parametrize("samples", ["0", "-3"])
    def test_no_samples_are_refused(self, tmp_path, capsys, samples):
        picture = str(write_photograph(tmp_path / "a.png", 32, 16))
        assert main(["compare", picture, picture, "-o", str(tmp_path), "--samples", samples]) == 2
        assert "--samples" in capsys.readouterr().err
