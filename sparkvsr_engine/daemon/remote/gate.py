"""The one place where a remote client's message is judged, and where what it is sent is respelt.

A message passes in this order: the key, the limits, the role, the job it names (all at once, in the loop);
then the paths and models it names (`settling`, on a helper thread, for it looks at the disk).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.connections.wire import Envelope
from sparkvsr_bridge.errors import NotAuthorised, NotPermitted, SparkVSRError, UnknownJob
from sparkvsr_bridge.records import Record
from sparkvsr_engine.access.audit import AuditEntry, AuditLog
from sparkvsr_engine.access.client_spelling import ClientSpelling
from sparkvsr_engine.access.keys import ClientKey, KeyFolder
from sparkvsr_engine.access.limits import ClientLimits
from sparkvsr_engine.access.own_places import OwnPlaces
from sparkvsr_engine.access.path_fields import READ, SENT, TEXT, WRITE, paths_in, rewritten
from sparkvsr_engine.access.roles import ADDS_A_JOB, CHANGES_A_JOB, require_role
from sparkvsr_engine.access.roots import IS_WINDOWS, Roots
from sparkvsr_engine.access.spellings import fault_of
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.jobs.storage.records import JobVersion

_MARK = b"remote "
_KEY_BYTES = 40


class Ledger(Protocol):
    """What the engine knows of its jobs and previews."""

    def version(self, job: str, version: int = 0) -> JobVersion:
        """A version of a job, 0 for the latest; raises UnknownJob."""
        ...

    def owner(self, job: str) -> str:
        """The remote client a job is of; empty for one of this machine."""
        ...

    def open_jobs(self, owner: str) -> int:
        """How many jobs of a remote client are queued, running or paused."""
        ...

    def open_previews(self, is_client: Callable[[bytes], bool]) -> int:
        """How many previews are owed to the clients that this holds for."""
        ...


@dataclass
class Session:
    """What is remembered of one key, over all its connections, as long as the engine runs."""

    spelling: ClientSpelling
    limits: ClientLimits


class Gate:
    """The check of remote clients. All methods but `admit` and `roots` are for the loop's thread."""

    def __init__(self, config: EngineConfig, keys: KeyFolder, audit: AuditLog) -> None:
        self.config = config
        self.roots = Roots.of(config.remote)
        self.audit = audit
        self.ledger: Ledger | None = None
        self._keys = keys
        self._own_places = OwnPlaces(config.home, self.is_visible)
        self._sessions: dict[str, Session] = {}

    def admit(self, public: str) -> bool:
        """Whether the owner of this key may connect. Called by the thread of authentication."""
        return public in self._keys.clients()

    def key_of(self, client: bytes) -> ClientKey:
        """The key of a client; raises NotAuthorised when it was revoked since it connected."""
        key = self._keys.clients().get(_public_of(client))
        if key is None:
            raise NotAuthorised("This key was revoked; ask the engine's administrator for another.")
        return key

    def session(self, key: ClientKey) -> Session:
        """What is remembered of a key."""
        if key.public not in self._sessions:
            spelling = ClientSpelling(self.config.path_maps, key.paths)
            self._sessions[key.public] = Session(spelling, ClientLimits(self.config.remote))
        return self._sessions[key.public]

    def take(self, key: ClientKey, frames: Sequence[bytes]) -> None:
        """Count a message before it is read; raises LimitReached."""
        self.session(key).limits.take_message([len(frame) for frame in frames])

    def is_flooding(self, key: ClientKey) -> bool:
        """Whether so much of a key came beyond its rate that its connections are cut."""
        return self.session(key).limits.is_flooding

    def begin(self, key: ClientKey, envelope: Envelope) -> None:
        """Judge a message by role and job, and count it as unanswered.

        Raises NotPermitted, UnknownJob, LimitReached.
        """
        require_role(envelope.kind, key.role, key.name)
        assert envelope.message is not None
        assert self.ledger is not None
        if any(paths_in(envelope.message, WRITE)):
            require_role("submit_job_request", key.role, key.name)
        if job := str(getattr(envelope.message, "job", "")):
            self._require_job(key, envelope.kind, job, int(getattr(envelope.message, "version", 0)))
        adds_a_job = envelope.kind in ADDS_A_JOB
        self.session(key).limits.begin(
            adds_a_job,
            self.ledger.open_jobs(key.name) if adds_a_job else 0,
            self.ledger.open_previews(lambda client: _public_of(client) == key.public),
        )

    def end(self, client: bytes, kind: str) -> None:
        """A message that `begin` let through is answered now."""
        session = self._sessions.get(_public_of(client))
        if session is not None:
            session.limits.end(kind in ADDS_A_JOB)

    def outgoing(self, client: bytes, message: Record) -> Record:
        """A reply or event as this client is sent it: its own spelling, and nothing of what it may not see.

        Raises NotAuthorised when its key was revoked.
        """
        key = self.key_of(client)
        spelling = self.session(key).spelling

        def change(meaning: str, value: str) -> str:
            if meaning == TEXT:
                return spelling.sentence(self._own_places.hidden(value))
            if meaning == SENT:
                return spelling.to_client(value) if self.is_visible(value) else ""
            return spelling.to_client(value) if meaning == READ else value

        return rewritten(message, change)

    def is_visible(self, path: str) -> bool:
        """Whether remote clients may see a path: it lies below a root, by its text."""
        return not fault_of(path, IS_WINDOWS) and self.roots.holds(path)

    def shows(self, version: JobVersion) -> bool:
        """Whether remote clients may see a job: its source and its result lie below the roots."""
        return self.is_visible(version.spec.source.path) and self.is_visible(version.spec.output.path)

    def note(self, key: ClientKey, envelope: Envelope, answer: Record) -> None:
        """Write down a request and its answer.

        Args:
            key: the client's.
            envelope: the request.
            answer: its reply.
        """
        entry = _entry(key, envelope, m.KIND_OF[type(answer)])
        if isinstance(answer, m.ErrorReply):
            self.audit.refuse(_entry(key, envelope, answer.error.code, answer.error.message))
        else:
            self.audit.write(entry)

    def note_unread(self, key: ClientKey | None, client: bytes, error: SparkVSRError) -> None:
        """Write down a message that was refused before it was read, or could not be.

        Args:
            key: the client's; None where it was revoked.
            client: who sent it.
            error: why it was refused.
        """
        name = key.name if key else "?"
        fingerprint = _public_of(client)[:8]
        self.audit.refuse(AuditEntry(name, fingerprint, "a message", error.code, reason=error.message))

    def _require_job(self, key: ClientKey, kind: str, job: str, number: int) -> None:
        """The latest version and the one that is named."""
        assert self.ledger is not None
        versions = (self.ledger.version(job), self.ledger.version(job, number))
        if not all(map(self.shows, versions)):
            raise UnknownJob(f"There is no job {job}; 'sparkvsr jobs' lists those there are.")
        if kind in CHANGES_A_JOB and key.role != "administer" and self.ledger.owner(job) != key.name:
            raise NotPermitted(
                f"Job {job} is not of the key '{key.name}'; only its owner or an administrator may change it."
            )


def client_of(public: str, connection: bytes) -> bytes:
    """How the engine calls a connection of a remote client."""
    return _MARK + public.encode("ascii") + connection


def connection_of(client: bytes) -> bytes:
    """The connection again."""
    return client[len(_MARK) + _KEY_BYTES :]


def is_remote(client: bytes) -> bool:
    """Whether a client is a remote one. ZeroMQ's own names of local clients begin with a zero byte."""
    return client.startswith(_MARK)


def is_same_key(first: bytes, second: bytes) -> bool:
    """Whether two clients are connections of one remote key."""
    return is_remote(first) and first[: len(_MARK) + _KEY_BYTES] == second[: len(_MARK) + _KEY_BYTES]


def _public_of(client: bytes) -> str:
    return client[len(_MARK) : len(_MARK) + _KEY_BYTES].decode("ascii", "replace")


def _entry(key: ClientKey, envelope: Envelope, answer: str, reason: str = "") -> AuditEntry:
    message = envelope.message
    paths = tuple(paths_in(message, READ, WRITE)) if message else ()
    return AuditEntry(
        key.name, key.fingerprint, envelope.kind, answer, str(getattr(message, "job", "")), paths, reason
    )
