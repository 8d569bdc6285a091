"""What is known about encoders and containers: plain tables, used by `codecs`."""

from __future__ import annotations

CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mkv": "matroska", ".mov": "mov", ".webm": "webm"}
"""File extension -> FFmpeg's muxer."""

QUALITY = {
    "libx264": ("crf", 4, 40, 16),
    "libx265": ("crf", 4, 40, 16),
    "libsvtav1": ("crf", 6, 55, 20),
    "libaom-av1": ("crf", 6, 55, 20),
    "libvpx-vp9": ("crf", 4, 55, 18),
    "h264_nvenc": ("cq", 4, 40, 17),
    "hevc_nvenc": ("cq", 4, 40, 17),
    "av1_nvenc": ("cq", 6, 55, 22),
    "mpeg4": ("qscale", 2, 31, 2),
    "mpeg2video": ("qscale", 2, 31, 2),
}
"""Encoder -> (option, value at quality 100, value at quality 1, value where no quality is asked for).

The best value is not lossless: that would be another profile, which few players take.
"""

BASE_OPTIONS: dict[str, dict[str, str]] = {
    "libx264": {"preset": "veryfast"},
    # 1080p in 10 bits takes half as long again at `veryfast`, for nothing that can be seen at the usual crf.
    "libx265": {"preset": "superfast", "x265-params": "log-level=error:open-gop=0"},
    "libsvtav1": {"preset": "10"},
    "libaom-av1": {"cpu-used": "6", "row-mt": "1"},
    "libvpx-vp9": {"b": "0", "deadline": "good", "cpu-used": "5", "row-mt": "1"},
    "prores_ks": {"vendor": "apl0"},
    "ffv1": {"level": "3", "slicecrc": "1"},
}
"""Encoder -> options it always gets."""

PRORES_PROFILES = ((25, "proxy"), (50, "lt"), (75, "standard"), (100, "hq"))
DNXHR_PROFILES = ((34, "dnxhr_lb"), (67, "dnxhr_sq"), (100, "dnxhr_hq"))
"""(highest quality, profile), rising."""

LOSSLESS = frozenset(
    {
        "ffv1",
        "png",
        "v210",
        "qtrle",
        "huffyuv",
        "ffvhuff",
        "utvideo",
        "v410",
    }
)
USUAL_CODECS = {"mov": "prores_ks", "webm": "libvpx-vp9"}
"""Encoders of containers where none is named; H.264 and HEVC by the source's bits in all others."""

KEEPS_ALPHA = frozenset(
    {
        "prores_ks",
        "prores",
        "ffv1",
        "png",
        "qtrle",
        "utvideo",
        "cfhd",
    }
)

NAMES_RANGE = frozenset(
    {
        "libx264",
        "libx265",
        "libsvtav1",
        "libaom-av1",
        "libvpx-vp9",
        "h264_nvenc",
        "hevc_nvenc",
        "av1_nvenc",
        "mjpeg",
    }
)
"""Encoders whose streams label whether values are full range."""

LIMITED = frozenset({"prores_ks", "prores", "prores_aw", "dnxhd"})
"""Encoders that are limited range whatever a container's label."""

NAMES_PIXEL_ASPECT = frozenset({"libx264", "libx265", "h264_nvenc", "hevc_nvenc", "mpeg2video", "mpeg4"})
"""Encoders whose streams label the shape of their pixels; PyAV cannot have Matroska do it for the others."""

# Pixel formats, best first for their kind; the first that the encoder takes is used.
PLAIN_8 = (
    "yuv420p",
    "yuv422p",
    "yuv444p",
    "yuvj420p",
    "nv12",
    "gbrp",
    "rgb24",
    "bgr24",
    "bgr0",
    "rgb0",
)
PLAIN_DEEP = (
    "yuv420p10le",
    "yuv422p10le",
    "p010le",
    "yuv444p10le",
    "gbrp10le",
    "yuv420p12le",
    "yuv422p12le",
    "yuv444p12le",
    "gbrp12le",
    "gbrp16le",
    "rgb48le",
    "rgb48be",
)
ALPHA_8 = (
    "gbrap",
    "rgba",
    "bgra",
    "argb",
)
ALPHA_DEEP = (
    "yuva444p10le",
    "yuva444p12le",
    "gbrap12le",
    "gbrap16le",
    "rgba64le",
    "rgba64be",
)
FULL_CHROMA_8 = ("yuv444p", "gbrp")
FULL_CHROMA_DEEP = ("yuv444p10le", "yuv444p12le", "gbrp10le")
RGB_8 = ("gbrp", "bgr0", "rgb24", "bgr24")
RGB_DEEP = {
    10: ("gbrp10le", "gbrp12le", "gbrp16le", "rgb48be"),
    12: ("gbrp12le", "gbrp16le", "rgb48be"),
    16: ("gbrp16le", "rgb48be"),
}
RGB_ALPHA_DEEP = {
    10: ("gbrap10le", "gbrap12le", "gbrap16le", "rgba64be"),
    12: ("gbrap12le", "gbrap16le", "rgba64be"),
    16: ("gbrap16le", "rgba64be"),
}
