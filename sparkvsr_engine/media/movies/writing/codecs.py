"""Which encoder writes a movie, in which pixel format, how well. Nothing is encoded here.

What is chosen where nothing was named:
* .mp4, .m4v, .mkv, 8-bit source: H.264 (libx264 yuv420p), because everything plays it; preset `veryfast`
  writes 1080p faster than the restorer makes it, crf 16 hides the loss.
* the same containers, deeper source: HEVC Main 10 (libx265, tag hvc1). H.264's High 10 has no hardware
  decoder anywhere and QuickTime refuses it; HEVC Main 10 plays in every current player and phone.
* .mov: ProRes 422 HQ, or 4444 where there is alpha, as editors expect of a .mov.
* .webm: VP9.
A picture with an odd side is written as 4:4:4: halved chroma has no such size, and to add or cut a row
would break the promise that the result has exactly the size that was asked for.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import av.codec
import av.error

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.media.colours.tags import UNTAGGED, ColourTags, judged_rows, output_tags
from sparkvsr_engine.media.movies.light import NO_LIGHT, MovieLight, encoder_options
from sparkvsr_engine.media.movies.writing import codec_tables as tables
from sparkvsr_engine.media.movies.yuv import bit_depth, has_alpha


@dataclass(frozen=True)
class Picture:
    """What is to be encoded: size in pixels, bits per channel of the source, whether there is alpha."""

    width: int
    height: int
    bits: int
    has_alpha: bool = False

    @property
    def is_odd(self) -> bool:
        """Whether a side is an odd number of pixels."""
        return bool(self.width % 2 or self.height % 2)


@dataclass(frozen=True)
class Encoding:
    """Everything an encoder is set to; two segments of equal encodings can be joined.

    sample: what it is given, uint8 or uint16. tag: four characters in the container, empty for the usual one.
    warnings: sentences for the user about what this encoding costs.
    """

    codec: str
    pixel_format: str
    sample: str
    channels: int
    options: tuple[tuple[str, str], ...]
    width: int
    height: int
    rate: Fraction
    pixel_aspect: Fraction
    tags: ColourTags
    container: str
    tag: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class MovieTraits:
    """What a movie's frames share: nominal rate, pixel aspect, the source's colour tags and light."""

    rate: Fraction
    pixel_aspect: Fraction = Fraction(1)
    tags: ColourTags = UNTAGGED
    light: MovieLight = NO_LIGHT


def holds(codec: str, container: str) -> bool:
    """Whether a container holds what an encoder writes.

    Raises InvalidSettings for an encoder that is not there.
    """
    encoder = _encoder(codec)
    return getattr(encoder, "canonical_name", encoder.name) in _codecs_of(container)


def is_movie_name(path: Path | str) -> bool:
    """Whether a target's name is a movie's."""
    return Path(path).suffix.lower() in tables.CONTAINERS


def container_of(path: Path | str) -> str:
    """FFmpeg's name of a movie file's container.

    Raises InvalidSettings for an extension that is not written here.
    """
    if not is_movie_name(path):
        raise InvalidSettings(
            f"{path} is no movie name the engine writes; use one of {', '.join(sorted(tables.CONTAINERS))},"
            " or a numbered pattern such as out/%04d.png."
        )
    return tables.CONTAINERS[Path(path).suffix.lower()]


def choose_codec(container: str, bits: int) -> str:
    """The encoder where none is named; the module's docstring has the reason."""
    return tables.USUAL_CODECS.get(container) or ("libx264" if bits <= 8 else "libx265")


def quality_options(codec: str, quality: int, bits: int = 8, keeps_alpha: bool = False) -> dict[str, str]:
    """An encoder's options for quality 1..100, 0 for its default.

    Constant-quality encoders get a value on a straight line from their worst to their best; ProRes and
    DNxHR get a profile.

    Args:
        codec: name of the codec in FFmpeg.
        quality: 1..100; 0 is the default.
        bits: bits a channel.
        keeps_alpha: whether alpha is encoded.

    Raises:
        InvalidSettings: for a quality given to an encoder without a scale here.
    """
    if codec.startswith("prores"):
        return {"profile": "4444" if keeps_alpha else _profile(tables.PRORES_PROFILES, quality)}
    if codec == "dnxhd":
        return {"profile": "dnxhr_hqx" if bits > 8 else _profile(tables.DNXHR_PROFILES, quality)}
    if codec in tables.QUALITY:
        option, best, worst, usual = tables.QUALITY[codec]
        return {option: str(round(worst - (quality - 1) / 99 * (worst - best)) if quality else usual)}
    if quality and codec not in tables.LOSSLESS:
        raise InvalidSettings(
            f"the codec {codec} has no quality scale the engine supports; leave --quality away or use one of"
            f" {', '.join(sorted([*tables.QUALITY, 'prores_ks', 'dnxhd']))}."
        )
    return {}


def choose_pixel_format(codec: str, picture: Picture) -> str:
    """The pixel format to encode in: no fewer bits than the source has, alpha kept, 4:2:0 for even sides.

    Raises InvalidSettings for an encoder that is not there, is not for video, or takes none of these.
    """
    offered = _offered_formats(codec)
    for name in _wishes(codec, picture):
        if name in offered:
            return name
    listed = ", ".join(offered[:8]) or "does not list any"
    raise InvalidSettings(
        f"the codec {codec} takes none of the pixel formats the engine writes (it takes {listed});"
        " choose another --codec."
    )


def make_encoding(
    target: Path | str, codec: str, quality: int, picture: Picture, traits: MovieTraits
) -> Encoding:
    """The encoding of a movie file; codec "" is the container's usual one.

    Args:
        target: the target's path.
        codec: name of the codec in FFmpeg.
        quality: 1..100; 0 is the default.
        picture: size and format of the pictures.
        traits: rate, aspect and colour of the movie.

    Raises:
        InvalidSettings: for what cannot be.
    """
    container = container_of(target)
    name = codec or choose_codec(container, picture.bits)
    pixel_format = choose_pixel_format(name, picture)
    _require_fits(name, container, target)
    keeps_alpha, bits = has_alpha(pixel_format), bit_depth(pixel_format)
    options = {**tables.BASE_OPTIONS.get(name, {}), **quality_options(name, quality, bits, keeps_alpha)}
    tags = _writable_tags(
        output_tags(traits.tags, judged_rows(picture.width, picture.height)), name, container
    )
    light = traits.light if tags.is_hdr else NO_LIGHT
    for option, value in encoder_options(name, light).items():
        options[option] = ":".join(part for part in (options.get(option, ""), value) if part)
    return Encoding(
        codec=name,
        pixel_format=pixel_format,
        sample="uint8" if bits <= 8 else "uint16",
        channels=4 if keeps_alpha else 3,
        options=tuple(sorted(options.items())),
        width=picture.width,
        height=picture.height,
        rate=traits.rate,
        pixel_aspect=traits.pixel_aspect,
        tags=tags,
        container=container,
        tag="hvc1" if name in ("libx265", "hevc_nvenc") and container in ("mp4", "mov") else "",
        warnings=(
            *_warnings(name, pixel_format, picture),
            *_aspect_warnings(name, container, traits),
            *_light_warnings(name, traits.light, tags),
        ),
    )


def _profile(table: tuple[tuple[int, str], ...], quality: int) -> str:
    return next(name for most, name in table if (quality or 100) <= most)


def _offered_formats(codec: str) -> list[str]:
    encoder = _encoder(codec)
    if encoder.type != "video":
        raise InvalidSettings(
            f"the codec {codec} is for {encoder.type}, not for pictures; use libx264 or another one."
        )
    return [video_format.name for video_format in encoder.video_formats or ()]


def _encoder(codec: str) -> av.codec.Codec:
    try:
        return av.codec.Codec(codec, "w")
    except (av.error.FFmpegError, ValueError):
        raise InvalidSettings(
            f"there is no encoder called {codec}; use libx264, libx265, prores_ks, ffv1, libsvtav1 or another"
            " of FFmpeg's."
        ) from None


def _wishes(codec: str, picture: Picture) -> list[str]:
    """Pixel formats, best first."""
    deep, bits = picture.bits > 8, 10 if picture.bits <= 10 else 12 if picture.bits <= 12 else 16
    keeps_alpha, is_lossless = picture.has_alpha and codec in tables.KEEPS_ALPHA, codec in tables.LOSSLESS
    wishes: list[str] = []
    if keeps_alpha:
        deep_ones = tables.RGB_ALPHA_DEEP[bits] if is_lossless else tables.ALPHA_DEEP
        # Fewer bits with alpha, with a warning, rather than none.
        wishes += [*deep_ones, *tables.ALPHA_8] if deep else [*tables.ALPHA_8, *tables.ALPHA_DEEP]
    if is_lossless:
        wishes += tables.RGB_DEEP[bits] if deep else tables.RGB_8
    if codec.startswith("prores") or (codec == "dnxhd" and deep):
        wishes.append("yuv422p10le")
    if picture.is_odd:
        wishes += tables.FULL_CHROMA_DEEP if deep else tables.FULL_CHROMA_8
    plain = (tables.PLAIN_DEEP, tables.PLAIN_8) if deep else (tables.PLAIN_8, tables.PLAIN_DEEP)
    return [*wishes, *plain[0], *plain[1]]


def _warnings(codec: str, pixel_format: str, picture: Picture) -> list[str]:
    warnings: list[str] = []
    if picture.has_alpha and not has_alpha(pixel_format):
        warnings.append(f"{codec} keeps no alpha channel; write a .mov (ProRes 4444) or pictures to keep it.")
    if picture.is_odd and pixel_format.startswith("yuv444") and codec in tables.QUALITY:
        warnings.append(
            f"{picture.width}x{picture.height} has an odd side and is written as 4:4:4, which some players"
            " refuse; choose an even --size for a movie that plays everywhere."
        )
    if picture.bits > 8 >= bit_depth(pixel_format):
        warnings.append(
            f"{codec} writes 8 bits, the source has {picture.bits}; choose libx265 or prores_ks to keep them."
        )
    return warnings


def _writable_tags(tags: ColourTags, codec: str, container: str) -> ColourTags:
    """The tags, full range only where encoder or container can label it: values are written to fit."""
    names_range = codec in tables.NAMES_RANGE or (
        container in ("matroska", "webm") and codec not in tables.LIMITED
    )
    return tags if names_range or not tags.full_range else replace(tags, full_range=False)


def _light_warnings(codec: str, light: MovieLight, tags: ColourTags) -> list[str]:
    if not light.is_known or encoder_options(codec, light if tags.is_hdr else NO_LIGHT):
        return []
    if encoder_options(codec, light):
        return [
            "The movie has HDR10 mastering display and light levels but no HDR transfer curve in its tags;"
            " they are left out."
        ]
    return [f"{codec} does not keep the HDR10 mastering display and light levels; use libx265 to keep them."]


def _aspect_warnings(codec: str, container: str, traits: MovieTraits) -> list[str]:
    if traits.pixel_aspect == 1 or container in ("mp4", "mov") or codec in tables.NAMES_PIXEL_ASPECT:
        return []
    return [
        f"{codec} in this container does not keep the pixel aspect {traits.pixel_aspect}; use a .mov or .mp4."
    ]


def _require_fits(codec: str, container: str, target: Path | str) -> None:
    if not holds(codec, container):
        raise InvalidSettings(
            f"{codec} cannot be put into {Path(target).suffix}; use --codec {choose_codec(container, 8)},"
            " or a .mkv or .mov target."
        )


@lru_cache(maxsize=8)
def _codecs_of(container: str) -> frozenset[str]:
    with av.open(io.BytesIO(), "w", format=container) as trial:
        return frozenset(trial.supported_codecs)
