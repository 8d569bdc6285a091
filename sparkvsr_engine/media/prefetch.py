"""Reading ahead under the name it had before `media.buffering`, for programs that import it from here."""

from sparkvsr_engine.media.buffering.prefetch import PrefetchedSource

__all__ = ["PrefetchedSource"]
