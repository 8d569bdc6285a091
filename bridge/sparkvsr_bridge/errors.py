"""Every error a user can meet, each with a stable wire code and a sentence that says what to do.

SparkVSRError
  ConnectionFailed    EngineNotFound EngineDidNotStart EngineAlreadyRunning EndpointInUse EngineLost
                      ProtocolMismatch RequestTimedOut NotAuthorised
  RequestRejected     InvalidSettings MalformedMessage MediaUnreadable KeyframeRejected UnknownJob
                      UnknownModel StateConflict TargetExists EngineTooOld
  JobFailed           ModelMissing OutOfMemory OutputUnwritable DiskFull SourceChanged WorkerLost
                      KeyframeMakingFailed JobCancelled InternalError

Not here: the translation of torch, PyAV and operating system errors (`sparkvsr_engine.errors`).
"""

from __future__ import annotations

from typing import Any, Dict, Type, cast


class SparkVSRError(Exception):
    """Root of the tree. `message` is one sentence that says what happened and what to do."""

    code = "error"
    exit_status = 1

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details: Dict[str, Any] = details

    def to_dict(self) -> Dict[str, Any]:
        """The error as it travels: code, message, details (JSON values only)."""
        return {"code": self.code, "message": self.message, "details": self.details}


class ConnectionFailed(SparkVSRError):
    """The engine could not be reached."""

    code = "connection_failed"


class EngineNotFound(ConnectionFailed):
    """No engine runs here and none may be (or could be) started."""

    code = "engine_not_found"


class EngineDidNotStart(ConnectionFailed):
    """The engine was launched but did not become ready."""

    code = "engine_did_not_start"


class EngineAlreadyRunning(ConnectionFailed):
    """A second engine was asked for while one serves this user."""

    code = "engine_already_running"


class EndpointInUse(ConnectionFailed):
    """The socket or port the engine should listen on belongs to somebody else."""

    code = "endpoint_in_use"


class EngineLost(ConnectionFailed):
    """The engine went away while a request was open."""

    code = "engine_lost"


class ProtocolMismatch(ConnectionFailed):
    """Client and engine speak protocols of different major version."""

    code = "protocol_mismatch"


class RequestTimedOut(ConnectionFailed):
    """No reply came in the time allowed."""

    code = "request_timed_out"


class NotAuthorised(ConnectionFailed):
    """The engine does not know this client's key."""

    code = "not_authorised"


class RequestRejected(SparkVSRError):
    """The engine understood the request and refuses it; nothing was changed."""

    code = "request_rejected"


class EngineTooOld(RequestRejected):
    """The engine is of an earlier protocol minor and would ignore a part of the request; nothing was sent."""

    code = "engine_too_old"


class InvalidSettings(RequestRejected):
    """A setting is out of its range or contradicts another one."""

    code = "invalid_settings"
    exit_status = 2


class MalformedMessage(RequestRejected):
    """A message lacks a field or has one of the wrong type."""

    code = "malformed_message"


class MediaUnreadable(RequestRejected):
    """The source is missing, empty, damaged, has a gap, or changes size."""

    code = "media_unreadable"


class KeyframeRejected(RequestRejected):
    """A keyframe's image or matte cannot be used as given."""

    code = "keyframe_rejected"


class UnknownJob(RequestRejected):
    """No job of that name."""

    code = "unknown_job"


class UnknownModel(RequestRejected):
    """No model of that name."""

    code = "unknown_model"
    exit_status = 2


class StateConflict(RequestRejected):
    """The job is in a state in which this cannot be done."""

    code = "state_conflict"


class TargetExists(RequestRejected):
    """The target is there already and overwriting was not asked for."""

    code = "target_exists"


class JobFailed(SparkVSRError):
    """A job stopped; the chunks it finished are kept."""

    code = "job_failed"


class ModelMissing(JobFailed):
    """A model's weights or a package it needs are not installed."""

    code = "model_missing"


class OutOfMemory(JobFailed):
    """The device's memory is too small for the smallest plan."""

    code = "out_of_memory"


class OutputUnwritable(JobFailed):
    """The target cannot be written."""

    code = "output_unwritable"


class DiskFull(OutputUnwritable):
    """No space is left where the result or the cache goes."""

    code = "disk_full"


class SourceChanged(JobFailed):
    """The source file is not the one the job was planned for."""

    code = "source_changed"


class WorkerLost(JobFailed):
    """The worker process died again and again on the same chunk."""

    code = "worker_lost"


class KeyframeMakingFailed(JobFailed):
    """The image super-resolution model made no usable keyframe."""

    code = "keyframe_making_failed"


class JobCancelled(JobFailed):
    """The job was cancelled; finished chunks are kept."""

    code = "job_cancelled"
    exit_status = 130


class InternalError(JobFailed):
    """A defect in the engine; the log has the traceback."""

    code = "internal_error"


def _leaves(root: Type[SparkVSRError]) -> Dict[str, Type[SparkVSRError]]:
    classes = {root.code: root}
    for child in root.__subclasses__():
        classes.update(_leaves(child))
    return classes


ERRORS_BY_CODE: Dict[str, Type[SparkVSRError]] = _leaves(SparkVSRError)


def error_from_dict(data: Dict[str, Any]) -> SparkVSRError:
    """The exception for a wire error; an unknown code becomes a plain `SparkVSRError` that keeps it.

    Args:
        data: code, message and details.
    """
    code = str(data.get("code", SparkVSRError.code))
    error = ERRORS_BY_CODE.get(code, SparkVSRError)(
        str(data.get("message", "The engine reported an error without a message."))
    )
    error.code = code
    details: Any = data.get("details")
    if isinstance(details, dict):
        error.details = dict(cast("Dict[str, Any]", details))
    return error
