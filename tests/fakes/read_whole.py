"""Reads every frame of a file as a job does, in a process of its own: what breaks there breaks nothing else.

    python tests/fakes/read_whole.py FILE

Prints `whole FRAMES CONCEALED NOTES NUMBER...`, the numbers being those that are drawn into the frames, or
`refused CODE: SENTENCE`. Anything else is a fault.
"""

import sys

from sparkvsr_bridge.errors import SparkVSRError
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.buffering.prefetch import PrefetchedSource
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe
from tests.fakes.media import number_in


def main(path: str) -> None:
    try:
        info = probe(SourceMedia(path))
        source = PrefetchedSource(open_source(info, conceals=True))
        numbers, concealed = [], 0
        try:
            for frame in info.span:
                read = source.read(frame)
                numbers.append(number_in(read.pixels))
                concealed += read.is_concealed
        finally:
            source.close()
        words = [len(numbers), concealed, len(info.notes), *numbers]
        sys.stdout.write(f"whole {' '.join(map(str, words))}\n")
    except SparkVSRError as error:
        sys.stdout.write(f"refused {error.code}: {error.message}\n")


if __name__ == "__main__":
    for path in sys.argv[1:]:
        main(path)
