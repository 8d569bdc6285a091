"""Pictures as other libraries write them, of every kind a format has: read with their values, or refused for
what they are. Written ones are read back with a library other than the one that wrote them.
"""

import cv2
import numpy as np
import OpenEXR
import OpenImageIO as oiio  # noqa: N813 - the name its documentation uses
import pytest
import tifffile
from PIL import Image, ImageCms

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.faults import FrameDamaged
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.media.sequences.picture_files.pictures import read_picture
from tests.compatibility.claims import covers
from tests.fakes.exr import carried, channels, read_exr, texture, write_exr
from tests.fakes.ffmpeg import raw_frames
from tests.fakes.media import write_picture
from tests.fakes.systems import IS_WINDOWS

T = texture(24, 16)
GREY = np.repeat(T[..., :1], 3, 2)
EIGHT = np.rint(T * 255).astype(np.uint8)
RGB = Image.fromarray(EIGHT)


def values(path):
    """What is read, as 0..1, and the clip."""
    info, (_, pixels) = probe(SourceMedia(str(path))), read_picture(path)
    full = np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else 1
    return info, pixels.astype(float) / full


def codes(sample, picture=T):
    return np.rint(picture * np.iinfo(sample).max).astype(sample)


def tiff(path, pixels, **how):
    tifffile.imwrite(path, pixels, metadata=None, **{"photometric": "rgb", **how})


WITH_MORE = np.concatenate([EIGHT, EIGHT[..., :2]], 2)
TIFFS = {
    "unsigned 8": (codes("uint8"), {}),
    "unsigned 16": (codes("uint16"), {}),
    "unsigned 32": (codes("uint32"), {}),
    "signed 8": (codes("int8"), {}),
    "signed 16": (codes("int16"), {}),
    "signed 32": (codes("int32"), {}),
    "half": (T.astype("f2"), {}),
    "float": (T.astype("f4"), {}),
    "double": (T, {}),
    "planes": (np.moveaxis(codes("uint16"), 2, 0), {"planarconfig": "separate"}),
    "tiles": (EIGHT, {"tile": (16, 16)}),
    "BigTIFF": (EIGHT, {"bigtiff": True}),
    "big endian": (codes("uint16"), {"byteorder": ">"}),
    "CMYK": (np.concatenate([255 - EIGHT, EIGHT[..., :1] * 0], 2), {"photometric": "separated"}),
    "a fourth channel that is no alpha": (WITH_MORE[..., :4], {"extrasamples": ["unspecified"]}),
    "alpha and a fifth channel": (WITH_MORE, {"extrasamples": ["unassalpha", "unspecified"]}),
    "ZIP": (EIGHT, {"compression": "zlib"}),
    "ZIP with a predictor": (codes("uint16"), {"compression": "zlib", "predictor": True}),
    "floats with a predictor": (T.astype("f4"), {"compression": "zlib", "predictor": 3}),
    "PackBits": (EIGHT, {"compression": "packbits"}),
    "LZW": (EIGHT, {"compression": "lzw"}),
}
NOTES = {
    "unsigned 32": "bits beyond the 16 highest",
    "signed 8": "below 0 become black",
    "signed 16": "below 0 become black",
    "signed 32": "below 0 become black",
    "double": "digits beyond 7",
}


@covers(
    "pictures",
    "TIFF",
    read=", ".join(TIFFS),
    reported="what of 32-bit, signed and double values is lost; pages behind the first; L*a*b* and"
    " compressions that are not read, refused",
)
@covers(
    "kinds of pictures",
    "M. Types of values",
    variants=", ".join(TIFFS),
    result="same values, or a report before rendering of what is lost",
)
@pytest.mark.parametrize("kind", TIFFS)
def test_tiff_of_every_kind_is_read(tmp_path, kind):
    pixels, how = TIFFS[kind]
    tiff(tmp_path / "a.tif", pixels, **how)
    info, result = values(tmp_path / "a.tif")
    assert np.abs(result[..., :3] - T).max() < (0.006 if kind == "signed 8" else 0.003)
    assert info.is_scene_linear == (pixels.dtype.kind == "f")
    assert len(info.notes) == (kind in NOTES)
    assert NOTES.get(kind, "") in " ".join(info.notes)
    assert len(info.beside) == (WITH_MORE.shape[2] == 5 and "channel" in kind)


@pytest.mark.parametrize("inverted", [True, False])
def test_grey_tiff_counts_from_black_or_from_white(tmp_path, inverted):
    grey = EIGHT[..., 0]
    photometric = "miniswhite" if inverted else "minisblack"
    tiff(tmp_path / "a.tif", 255 - grey if inverted else grey, photometric=photometric)
    info, result = values(tmp_path / "a.tif")
    assert info.is_grey
    assert np.abs(result - GREY).max() < 0.003


# OpenImageIO's package for Windows reads zstd.
@pytest.mark.parametrize(
    "compression", [*([] if IS_WINDOWS else ["zstd"]), "lzma", "lerc", "jpegxl", "jpeg2000"]
)
def test_a_healthy_tiff_of_a_compression_that_is_not_read_is_not_called_damaged(tmp_path, compression):
    tiff(tmp_path / "a.tif", EIGHT, compression=compression)
    with pytest.raises(
        MediaUnreadable, match=r"compressed in a way that is not read; save it with"
    ) as raised:
        read_picture(tmp_path / "a.tif")
    assert not isinstance(raised.value, FrameDamaged)


def test_pages_behind_the_first_are_named_and_thumbnails_are_not(tmp_path):
    tiff(tmp_path / "a.tif", np.stack([EIGHT, 255 - EIGHT]))
    info, result = values(tmp_path / "a.tif")
    assert "several pages" in info.notes[0]
    assert np.abs(result - T).max() < 0.003
    with tifffile.TiffWriter(tmp_path / "b.tif") as file:
        file.write(EIGHT, photometric="rgb", metadata=None)
        file.write(EIGHT[::4, ::4], photometric="rgb", subfiletype=1, metadata=None)
    assert values(tmp_path / "b.tif")[0].notes == ()


def test_lab_colours_are_refused_for_what_they_are(tmp_path):
    to_lab = (ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    ImageCms.applyTransform(RGB, ImageCms.buildTransform(*to_lab)).save(tmp_path / "a.tif")
    with pytest.raises(MediaUnreadable, match=r"L\*a\*b\*.* save it as RGB"):
        probe(SourceMedia(str(tmp_path / "a.tif")))


PALETTE = RGB.convert("P")
OF_PALETTE = np.asarray(PALETTE.convert("RGB")) / 255
BILEVEL = RGB.convert("1")
OF_BILEVEL = np.repeat(np.asarray(BILEVEL)[..., None], 3, 2) * 1.0
FADING = Image.merge("RGBA", [*RGB.split(), RGB.getchannel(0)])
CASES = {
    "png": {
        "palette": (PALETTE, {}, OF_PALETTE),
        "palette with a transparent entry": (PALETTE, {"transparency": 3}, OF_PALETTE),
        "RGB with a transparent colour": (RGB, {"transparency": (1, 2, 3)}, T),
        "1 bit": (BILEVEL, {}, OF_BILEVEL),
        "grey": (RGB.getchannel(0), {}, GREY),
        "grey and alpha": (Image.merge("LA", [RGB.getchannel(0), RGB.getchannel(1)]), {}, GREY),
        "16 bit grey": (Image.fromarray(codes("uint16", T[..., 0])), {}, GREY),
    },
    "tga": {
        "RLE": (RGB, {"compression": "tga_rle"}, T),
        "palette": (PALETTE, {}, OF_PALETTE),
        "grey": (RGB.getchannel(0), {}, GREY),
        "alpha": (RGB.convert("RGBA"), {}, T),
    },
    "bmp": {"palette": (PALETTE, {}, OF_PALETTE), "32 bit": (RGB.convert("RGBA"), {}, T)},
    "jpg": {
        "4:4:4": (RGB, {"quality": 98, "subsampling": 0}, T),
        "progressive": (RGB, {"quality": 98, "subsampling": 0, "progressive": True}, T),
        "grey": (RGB.getchannel(0), {"quality": 98}, GREY),
        "CMYK": (RGB.convert("CMYK"), {"quality": 98}, T),
    },
    "webp": {
        "lossless": (RGB, {"lossless": True}, T),
        "alpha": (FADING, {"lossless": True, "exact": True}, T),
    },
    "jp2": {"lossless": (RGB, {}, T)},
    "sgi": {"RGB": (RGB, {}, T)},
    "ppm": {"RGB": (RGB, {}, T)},
    "dds": {"RGB": (RGB, {}, T)},
}


@covers("pictures", "PNG", read="palettes, transparent colours, 1 bit, interlaced, grey and alpha")
@covers("pictures", "TGA", read="8 bit, RLE, palettes, grey, alpha")
@covers("pictures", "BMP", read="8 bit, palettes, alpha")
@covers("pictures", "JPEG", read="8 bit, progressive, grey, CMYK")
@covers("pictures", "WebP", read="alpha, lossless")
@covers(
    "pictures", "JPEG 2000", read="8, 16 bit", reported="writing it is refused, with the formats there are"
)
@covers(
    "pictures", "SGI, PPM, DDS", read="8 bit", reported="writing them is refused, with the formats there are"
)
@pytest.mark.parametrize(("extension", "kind"), [(item, kind) for item in CASES for kind in CASES[item]])
def test_pictures_of_other_programs_are_read(tmp_path, extension, kind):
    picture, how, expected = CASES[extension][kind]
    path = tmp_path / f"a.{extension}"
    picture.save(path, **how)
    info, result = values(path)
    assert np.abs(result[..., :3] - expected).max() < (0.03 if extension == "jpg" else 0.003)
    assert info.has_alpha == ("transparent" in kind or "alpha" in kind or kind == "32 bit")
    assert info.is_grey == ("grey" in kind or kind == "1 bit")
    assert info.bit_depth <= 16


LOSSLESS = {
    ("png", "uint8"): 4,
    ("png", "uint16"): 4,
    ("tif", "uint8"): 4,
    ("tif", "uint16"): 4,
    ("tif", "float32"): 4,
    ("exr", "float16"): 4,
    ("exr", "float32"): 4,
    ("tga", "uint8"): 4,
    ("bmp", "uint8"): 3,
    ("dpx", "uint8"): 3,
    ("dpx", "uint16"): 3,
}


def by_another(path, sample, count):
    """A picture by another library: [H, W, count] in its own samples."""
    if path.suffix == ".exr":
        result = read_exr(path)[0][2]
        return np.stack([result[name] for name in "RGBA"[:count]], -1)
    if path.suffix == ".tif":
        return tifffile.imread(path)
    if path.suffix == ".dpx":
        kind = {"uint8": "rgb24", "uint16": "rgb48le"}[sample]
        return raw_frames(path, kind, sample).reshape(16, 24, 3)
    if sample == "uint8":
        return np.asarray(Image.open(path))
    result = np.asarray(cv2.imread(str(path), cv2.IMREAD_UNCHANGED))
    return result[..., [2, 1, 0, 3][:count]]


@covers("pictures", "BMP", written="8 bit", reported="alpha is left out")
@covers("pictures", "TGA", written="8 bit, alpha")
@covers("pictures", "EXR, scan lines", written="half, float; ZIP, scan lines")
@pytest.mark.parametrize("has_alpha", [True, False])
@pytest.mark.parametrize(("extension", "sample"), LOSSLESS)
def test_what_is_written_is_what_was_read(tmp_path, extension, sample, has_alpha):
    count = 4 if has_alpha and LOSSLESS[extension, sample] == 4 else 3
    picture = T if count == 3 else np.concatenate([T, 0.25 + 0.5 * T[..., :1]], 2)
    pixels = picture.astype(sample) if "float" in sample else codes(sample, picture)
    source = write_picture(tmp_path / f"a.0001.{extension}", pixels)
    carried(source, tmp_path / "out" / f"b.%04d.{extension}", scale=1)
    result = by_another(tmp_path / "out" / f"b.0001.{extension}", sample, count)
    assert (result.dtype, result.shape) == (pixels.dtype, pixels.shape)
    if "float" in sample:
        assert np.allclose(result.astype(float), pixels.astype(float), rtol=1e-3)
    else:
        assert np.array_equal(result, pixels)


@covers("pictures", "JPEG", written="8 bit, quality 95 unless set", reported="alpha is left out")
@covers("pictures", "WebP", written="alpha")
@covers("pictures", "HDR (Radiance)", read="float", written="float", reported="alpha is left out")
@pytest.mark.parametrize(("extension", "sample"), [("jpg", "uint8"), ("webp", "uint8"), ("hdr", "float32")])
def test_lossy_formats_are_near(tmp_path, extension, sample):
    pixels = EIGHT if sample == "uint8" else T.astype(sample)
    source = write_picture(tmp_path / ("a.0001.png" if sample == "uint8" else "a.0001.hdr"), pixels)
    carried(source, tmp_path / "out" / f"b.%04d.{extension}", scale=2)
    result = cv2.imread(str(tmp_path / "out" / f"b.0001.{extension}"), cv2.IMREAD_UNCHANGED)[..., ::-1]
    expected = np.repeat(np.repeat(pixels, 2, 0), 2, 1)
    full = 255 if sample == "uint8" else 1
    assert np.abs(result / full - expected / full).mean() < 0.02


EXRS = {
    "uncompressed": {"compression": OpenEXR.NO_COMPRESSION},
    "RLE": {"compression": OpenEXR.RLE_COMPRESSION},
    "ZIPS": {"compression": OpenEXR.ZIPS_COMPRESSION},
    "ZIP": {"compression": OpenEXR.ZIP_COMPRESSION},
    "PIZ": {"compression": OpenEXR.PIZ_COMPRESSION},
    "PXR24": {"compression": OpenEXR.PXR24_COMPRESSION},
    "B44": {"compression": OpenEXR.B44_COMPRESSION},
    "DWAA": {"compression": OpenEXR.DWAA_COMPRESSION},
    "DWAB": {"compression": OpenEXR.DWAB_COMPRESSION},
    "lines from below": {"lineOrder": OpenEXR.DECREASING_Y},
}


@covers("pictures", "EXR, scan lines", read=", ".join(EXRS), kept="header values, see Round trips")
@pytest.mark.parametrize("kind", EXRS)
@pytest.mark.parametrize("sample", ["f2", "f4"])
def test_exr_of_every_compression_is_read(tmp_path, kind, sample):
    write_exr(tmp_path / "a.exr", channels(T, sample=sample), **EXRS[kind])
    _, result = values(tmp_path / "a.exr")
    assert np.abs(result - T).max() < (0.03 if kind in ("B44", "DWAA", "DWAB") else 0.001)


@covers("pictures", "EXR, tiles", read="half, float", written="as scan lines")
@covers("pictures", "EXR, deep", reported="refused: flatten it first")
@pytest.mark.parametrize("kind", ["tiles", "deep"])
def test_tiled_exr_is_read_and_deep_exr_is_refused(tmp_path, kind):
    spec = oiio.ImageSpec(24, 16, 3, "half")
    spec.tile_width = spec.tile_height = 8 if kind == "tiles" else 0
    spec.deep = kind == "deep"
    out = oiio.ImageOutput.create(str(tmp_path / "a.exr"))
    assert out.open(str(tmp_path / "a.exr"), spec)
    if kind == "tiles":
        out.write_image(T.astype("f2"))
        out.close()
        assert np.abs(values(tmp_path / "a.exr")[1] - T).max() < 0.001
    else:
        deep = oiio.DeepData()
        deep.init(24 * 16, 3, [oiio.TypeDesc("half")] * 3, list("RGB"))
        out.write_deep_image(deep)
        out.close()
        with pytest.raises(MediaUnreadable, match="deep pixels; flatten it first"):
            probe(SourceMedia(str(tmp_path / "a.exr")))


@covers("pictures", "PSD, PSB", read="8, 16 bit, the finished picture", reported="writing them is refused")
@pytest.mark.parametrize("extension", ["psd", "psb"])
def test_psd_is_read_as_its_finished_picture(tmp_path, extension):
    psd = pytest.importorskip("psd_tools").PSDImage
    psd.frompil(RGB).save(str(tmp_path / f"a.{extension}"))
    info, result = values(tmp_path / f"a.{extension}")
    assert np.abs(result[..., :3] - T).max() < 0.003
    assert info.notes == ()


@covers("pictures", "TX", read="the largest level, tiles", reported="writing it is refused")
def test_tx_is_read_as_its_largest_level(tmp_path):
    source = write_picture(tmp_path / "a.tif", EIGHT)
    is_written = oiio.ImageBufAlgo.make_texture(
        oiio.MakeTxTexture, str(source), str(tmp_path / "a.0001.tx"), oiio.ImageSpec()
    )
    assert is_written
    _, result = values(tmp_path / "a.0001.tx")
    assert result.shape == T.shape
    assert np.abs(result - T).max() < 0.003
