"""How the two tracks of pictures are encoded: the reduced movie slowly and well, keyframes each by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sparkvsr_engine.media.movies.writing.codec_tables import QUALITY
from sparkvsr_engine.media.movies.writing.codecs import Encoding, MovieTraits, Picture, make_encoding

# What a second of work on a small picture saves is paid for by the line for as long as the file is sent.
_BASE_PRESETS = {"libx264": "slow", "libx265": "slow", "libsvtav1": "4"}
_KEYFRAME_ENCODER = "libsvtav1"
# Single pictures are slow to encode at no cost that counts. SVT-AV1's tune for still pictures takes 7 % less
# LPIPS than its default at equal bytes on six keyframes of 480x272, the slower preset some 2 % more.
_KEYFRAME_OPTIONS = {"preset": "2", "g": "1", "svtav1-params": "tune=3"}
# AV1 halves chroma in whole pixels only; HEVC in 4:4:4 holds any side.
_ODD_ENCODER = "libx265"
_WHOLE_CRF_MOST = 63


@dataclass(frozen=True)
class TrackQuality:
    """Constant-quality values of the two encoders; lower is better and larger."""

    base: float
    keyframes: float


@dataclass(frozen=True)
class StreamEncodings:
    """base: of the reduced movie. keyframes: of pictures at the source's size. Their quality is set later."""

    base: Encoding
    keyframes: Encoding

    @property
    def pair_identity(self) -> list[str]:
        """Changes whenever the tracks would; for names of kept work."""
        return [repr(self.base), repr(self.keyframes)]

    def with_quality(self, quality: TrackQuality) -> StreamEncodings:
        """The same at these qualities."""
        return StreamEncodings(with_crf(self.base, quality.base), with_crf(self.keyframes, quality.keyframes))


def quality_range(codec: str) -> tuple[float, float]:
    """(best, worst) constant-quality value of an encoder that is still of use here."""
    return (10.0, 70.0) if codec == "libsvtav1" else (8.0, 51.0)


def crf_of_quality(codec: str, quality: int) -> float:
    """An encoder's value for quality 1..100, on the line that `--quality` of movies is on."""
    _, best, worst, _ = QUALITY[codec]
    return worst - (quality - 1) / 99 * (worst - best)


def crf_step(codec: str) -> float:
    """The least difference between two constant-quality values that an encoder distinguishes."""
    return 0.25 if codec == "libsvtav1" else 0.01


def with_crf(encoding: Encoding, crf: float) -> Encoding:
    """An encoding at a constant-quality value, rounded to what its encoder distinguishes."""
    step = crf_step(encoding.codec)
    value = round(crf / step) * step
    options = dict(encoding.options)
    if encoding.codec == "libsvtav1":
        # FFmpeg's own option takes whole numbers up to 63; the library takes quarters up to 70.
        options["crf"] = str(min(round(value), _WHOLE_CRF_MOST))
        params = options.get("svtav1-params", "").split(":")
        parameters = [param for param in params if param and not param.startswith("crf=")]
        options["svtav1-params"] = ":".join([*parameters, f"crf={value:g}"])
    else:
        options["crf"] = f"{value:.2f}"
    return replace(encoding, options=tuple(sorted(options.items())))


def slow_preset(encoding: Encoding) -> Encoding:
    """An encoding at the preset of small streams' base tracks."""
    options = {**dict(encoding.options), "preset": _BASE_PRESETS[encoding.codec]}
    return replace(encoding, options=tuple(sorted(options.items())))


def base_encoding(encoding: Encoding, tags: Encoding) -> Encoding:
    """The encoding of the reduced movie. tags: an encoding at the source's size, whose colour tags hold."""
    return replace(slow_preset(encoding), tags=tags.tags, channels=3)


def keyframe_encoding(target: str, picture: Picture, traits: MovieTraits) -> Encoding:
    """The encoding of keyframes at the source's size, every picture intra-coded.

    Args:
        target: path of the stream, whose suffix names the container.
        picture: size and bits per channel of the source; alpha is left out.
        traits: rate, aspect and colour of the movie.
    """
    codec = _ODD_ENCODER if picture.is_odd else _KEYFRAME_ENCODER
    encoding = make_encoding(target, codec, 0, replace(picture, has_alpha=False), traits)
    options = dict(encoding.options)
    if codec == _ODD_ENCODER:
        options |= {"preset": "slow", "x265-params": f"{options['x265-params']}:keyint=1"}
    else:
        light = options.get("svtav1-params", "")
        options |= _KEYFRAME_OPTIONS
        options["svtav1-params"] = ":".join(part for part in (light, options["svtav1-params"]) if part)
    return replace(encoding, options=tuple(sorted(options.items())))
