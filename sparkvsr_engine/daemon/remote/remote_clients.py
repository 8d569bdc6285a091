"""Messages of remote clients on their way in and out, each judged by the gate."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.connections.wire import Buffer, Envelope, decode, encode, make_envelope, make_refusal
from sparkvsr_bridge.errors import MalformedMessage, NotAuthorised, SparkVSRError
from sparkvsr_bridge.pictures import pack
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.transport import RemoteMessage, RemoteTransport
from sparkvsr_engine.access.audit import AuditEntry
from sparkvsr_engine.access.keys import ClientKey
from sparkvsr_engine.access.path_fields import names_anything
from sparkvsr_engine.daemon.client_requests import ClientRequest
from sparkvsr_engine.daemon.remote.gate import Gate, client_of, connection_of
from sparkvsr_engine.daemon.remote.settling import Settling
from sparkvsr_engine.jobs.storage.records import JobVersion

log = logging.getLogger(__name__)

Settle = Callable[[], ClientRequest] | None
"""Looks at the disk; None for a request that names nothing there."""


class RemoteClients:
    """The remote clients of one engine."""

    def __init__(self, transport: RemoteTransport, gate: Gate) -> None:
        self.transport = transport
        self.gate = gate

    def receive(self) -> list[tuple[ClientRequest, Settle]]:
        """Requests that were let through, each with what settles it; whatever else came is refused here."""
        for peer, reason in self.transport.judge():
            log.warning("a connection from %s was cut: %s", peer, reason)
            self.gate.audit.refuse(AuditEntry(peer, "", "a connection", "cut", reason=reason))
        requests = (self._take(message) for message in self.transport.receive())
        return [request for request in requests if request is not None]

    def send(self, client: bytes, message: Record, request: str, buffers: Sequence[Buffer] = ()) -> bool:
        """Send a message in the client's own spelling; False when it is gone or its key was revoked.

        Args:
            client: who gets it.
            message: in the engine's spelling.
            request: id of the request that asked for it.
            buffers: what goes with the message anyway.
        """
        try:
            package = pack(self.gate.outgoing(client, message), None, buffers)
        except NotAuthorised:
            return False
        frames = encode(make_envelope(package.message, request, package.buffers))
        return self.transport.send(connection_of(client), frames)

    def answered(self, request: ClientRequest, answer: Record) -> None:
        """A request that was let through has its answer."""
        self.gate.end(request.client, request.envelope.kind)
        try:
            key = self.gate.key_of(request.client)
        except NotAuthorised:
            return
        self.gate.note(key, request.envelope, answer)

    def close(self) -> None:
        """Close the sockets and the audit log."""
        self.transport.close()
        self.gate.audit.close()

    def _take(self, message: RemoteMessage) -> tuple[ClientRequest, Settle] | None:
        client = client_of(message.key, message.client)
        key: ClientKey | None = None
        envelope: Envelope | None = None
        try:
            key = self.gate.key_of(client)
            self.gate.take(key, message.frames)
            envelope = decode(message.frames)
            if envelope.message is None:
                raise MalformedMessage(f"this engine has no request '{envelope.kind}'; update it.")
            self.gate.begin(key, envelope)
        except SparkVSRError as error:
            self._refuse(message, client, (key, envelope), error)
            return None
        request = ClientRequest(client, envelope, key.name)
        return request, self._settle(request, key)

    def _settle(self, request: ClientRequest, key: ClientKey) -> Settle:
        session, envelope = self.gate.session(key), request.envelope
        if envelope.message is not None and not envelope.buffers and not names_anything(envelope.message):
            return None
        settling = Settling(self.gate.config, self.gate.roots, session.spelling, key.name)
        before = self._revised(envelope)
        assert envelope.message is not None
        message = envelope.message
        sent = sum(len(buffer) for buffer in envelope.buffers)

        def settle() -> ClientRequest:
            return replace(
                request, envelope=replace(envelope, message=settling.settle(message, sent, before))
            )

        return settle

    def _revised(self, envelope: Envelope) -> JobVersion | None:
        message = envelope.message
        if not isinstance(message, m.ReviseJobRequest) or self.gate.ledger is None:
            return None
        return self.gate.ledger.version(message.job)

    def _refuse(
        self,
        message: RemoteMessage,
        client: bytes,
        asked: tuple[ClientKey | None, Envelope | None],
        error: SparkVSRError,
    ) -> None:
        key, envelope = asked
        if key is not None and self.gate.is_flooding(key) and not self.transport.cut(message):
            # It has its answer: what still comes costs no more than taking it from the socket.
            return
        refusal = make_refusal(message.frames[:1], error)
        # Written down first: whoever has the answer finds the line.
        if key is not None and envelope is not None and refusal.message is not None:
            self.gate.note(key, envelope, refusal.message)
        else:
            self.gate.note_unread(key, client, error)
        self.transport.send(message.client, encode(refusal))
        if isinstance(error, NotAuthorised):
            self.transport.cut(message)
