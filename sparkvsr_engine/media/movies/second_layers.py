"""Second layers of HEVC pictures: their alpha (annex F's auxiliary pictures) or another eye's view (annex G).

Decoders show the first layer alone, without a word; what is left out has to be reported.
"""

from __future__ import annotations

from sparkvsr_engine.media.movies.picture_messages import units_of

_BASE = 0


def second_layer_note(codec: str, extradata: bytes, packets: list[bytes]) -> tuple[str, ...]:
    """A sentence where packets hold a layer behind the first.

    ITU-T H.265, 7.3.1.2: six bits behind the type of each unit are its layer.

    Args:
        codec: FFmpeg's name of it.
        extradata: the codec's own header.
        packets: the first ones of a stream.
    """
    if codec != "hevc":
        return ()
    units = (unit for packet in packets for unit in units_of(packet, codec, extradata))
    if all(len(unit) < 2 or (unit[0] & 1) << 5 | unit[1] >> 3 == _BASE for unit in units):
        return ()
    return (
        "The movie's pictures have a second layer (alpha, or the other eye's view), which is not read: the"
        " result is of the first layer alone; export alpha as ProRes 4444, or each view as its own movie.",
    )
