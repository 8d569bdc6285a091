"""How much one remote client may ask for. Counters of one thread, none of which grows."""

from __future__ import annotations

import time

from sparkvsr_bridge.errors import LimitReached
from sparkvsr_engine.remote_config import RemoteConfig

_BURST = 2.0
# Seconds' worth of messages beyond a key's rate that make a flood, and that may remain when it is over.
_FLOOD_SECONDS, _CALM_SECONDS = 20.0, 10.0


class ClientLimits:
    """The counters of one key, over all its connections.

    Attributes:
        is_flooding: whether so much came beyond the rate that nothing of the key is read for a while.
        unanswered: requests that wait for their reply.
        adding: those among them that add a job.
    """

    def __init__(self, config: RemoteConfig) -> None:
        self._config = config
        self._most_tokens = max(1.0, config.messages_per_second * _BURST)
        self._tokens = self._most_tokens
        self._filled = time.monotonic()
        self._excess = 0.0
        self.is_flooding = False
        self.unanswered = 0
        self.adding = 0

    def take_message(self, sizes: list[int]) -> None:
        """Count a message that came; raises LimitReached. sizes: of its frames, bytes."""
        now = time.monotonic()
        fresh = (now - self._filled) * self._config.messages_per_second
        self._tokens, self._filled = min(self._most_tokens, self._tokens + fresh), now
        self._count_excess(fresh, self._tokens < 1.0 or self.is_flooding)
        if self.is_flooding:
            raise LimitReached(
                f"So much more than {self._config.messages_per_second:g} messages a second came from this key"
                f" that its connections are cut; be quiet for {_CALM_SECONDS:g} seconds, then connect."
            )
        if self._tokens < 1.0:
            raise LimitReached(
                f"More than {self._config.messages_per_second:g} messages a second came from this key;"
                f" send fewer."
            )
        self._tokens -= 1.0
        if any(size > self._config.text_bytes for size in sizes[:2]):
            raise LimitReached(
                f"A message has {max(sizes[:2])} bytes of text and may have {self._config.text_bytes};"
                f" split it."
            )
        if sum(sizes) > self._config.message_bytes:
            raise LimitReached(
                f"A message has {sum(sizes)} bytes and may have {self._config.message_bytes}; name files"
                f" instead."
            )

    def _count_excess(self, fresh: float, is_beyond: bool) -> None:
        """Count a message beyond the rate; what the rate would have let through since is forgiven."""
        rate = self._config.messages_per_second
        self._excess = min(rate * _FLOOD_SECONDS, max(0.0, self._excess - fresh) + is_beyond)
        if self._excess >= rate * _FLOOD_SECONDS - 1.0:
            self.is_flooding = True
        elif self._excess <= rate * _CALM_SECONDS:
            self.is_flooding = False

    def begin(self, adds_a_job: bool, open_jobs: int, open_previews: int) -> None:
        """Count a request that is about to be carried out; raises LimitReached.

        Args:
            adds_a_job: whether it may leave one more open job.
            open_jobs: of this client, as the store has them.
            open_previews: that the worker owes this client.
        """
        if self.unanswered + open_previews >= self._config.open_requests:
            raise LimitReached(
                f"{self._config.open_requests} requests of this key are not answered yet; wait for one."
            )
        if adds_a_job and open_jobs + self.adding >= self._config.open_jobs:
            raise LimitReached(
                f"This key has {open_jobs} open jobs and may have {self._config.open_jobs}; wait for one"
                f" to end, or"
                " cancel one."
            )
        self.unanswered += 1
        self.adding += int(adds_a_job)

    def end(self, adds_a_job: bool) -> None:
        """The request was answered."""
        self.unanswered -= 1
        self.adding -= int(adds_a_job)
