"""HEIF and AVIF pictures as phones and browsers write them: what is left out is reported."""

import struct

import numpy as np
import pytest
from PIL import Image, features

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.contents.heif import heif_notes
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe
from tests.compatibility.claims import covers
from tests.fakes.exr import texture
from tests.fakes.profiles import matrix_profile

pytestmark = pytest.mark.skipif(not features.check("avif"), reason="Pillow without AVIF")
EIGHT = np.rint(texture(96, 64) * 255).astype(np.uint8)
P3 = (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329)


def avif(path, picture=EIGHT, **how):
    Image.fromarray(picture).save(path, quality=95, subsampling="4:4:4", **how)
    return path


@covers(
    "movies",
    "AVIF, HEIF (one picture)",
    read="8, 10 bit, turned",
    reported="alpha and ICC profiles, which are left out; pictures of tiles, refused",
)
def test_a_plain_picture_is_read_as_another_library_reads_it(tmp_path):
    path = avif(tmp_path / "a.avif")
    info = probe(SourceMedia(str(path)))
    assert info.notes == ()
    pixels = open_source(info).read(0).pixels / 65535 * 255
    assert np.abs(pixels - np.asarray(Image.open(path).convert("RGB"))).max() < 1.5


def test_alpha_and_a_profile_are_reported(tmp_path):
    with_alpha = np.concatenate([EIGHT, EIGHT[..., :1]], 2)
    notes = probe(SourceMedia(str(avif(tmp_path / "a.avif", with_alpha)))).notes
    assert "alpha channel" in notes[0]
    profile = matrix_profile(P3, 2.2)
    notes = probe(SourceMedia(str(avif(tmp_path / "b.avif", icc_profile=profile)))).notes
    assert "colour profile" in notes[0]


def box(kind, *contents):
    content = b"".join(contents)
    return struct.pack(">I4s", 8 + len(content), kind) + content


@pytest.mark.parametrize("kind", [b"grid", b"iovl"])
@pytest.mark.parametrize("version", [0, 1])
def test_a_picture_of_tiles_is_refused_rather_than_read_as_one_of_them(tmp_path, kind, version):
    entries = [
        box(b"infe", b"\2\0\0\0", struct.pack(">HH", at, 0), name) for at, name in enumerate((b"hvc1", kind))
    ]
    count = struct.pack(">I" if version else ">H", len(entries))
    meta = box(b"meta", bytes(4), box(b"iinf", bytes([version, 0, 0, 0]), count, *entries))
    (tmp_path / "a.heic").write_bytes(box(b"ftyp", b"heic", bytes(4), b"mif1heic") + meta)
    with pytest.raises(MediaUnreadable, match=r"tiles.* save it as"):
        heif_notes(str(tmp_path / "a.heic"))


def test_other_files_have_no_such_notes(tmp_path):
    for content in (b"", b"RIFF", box(b"ftyp", b"isom", bytes(4)) + box(b"meta", bytes(40)), bytes(64)):
        (tmp_path / "a.mp4").write_bytes(content)
        assert heif_notes(str(tmp_path / "a.mp4")) == ()
