"""The tag that marks a movie as a small stream: one line of text among the file's own metadata.

    1 size=1920x1080 filter=bicubic values=codes start=0 cut=1 by=0.9.0 keyframes=0:5f2c11aa,48:90ab31ff

The first word is the version of this format. Fields that a reader does not know are ignored; a higher
version is another format, whose keyframes are not used. `keyframes` gives for every keyframe its frame
number and the CRC-32 of its packet, so that one that is lost or damaged is known by its number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sparkvsr_engine.core.frames import describe_frames

TAG_NAME = "SPARKVSR_STREAM"
TAG_VERSION = 1
STREAM_SUFFIXES = (".mkv", ".mp4", ".m4v")
KEYFRAME_TITLE = "SparkVSR keyframes"
"""Title of the track that holds the keyframes."""

_TAG_LOST = (
    "A copy of this small stream left its tag out: its keyframes are used, but damage in them cannot be"
    " detected; copy with 'ffmpeg -map 0 -c copy', for .mp4 also with '-movflags use_metadata_tags'."
)
_KEYFRAME = re.compile(r"(\d+):([0-9a-f]{8})")
_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")


@dataclass(frozen=True)
class StreamTag:
    """What a small stream states of itself.

    width, height: of the source it was made from, and of its keyframes. reduction: the filter of the base
    track.
    is_cut: whether its first frame begins a shot.
    values: what was filtered, `codes` or `light`. start: number of its first frame; above 0 in pieces of a
    pipe.
    maker: version of the program that made it. keyframes: (frame number, CRC-32 of the packet), rising.
    """

    width: int
    height: int
    keyframes: tuple[tuple[int, int], ...]
    reduction: str = "bicubic"
    values: str = "codes"
    start: int = 0
    is_cut: bool = True
    maker: str = ""
    version: int = TAG_VERSION

    @property
    def text(self) -> str:
        """The tag's line."""
        listed = ",".join(f"{frame}:{checksum:08x}" for frame, checksum in self.keyframes)
        return (
            f"{self.version} size={self.width}x{self.height} filter={self.reduction} values={self.values}"
            f" start={self.start} cut={int(self.is_cut)} by={self.maker or 'unknown'} keyframes={listed}"
        )

    @classmethod
    def parse(cls, text: str) -> StreamTag | None:
        """The tag of a line; None where the line is none, or of a later version."""
        words = text.split()
        if not words or words[0] != str(TAG_VERSION):
            return None
        fields = dict(word.split("=", 1) for word in words[1:] if "=" in word)
        size = _SIZE.fullmatch(fields.get("size", ""))
        if size is None or not all(int(side) for side in size.groups()):
            return None
        listed = _KEYFRAME.findall(fields.get("keyframes", ""))
        start = fields.get("start", "0")
        return cls(
            width=int(size[1]),
            height=int(size[2]),
            keyframes=tuple(sorted({int(frame): int(checksum, 16) for frame, checksum in listed}.items())),
            reduction=fields.get("filter", ""),
            values=fields.get("values", ""),
            start=int(start) if start.isdecimal() else 0,
            is_cut=fields.get("cut") != "0",
            maker=fields.get("by", ""),
        )


@dataclass(frozen=True)
class KeyframeTrack:
    """What a small stream brings.

    frames: numbers of its whole keyframes, counted as the movie's frames are. missing: of those that are
    lost or damaged, as far as their numbers are known. is_tag_lost: a copy of the file has no tag any more.
    """

    tag: StreamTag
    frames: tuple[int, ...]
    missing: tuple[int, ...] = ()
    is_tag_lost: bool = False

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence about keyframes that are lost or damaged, or that cannot be checked."""
        if self.is_tag_lost:
            return (_TAG_LOST,)
        if not self.missing:
            return ()
        plural, verb = ("s", "are") if len(self.missing) > 1 else ("", "is")
        instead = "the next one is used in its place" if self.frames else "all frames are restored without"
        return (
            f"The keyframe{plural} of the small stream at {describe_frames(self.missing)} {verb} missing or"
            f" damaged: {instead}; copy the file again to have {'them' if plural else 'it'}.",
        )


def has_tag(metadata: Mapping[str, str]) -> bool:
    """Whether a file's metadata hold a tag of any version."""
    return any(name.upper() == TAG_NAME for name in metadata)


def stream_notes(metadata: Mapping[str, str], track: KeyframeTrack | None) -> tuple[str, ...]:
    """What is to be known of a small stream: of its keyframes, or of a tag that this program cannot read.

    Args:
        metadata: of the file.
        track: its keyframes; None where there are none, or the tag cannot be read.
    """
    if track is not None:
        return track.warnings
    text = next((value for name, value in metadata.items() if name.upper() == TAG_NAME), None)
    if text is None or StreamTag.parse(text) is not None:
        return ()
    version = (text.split() or [""])[0]
    if version.isdecimal() and int(version) > TAG_VERSION:
        reason, action = f"is of format {version}, which this SparkVSR cannot read", "install a newer one"
    else:
        reason, action = "has a damaged tag", "copy the file again"
    return (f"This small stream {reason}: its keyframes and its full size are not used; {action}.",)


def tag_of(metadata: Mapping[str, str]) -> StreamTag | None:
    """The tag among a file's metadata, whose names containers may change to small letters."""
    for name, value in metadata.items():
        if name.upper() == TAG_NAME:
            return StreamTag.parse(value)
    return None


def is_keyframe_track(words: Mapping[str, str]) -> bool:
    """Whether a track's metadata are those of a track of keyframes."""
    named = {name.lower(): value for name, value in words.items()}
    # MP4 has no titles of tracks that FFmpeg reads back; it keeps the name of the handler.
    return KEYFRAME_TITLE in (named.get("title"), named.get("handler_name"))
