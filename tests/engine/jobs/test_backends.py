"""What runs the networks is part of every key: results of two backends never mix, within one all holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.settings import Keyframe, Revision
from sparkvsr_engine.jobs.devices import device_of
from sparkvsr_engine.models.backends import names, record
from sparkvsr_engine.models.backends.names import OPENVINO, OPENVINO_8_BIT
from sparkvsr_engine.models.backends.record import ProbeRecord, machine_name, write_record
from tests.fakes.jobs import Workshop, assert_same_pictures, pictures_in, retargeted


def chosen(name):
    return ProbeRecord(name, 1.0, 0.5, 0.4, machine_name())


@pytest.fixture
def spec(workshop, plate, artist, tmp_path):
    keyframes = {frame: artist(frame) for frame in (0, 8, 16)}
    return workshop.spec(plate, tmp_path / "torch" / "%04d.png", keyframes, scale=4.0)


class TestWithOpenVino:
    @pytest.fixture(autouse=True)
    def _installed(self):
        pytest.importorskip("openvino")

    def test_a_job_by_openvino_shares_no_chunk_with_one_by_torch(self, workshop, spec, tmp_path):
        workshop.render(spec)
        target = tmp_path / "openvino" / "%04d.png"
        ran = workshop.render(retargeted(spec, target, device=OPENVINO))
        again = workshop.render(retargeted(spec, tmp_path / "again" / "%04d.png", device=OPENVINO))
        total = len(pictures_in(tmp_path / "torch"))
        assert workshop.store.chunk_counts(ran.job, 1)[2] == 0
        assert workshop.store.chunk_counts(again.job, 1)[2] == total

    def test_jobs_in_8_bits_share_no_chunk_with_those_in_floats(self, workshop, spec, tmp_path):
        workshop.render(retargeted(spec, tmp_path / "floats" / "%04d.png", device=OPENVINO))
        ran = workshop.render(retargeted(spec, tmp_path / "bits" / "%04d.png", device=OPENVINO_8_BIT))
        again = workshop.render(retargeted(spec, tmp_path / "again" / "%04d.png", device=OPENVINO_8_BIT))
        assert workshop.store.chunk_counts(ran.job, 1)[2] == 0
        assert workshop.store.chunk_counts(again.job, 1)[2] == len(pictures_in(tmp_path / "floats"))

    @pytest.mark.parametrize("device", [OPENVINO, OPENVINO_8_BIT])
    def test_a_revision_renders_what_it_changes_and_is_a_fresh_render(
        self, workshop, spec, artist, tmp_path, device
    ):
        spec = retargeted(spec, tmp_path / "v1" / "%04d.png", device=device)
        first = workshop.render(spec)
        revised, version = workshop.revise(
            first.job, Revision(set_keyframes=(Keyframe(16, artist(16, 3.0)),))
        )
        assert 0 < revised.frames_reused < revised.frames_total
        workshop.run(first.job, version)
        fresh = Workshop(tmp_path / "fresh")
        keyframes = {0: artist(0), 8: artist(8), 16: artist(16, 3.0)}
        fresh.render(
            fresh.spec(spec.source.path, tmp_path / "again" / "%04d.png", keyframes, scale=4.0, device=device)
        )
        fresh.close()
        assert_same_pictures(tmp_path / "v1_v002", tmp_path / "again")

    @pytest.mark.parametrize("device", [OPENVINO, OPENVINO_8_BIT])
    def test_a_part_rendered_alone_equals_the_same_part_of_the_whole(self, workshop, spec, tmp_path, device):
        spec = retargeted(spec, tmp_path / "whole" / "%04d.png", device=device)
        workshop.render(spec)
        fresh = Workshop(tmp_path / "fresh")
        part = replace(
            retargeted(spec, tmp_path / "part" / "%04d.png"),
            source=replace(spec.source, first_frame=0, last_frame=16),
        )
        fresh.render(part)
        fresh.close()
        whole = pictures_in(tmp_path / "whole")
        for name, pixels in pictures_in(tmp_path / "part").items():
            assert np.array_equal(pixels, whole[name])

    @pytest.mark.parametrize("backend", [OPENVINO, OPENVINO_8_BIT])
    def test_auto_follows_the_probe_of_this_machine_and_a_named_device_does_not(
        self, workshop, spec, backend
    ):
        settings = replace(spec.settings, device="auto")
        assert device_of(workshop.config, settings) == "auto"
        write_record(workshop.home, chosen(backend))
        assert device_of(workshop.config, settings) == backend
        assert device_of(workshop.config, spec.settings) == "cpu"
        assert device_of(workshop.config, replace(settings, model="identity")) == "auto"
        assert device_of(replace(workshop.config, device="cpu"), settings) == "cpu"
        assert device_of(replace(workshop.config, devices=("cpu", "cpu")), settings) == "auto"
        assert device_of(replace(workshop.config, executor="ray"), settings) == "auto"

    @pytest.mark.parametrize("change", [{"chosen": "torch"}, {"chosen": "abacus"}, {"machine": "another"}])
    def test_auto_stays_with_torch_where_the_probe_found_it_faster_or_was_another_machines(
        self, workshop, spec, change
    ):
        write_record(workshop.home, replace(chosen(OPENVINO), **change))
        assert device_of(workshop.config, replace(spec.settings, device="auto")) == "auto"

    @pytest.mark.parametrize("content", ["{", '{"chosen": "openvino", "torch_seconds": 1.0}'])
    def test_a_record_that_cannot_be_read_or_is_of_an_older_version_counts_as_none(self, workshop, content):
        (workshop.home / "backend.json").write_text(content)
        assert record.read_record(workshop.home) is None

    def test_a_model_that_runs_by_torch_alone_is_refused_before_it_renders(self, workshop, spec, tmp_path):
        with pytest.raises(InvalidSettings, match="identity does not run by OpenVINO"):
            workshop.submit(retargeted(spec, tmp_path / "%04d.png", device=OPENVINO, model="identity"))


def test_without_openvino_it_is_refused_with_the_command_that_installs_it(
    workshop, spec, tmp_path, monkeypatch
):
    monkeypatch.setattr(names.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InvalidSettings, match=r"sparkvsr\[openvino\]"):
        workshop.submit(retargeted(spec, tmp_path / "%04d.png", device=OPENVINO))
    assert record.read_record(workshop.home) is None
