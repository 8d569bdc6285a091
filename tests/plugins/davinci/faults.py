"""Faults planted into the plugin, and for each the test that must fail on it.

`python -m tests.plugins.davinci.faults [NUMBER ...]` copies the plugin, plants one fault after the other and
runs its test; its status is 1 where a fault went unseen. `test_faults.py` keeps the table true to the plugin.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.fakes.planted_faults import ROOT, Fault, FaultTable


def _in(name: str) -> str:
    return f"sparkvsr_resolve/{name}.py"


def _host(name: str) -> str:
    return f"sparkvsr_resolve/host_process/{name}.py"


FAULTS = (
    Fault(
        "a take is finalised",
        _host("changes/takes"),
        "    return TakePlaced(index,",
        "    item.FinalizeTake()\n    return TakePlaced(index,",
        "test_placing_calls.py::test_a_take_is_selected_and_read_back",
    ),
    Fault(
        "a take that failed stays",
        _host("changes/takes"),
        "        _take_back(item, index, selected)\n",
        "",
        "test_placing_calls.py::test_a_take_that_is_too_short_is_taken_back",
    ),
    Fault(
        "where a take lies is not read back",
        _host("changes/takes"),
        " or _place(item) != place",
        "",
        "test_placing_calls.py::test_a_take_that_is_too_short_is_taken_back",
    ),
    Fault(
        "the end of an appended piece is taken as inclusive",
        _host("changes/appending"),
        '"endFrame": piece.end,',
        '"endFrame": piece.end - 1,',
        "test_placing_calls.py::test_pieces_lie_at_absolute_records_and_end_before_their_end",
    ),
    Fault(
        "records count from the timeline's start",
        _host("changes/appending"),
        '"recordFrame": piece.record,',
        '"recordFrame": piece.record - 86400,',
        "test_placing_calls.py::test_pieces_lie_at_absolute_records_and_end_before_their_end",
    ),
    Fault(
        "what vanishes at saving is not appended again",
        _host("changes/appending"),
        "_ATTEMPTS = 3",
        "_ATTEMPTS = 1",
        "test_placing_calls.py::test_what_vanishes_at_saving_is_appended_again",
    ),
    Fault(
        "a track is believed as it was appended",
        _host("changes/appending"),
        "    listed = set(_listed(timeline, track))\n",
        "    listed = {_key(piece) for piece in request.pieces}\n",
        "test_placing_calls.py::test_an_overlap_that_is_dropped_in_silence_is_noticed",
    ),
    Fault(
        "a project without a name is saved",
        _host("changes/appending"),
        "if str(project.GetName()) == _UNNAMED:",
        "if False:",
        "test_placing_calls.py::test_a_project_without_a_name_is_not_saved",
    ),
    Fault(
        "clips go to whatever timeline is in front",
        _host("finding"),
        "        project.SetCurrentTimeline(timeline)\n        current = project.GetCurrentTimeline()\n",
        "        return timeline\n",
        "test_placing_calls.py::test_results_go_to_the_timeline_they_were_planned_for",
    ),
    Fault(
        "a timeline is imported under a name in use",
        _host("changes/timelines"),
        "while free in used_names:",
        "while False:",
        "test_placing_calls.py::test_a_timeline_whose_name_is_taken_is_another_one",
    ),
    Fault(
        "a timeline is imported without its sources",
        _host("changes/timelines"),
        '"importSourceClips": True,',
        '"importSourceClips": False,',
        "test_placing_calls.py::test_a_timeline_whose_name_is_taken_is_another_one",
    ),
    Fault(
        "offline clips are not counted",
        _host("changes/timelines"),
        "if item.GetMediaPoolItem() is None)",
        "if False)",
        "test_placing_calls.py::test_offline_clips_of_an_imported_timeline_are_counted",
    ),
    Fault(
        "colour properties are not read back",
        _host("changes/importing"),
        "        if after != value:",
        "        if False:",
        "test_placing_calls.py::test_properties_are_read_back",
    ),
    Fault(
        "the bin that was open is another one afterwards",
        _host("finding"),
        "        pool.SetCurrentFolder(before)",
        "        pass",
        "test_placing_calls.py::test_properties_are_read_back",
    ),
    Fault(
        "the playhead stays where the still was",
        _host("changes/stills"),
        "        timeline.SetCurrentTimecode(before)",
        "        pass",
        "test_placing_calls.py::test_a_still_leaves_the_playhead_where_it_was",
    ),
    Fault(
        "a playhead that did not move exports another frame",
        _host("changes/stills"),
        "if not timeline.SetCurrentTimecode(timecode) or str(timeline.GetCurrentTimecode()) != timecode:",
        "if timeline.SetCurrentTimecode(timecode) is None:",
        "test_placing_calls.py::test_a_playhead_that_does_not_move_exports_nothing",
    ),
    Fault(
        "the artist's own render settings are under the render",
        _host("changes/deliver"),
        "if not project.LoadRenderPreset(BASE_PRESET):",
        "if False:",
        "test_rendered_clips.py::test_18_6_keeps_the_preset_it_cannot_delete",
    ),
    Fault(
        "the artist's render settings do not come back",
        _host("changes/deliver"),
        "    return _restore(project, started.before)",
        "    return True",
        "test_rendered_clips.py::test_18_6_keeps_the_preset_it_cannot_delete",
    ),
    Fault(
        "newer calls are looked for with hasattr",
        _host("newer"),
        "return name in dir(owner)",
        "return hasattr(owner, name)",
        "test_planning.py::test_an_ambiguous_scope_is_refused",
    ),
    Fault(
        "the free edition is asked for what Studio alone has",
        _host("readings/reading"),
        'if "studio" not in str(product).lower():',
        "if False:",
        "test_connection.py::test_a_free_edition_is_asked_its_name_and_nothing_more",
    ),
    Fault(
        "a retimed clip is placed as if it ran at 100 %",
        _in("plans/planning"),
        "    if not speed.is_normal:",
        "    if False:",
        "test_planning.py::test_a_constant_speed_is_a_take_of_the_frames_it_runs_over",
    ),
    Fault(
        "a speed that changes is taken for the mean of it",
        _in("plans/speeds"),
        "(speed.value is None or not exported.is_normal)",
        "speed.value is None",
        "test_planning.py::test_a_clip_that_does_not_run_forwards_at_one_speed_is_no_take",
    ),
    Fault(
        "the speed of a retimed take is not read back",
        _host("changes/takes"),
        "    elif request.is_retimed and",
        "    elif False and",
        "test_takes.py::test_a_resolve_that_drops_the_speed_of_takes_gets_none",
    ),
    Fault(
        "markers of a retimed clip count in its medium",
        _in("plans/spans"),
        "return self.frame_at(marker.frame - self.left_offset)",
        "return marker.frame",
        "test_planning.py::test_markers_of_a_retimed_clip_count_over_its_speed",
    ),
    Fault(
        "a medium of another rate becomes a take",
        _in("plans/planning"),
        "    if media_rate != record_rate:\n        return",
        "    if False:\n        return",
        "test_planning.py::test_a_medium_of_another_rate_is_no_take",
    ),
    Fault(
        "a span of 0/0 means normal speed",
        _in("plans/speeds"),
        "if span == 0 and item.source_start == 0:\n        return Speed(None)",
        "if span == 0 and item.source_start == 0:\n        return Speed(Fraction(1))",
        "test_planning.py::test_a_speed_that_nothing_gives_is_unknown_and_never_normal",
    ),
    Fault(
        "an upscale is upscaled again",
        _in("plans/spans"),
        "    if item.takes:\n        return item.takes[0].media\n",
        "",
        "test_planning.py::test_a_result_is_never_its_own_source",
    ),
    Fault(
        "a second run counts from the take's start",
        _in("plans/spans"),
        "(item.takes[0].start if item.takes else item.left_offset)",
        "item.left_offset",
        "test_planning.py::test_a_result_is_never_its_own_source",
    ),
    Fault(
        "timeline markers are taken as record frames",
        _in("plans/markers"),
        "record = timeline.start + marker.frame",
        "record = marker.frame",
        "test_planning.py::test_item_markers_count_in_the_medium_and_timeline_markers_from_the_start",
    ),
    Fault(
        "item markers count from the clip's start",
        _in("plans/markers"),
        "        frame = marker.frame if retime is None",
        "        frame = span.shown_first + marker.frame if retime is None",
        "test_planning.py::test_item_markers_count_in_the_medium_and_timeline_markers_from_the_start",
    ),
    Fault(
        "a transition is taken for a generator",
        _in("plans/kinds"),
        'return "transition"',
        'return "generator"',
        "test_planning.py::test_what_is_no_clip_is_left_out_by_its_kind",
    ),
    Fault(
        "a reframing is not reported",
        _in("plans/framing"),
        "    return item.scaling == CROP or",
        "    return False and item.scaling == CROP or False and",
        "test_planning.py::test_losses_are_reported_before",
    ),
    Fault(
        "a process that hangs is left alone",
        _in("connections/connection_state"),
        'return kind == "busy" and silence_seconds >= limit_seconds',
        "return False",
        "test_connection.py::test_a_process_that_hangs_is_killed_and_another_one_started",
    ),
    Fault(
        "a result is noted down only once it is placed",
        _in("runs/running"),
        "        self._remember(_record(clip, request, report))",
        "        self._records[report.target] = _record(clip, request, report)",
        "test_trouble.py::test_a_project_closed_midway_keeps_the_result_and_the_next_run_places_it",
    ),
    Fault(
        "a lost engine is not started again",
        _in("runs/engine"),
        "if self._client is None or not self._client.is_alive:",
        "if self._client is None:",
        "test_trouble.py::test_a_killed_engine_is_started_again_and_the_job_goes_on",
    ),
)

TABLE = FaultTable(ROOT / "plugins" / "davinci", Path(__file__).parent, "SPARKVSR_DAVINCI_PLUGIN", FAULTS)

if __name__ == "__main__":
    sys.exit(TABLE.main(sys.argv[1:]))
