"""The only import of the bridge: a release carries its own copy, a checkout uses the repository's."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

# find_spec, not `except ImportError`: that would hide a missing pyzmq inside the vendored copy.
_VENDORED = f"{__package__}._vendor"
_is_release = importlib.util.find_spec("._vendor", __package__) is not None
if not _is_release and importlib.util.find_spec("sparkvsr_bridge") is None:
    sys.path.append(str(Path(__file__).resolve().parents[2] / "bridge"))
_ROOT = f"{_VENDORED}.bridge" if _is_release else "sparkvsr_bridge"

if TYPE_CHECKING:
    from sparkvsr_bridge import errors, media, messages, policies, settings
    from sparkvsr_bridge.hosts import (
        engine_place,
        job_list,
        landing,
        model_menu,
        numbering,
        requests,
        result_records,
        self_test,
        session,
        timing,
        trust,
    )
    from sparkvsr_bridge.hosts.tasks import answers, farming, host_session, stream_keyframes, watching
else:
    errors = importlib.import_module(f"{_ROOT}.errors")
    media = importlib.import_module(f"{_ROOT}.media")
    messages = importlib.import_module(f"{_ROOT}.messages")
    policies = importlib.import_module(f"{_ROOT}.policies")
    settings = importlib.import_module(f"{_ROOT}.settings")
    engine_place = importlib.import_module(f"{_ROOT}.hosts.engine_place")
    job_list = importlib.import_module(f"{_ROOT}.hosts.job_list")
    landing = importlib.import_module(f"{_ROOT}.hosts.landing")
    model_menu = importlib.import_module(f"{_ROOT}.hosts.model_menu")
    numbering = importlib.import_module(f"{_ROOT}.hosts.numbering")
    requests = importlib.import_module(f"{_ROOT}.hosts.requests")
    result_records = importlib.import_module(f"{_ROOT}.hosts.result_records")
    self_test = importlib.import_module(f"{_ROOT}.hosts.self_test")
    session = importlib.import_module(f"{_ROOT}.hosts.session")
    timing = importlib.import_module(f"{_ROOT}.hosts.timing")
    trust = importlib.import_module(f"{_ROOT}.hosts.trust")
    answers = importlib.import_module(f"{_ROOT}.hosts.tasks.answers")
    farming = importlib.import_module(f"{_ROOT}.hosts.tasks.farming")
    host_session = importlib.import_module(f"{_ROOT}.hosts.tasks.host_session")
    stream_keyframes = importlib.import_module(f"{_ROOT}.hosts.tasks.stream_keyframes")
    watching = importlib.import_module(f"{_ROOT}.hosts.tasks.watching")

EnginePlace = engine_place.EnginePlace
JobEntry, JobList, Pending = job_list.JobEntry, job_list.JobList, job_list.Pending
progress_text, sentence_of = job_list.progress_text, job_list.sentence_of
DEFAULT_MODEL, restorer_items = model_menu.DEFAULT_MODEL, model_menu.restorer_items
keyframe_model_items = model_menu.keyframe_model_items
POLICIES = policies.POLICIES
number_in_name, numbered_run = numbering.number_in_name, numbering.numbered_run
ShotKeyframe, ShotRequest = requests.ShotKeyframe, requests.ShotRequest
is_change, revision_between = requests.is_change, requests.revision_between
learning_again = requests.learning_again
TimelineRecord = result_records.TimelineRecord
EngineState, Session = session.EngineState, session.Session
HostSession, OnAnswer = host_session.HostSession, answers.OnAnswer
landed_frames = landing.landed_frames
StripTiming, placement_of = timing.StripTiming, timing.placement_of
TrustBar, packed, trust_bars = trust.TrustBar, trust.packed, trust.trust_bars
unpacked, weakest = trust.unpacked, trust.weakest
