"""Faults planted into the plugin, and for each the test that must fail on it.

`python -m tests.plugins.nuke.faults [NUMBER ...]` copies the plugin, plants one fault after the other and
runs its test; its status is 1 where a fault went unseen. `test_faults.py` keeps the table true to the plugin.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.fakes.planted_faults import ROOT, Fault, FaultTable


def _in(name: str) -> str:
    return f"sparkvsr_nuke/{name}.py"


FAULTS = (
    Fault(
        "an offset is taken the wrong way",
        _in("footage/frame_mapping"),
        'return frame - _whole(text or "0", frame)\n        if self.mode == "start at"',
        'return frame + _whole(text or "0", frame)\n        if self.mode == "start at"',
        "test_plain_reads.py::test_result_frames_show_what_the_source_shows",
    ),
    Fault(
        "frames outside the source's range are held, not black",
        _in("node/graph"),
        '("before", timing.before),',
        '("before", "hold"),',
        "test_plain_reads.py::test_result_frames_show_what_the_source_shows",
    ),
    Fault(
        "a missing result frame is black in a render",
        _in("node/graph"),
        'ON_ERROR = "$gui ? 1 : 0"',
        'ON_ERROR = "1"',
        "test_versions_and_scripts.py::test_a_render_stops_at_a_frame_that_is_not_there_and_names_it",
    ),
    Fault(
        "results are localised",
        _in("node/graph"),
        '("localizationPolicy", "off"),',
        '("localizationPolicy", "on"),',
        "test_versions_and_scripts.py::test_make_read_places_an_ordinary_read",
    ),
    Fault(
        "metadata comes from the result",
        _in("node/graph"),
        'copy["metainput"].setValue("B")',
        'copy["metainput"].setValue("A")',
        "test_plain_reads.py::test_layers_and_metadata_pass_through",
    ),
    Fault(
        "the view 'difference' adds",
        _in("node/graph"),
        'merge["operation"].setValue("difference")',
        'merge["operation"].setValue("plus")',
        "test_plain_reads.py::test_a_plain_read_comes_through_unchanged",
    ),
    Fault(
        "landing frames are undo steps",
        _in("following/results"),
        'with quietly():\n            read["reload"].execute()',
        'if True:\n            read["reload"].execute()',
        "test_versions_and_scripts.py::test_landing_frames_add_no_undo_step_and_modify_nothing",
    ),
    Fault(
        "a label marks the script as modified",
        _in("node/script_nodes"),
        "with quietly():\n            knob.setValue(text)",
        "if True:\n            knob.setValue(text)",
        "test_versions_and_scripts.py::test_landing_frames_add_no_undo_step_and_modify_nothing",
    ),
    Fault(
        "a version is several undo steps",
        _in("requests/submission"),
        'with one_undo(f"SparkVSR version {placed.number}"):',
        "with contextlib.nullcontext():",
        "test_versions_and_scripts.py::test_one_undo_takes_back_one_click",
    ),
    Fault(
        "a copied node takes the jobs of its original",
        _in("node/script_nodes"),
        "if is_copy(state, node.fullName(), twins):",
        "if False:",
        "test_versions_and_scripts.py::test_a_copy_starts_its_own_jobs_and_versions",
    ),
    Fault(
        "proxy mode stays off after a render",
        _in("node/quiet"),
        "if bool(root.proxy()) != was_proxy:",
        "if False:",
        "test_rendered_branches.py::test_proxy_frame_selection_and_the_modified_flag_are_as_before",
    ),
    Fault(
        "the frame stays where the render ended",
        _in("node/quiet"),
        "if nuke.frame() != frame:",
        "if False:",
        "test_rendered_branches.py::test_proxy_frame_selection_and_the_modified_flag_are_as_before",
    ),
    Fault(
        "the Write of a render is left in the script",
        _in("footage/branch_render"),
        "        nuke.delete(write)",
        "        pass",
        "test_rendered_branches.py::test_a_graded_branch_is_rendered_and_its_result_is_graded",
    ),
    Fault(
        "the artist's default limit stops a render",
        _in("footage/branch_render"),
        'write["use_limit"].setValue(False)',
        "pass",
        "test_rendered_branches.py::test_limits_of_the_artist_do_not_stop_a_render",
    ),
    Fault(
        "an unchanged branch is rendered again",
        _in("footage/render_manifest"),
        "if folder.hashes.get(frame) != digest or not all(",
        "if True or not all(",
        "test_rendered_branches.py::test_an_unchanged_branch_renders_nothing_and_a_changed_one_renders_what_changed",
    ),
    Fault(
        "missing frames are sent to the engine",
        _in("footage/sources"),
        "    if missing:\n",
        "    if False:\n",
        "test_plain_reads.py::test_a_missing_frame_is_reported_before_the_job_and_nothing_is_shifted",
    ),
    Fault(
        "deep pictures are taken for flat ones",
        _in("footage/read_facts"),
        'if kind.startswith("Deep")',
        'if kind.startswith("Depth")',
        "test_plain_reads.py::test_deep_is_refused_with_advice",
    ),
    Fault(
        "overscan is cut in silence",
        _in("footage/sources"),
        "if picture.overscan <= 0:",
        "if True:",
        "test_rendered_branches.py::test_overscan_is_reported_before_the_job",
    ),
    Fault(
        "proxy files are sent",
        _in("footage/read_facts"),
        '    knob = read["file"]\n',
        '    knob = read["proxy"] if read["proxy"].value() else read["file"]\n',
        "test_plain_reads.py::test_a_stale_local_copy_and_a_proxy_are_never_opened",
    ),
    Fault(
        "the pixel aspect is lost",
        _in("requests/shot_requests"),
        "return width, height, picture.pixel_aspect",
        "return width, height, 1.0",
        "test_plain_reads.py::test_an_anamorphic_plate_keeps_its_pixel_aspect",
    ),
    Fault(
        "strength is read at the current frame",
        _in("node/node_knobs"),
        'node["keyframe_strength"].getValueAt(frame)',
        'node["keyframe_strength"].getValue()',
        "test_keyframes_and_views.py::test_strength_is_read_along_its_curve",
    ),
    Fault(
        "every view is read of the first one's files",
        _in("footage/read_facts"),
        "    context.setView(context.viewFromName(view))\n",
        "",
        "test_keyframes_and_views.py::test_two_views_make_two_results_each_of_its_own_view",
    ),
    Fault(
        "paths are put into knobs as they are",
        _in("node/tcl_text"),
        'return "".join(_EVALUATED.get(letter, letter) for letter in path.replace("\\\\", "/"))',
        "return path",
        "test_plain_reads.py::test_awkward_folders_survive_rendering_and_three_rounds",
    ),
    Fault(
        "Nuke is called in the session's thread",
        _in("requests/submission"),
        '    client.require_minor(_NEEDED_MINOR, "what this plugin asks for")',
        '    nuke.root()\n    client.require_minor(_NEEDED_MINOR, "what this plugin asks for")',
        "test_engine_lost.py::test_the_bridge_runs_in_a_thread_that_never_calls_nuke",
    ),
    Fault(
        "messages are shown in a terminal",
        _in("following/jobs"),
        "    elif nuke.GUI:\n        nuke.message(text)",
        "    elif True:\n        nuke.message(text)",
        "test_terminal.py::test_a_press_in_a_terminal_is_a_line",
    ),
    Fault(
        "menus appear in Hiero",
        _in("menus"),
        'if nuke.env["hiero"]:',
        "if False:",
        "test_starting_nuke.py::test_hiero_gets_no_menus",
    ),
    Fault(
        "zmq is imported when Nuke starts",
        "init.py",
        "    import sys\n",
        "    import sys\n    import zmq\n",
        "test_starting_nuke.py::test_starting_touches_no_engine_no_socket_and_no_library",
    ),
    Fault(
        "the farm needs a daemon",
        _in("requests/farm_command"),
        '"--in-process", ',
        "",
        "test_terminal.py::test_the_farm_command_writes_the_pixels_of_the_node",
    ),
)

TABLE = FaultTable(ROOT / "plugins" / "nuke", Path(__file__).parent, "SPARKVSR_NUKE_PLUGIN", FAULTS)

if __name__ == "__main__":
    sys.exit(TABLE.main(sys.argv[1:]))
