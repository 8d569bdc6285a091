"""What a remote client's message becomes before it is carried out."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.errors import DiskFull, LimitReached, NotPermitted
from sparkvsr_bridge.media import ImageRef, SourceMedia
from sparkvsr_bridge.settings import JobSpec, Keyframe, OutputTarget, UpscaleSettings
from sparkvsr_engine.access.client_spelling import ClientSpelling
from sparkvsr_engine.access.roots import Roots
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.daemon.remote.settling import Settling
from sparkvsr_engine.remote_config import RemoteConfig

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="paths of POSIX")


@pytest.fixture
def config(tmp_path: Path) -> EngineConfig:
    for name in ("home", "shots", "results"):
        (tmp_path / name).mkdir()
    for number in (1, 2, 3):
        (tmp_path / "shots" / f"{number}.png").write_bytes(bytes([number]) * 1000)
    remote = RemoteConfig(
        (str(tmp_path / "shots"),), (str(tmp_path / "results"),), models=("/models/show",), disk_bytes=2500
    )
    return EngineConfig(tmp_path / "home", remote=remote)


def settling(config: EngineConfig) -> Settling:
    return Settling(config, Roots.of(config.remote), ClientSpelling(config.path_maps), "anna")


def request(config: EngineConfig, *pictures: int, **settings: str) -> m.SubmitJobRequest:
    shots = Path(config.remote.read[0])
    keyframes = tuple(Keyframe(n, ImageRef(path=str(shots / f"{n}.png"))) for n in pictures)
    source, target = SourceMedia(str(shots / "1.png")), OutputTarget(f"{config.remote.write[0]}/1.png")
    return m.SubmitJobRequest(JobSpec(source, target, UpscaleSettings(**settings), keyframes))


def test_pictures_become_copies_of_the_engines_own(config: EngineConfig):
    settled = settling(config).settle(request(config, 1, 2), 0)
    paths = [Path(keyframe.image.path) for keyframe in settled.spec.keyframes]
    assert [path.parent for path in paths] == [config.remote_folder / "pictures" / "anna"] * 2
    assert [path.read_bytes() for path in paths] == [b"\1" * 1000, b"\2" * 1000]
    assert paths[0].parent.stat().st_mode & 0o077 == 0


def test_pictures_beyond_the_clients_room_are_refused_and_none_is_left_half(config: EngineConfig):
    with pytest.raises(DiskFull, match="more than is left"):
        settling(config).settle(request(config, 1, 2, 3), 0)
    assert sorted(path.suffix for path in settling(config).pictures_folder.iterdir()) == [".png", ".png"]
    with pytest.raises(LimitReached, match="are left"):
        settling(config).settle(request(config), 501)
    settling(config).settle(request(config), 500)


def test_old_pictures_make_room(config: EngineConfig):
    settling(config).settle(request(config, 1, 2), 0)
    for path in settling(config).pictures_folder.iterdir():
        os.utime(path, (time.time() - 7200,) * 2)
    settling(config).settle(request(config, 3), 0)
    assert len(list(settling(config).pictures_folder.iterdir())) == 1


def test_models_are_the_engines_or_named_by_its_configuration(config: EngineConfig):
    for model in ("lite", "sparkvsr", "/models/show"):
        assert settling(config).settle(request(config, model=model), 0).spec.settings.model == model
    for model in ("/models/show/", "/models/other", "crisp", "show"):
        with pytest.raises(NotPermitted, match="'models' in"):
            settling(config).settle(request(config, model=model), 0)


def test_a_built_in_colour_config_is_no_path(config: EngineConfig):
    name = "ocio://cg-config-v2.1.0_aces-v1.3_ocio-v2.3"
    assert settling(config).settle(request(config, ocio_config=name), 0).spec.settings.ocio_config == name


def test_a_message_that_names_nothing_is_left_alone(config: EngineConfig):
    message = m.DescribeJobRequest("x")
    assert settling(config).settle(message, 0) is message


def test_a_link_put_in_the_place_of_a_picture_after_the_check_is_not_copied(
    config: EngineConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The swap comes when all paths were resolved and judged, and no picture was copied yet."""
    (tmp_path / "secret.png").write_bytes(b"secret")
    picture = tmp_path / "shots" / "2.png"

    def swap(_settling: Settling, _sent_bytes: int) -> None:
        picture.unlink()
        picture.symlink_to(tmp_path / "secret.png")

    monkeypatch.setattr(Settling, "_require_room", swap)
    with pytest.raises(NotPermitted, match="link lies on the way"):
        settling(config).settle(request(config, 2), 0)
    assert list(settling(config).pictures_folder.iterdir()) == []
