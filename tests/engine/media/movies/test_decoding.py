"""Every picture is known by the packet it came of, however many movies are decoded side by side."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from sparkvsr_engine.media.movies.decoding import decoder_for, packets_of, pictures
from sparkvsr_engine.media.movies.frame_index.index import open_movie, video_stream
from tests.fakes.media import write_movie

FRAMES = 40


def run_of(path, threads, files):
    """Ordinals of pictures as they are shown; no picture is kept."""
    container = files.enter_context(open_movie(path))
    stream = video_stream(container, path)
    return (ordinal for ordinal, _ in pictures(decoder_for(stream, threads), packets_of(container, stream)))


@pytest.mark.parametrize("threads", ["AUTO", "SLICE"])
@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_movies_decoded_side_by_side_keep_their_packets_apart(tmp_path, codec, threads):
    """One run gives packets back while the other, some pictures behind, still holds their like."""
    path = write_movie(tmp_path / "a.mkv", frames=FRAMES, codec=codec, options={"g": "12", "bf": "2"})
    with ExitStack() as files:
        alone = list(run_of(path, threads, files))
    assert sorted(alone) == list(range(FRAMES))
    for ahead in range(1, 10):
        with ExitStack() as files:
            first, second = run_of(path, threads, files), run_of(path, threads, files)
            seen = [next(first) for _ in range(ahead)], []
            for _ in range(FRAMES - ahead):
                seen[1].append(next(second))
                seen[0].append(next(first))
            seen[1].extend(second)
        assert seen == (alone, alone)


def test_a_decoder_that_is_let_go_amid_a_movie_is_flushed_before(tmp_path):
    class Decoder:
        def __init__(self, decoder):
            self.decoder, self.flushed = decoder, 0

        def decode(self, packet):
            return self.decoder.decode(packet)

        def flush_buffers(self):
            self.decoder.codec_context.flush_buffers()
            self.flushed += 1

    path = write_movie(tmp_path / "a.mp4", frames=12)
    with open_movie(path) as container:
        stream = container.streams.video[0]
        decoder = Decoder(decoder_for(stream, "AUTO"))
        shown = pictures(decoder, packets_of(container, stream))
        next(shown)
        assert decoder.flushed == 0
        shown.close()
        assert decoder.flushed == 1
