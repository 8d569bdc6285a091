"""Keys as players and editors have them, by the name of what they do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """Something a person can do. name: of its action. keys: as Qt writes them. text: in its menu."""

    name: str
    keys: str
    text: str
    menu: str


COMMANDS = (
    Command("play_backwards", "J", "Play backwards; again: faster", "Play"),
    Command("stop_or_add_keyframe", "K", "Stop; at rest: add a keyframe here", "Play"),
    Command("play_forwards", "L", "Play; again: faster", "Play"),
    Command("toggle_play", "Space", "Play or stop", "Play"),
    Command("step_back", "Left", "One frame back", "Play"),
    Command("step_on", "Right", "One frame on", "Play"),
    Command("jump_back", "Shift+Left", "Ten frames back", "Play"),
    Command("jump_on", "Shift+Right", "Ten frames on", "Play"),
    Command("previous_mark", "Up", "To the keyframe or cut before", "Play"),
    Command("next_mark", "Down", "To the next keyframe or cut", "Play"),
    Command("to_start", "Home", "To the start of the range", "Play"),
    Command("to_end", "End", "To the end of the range", "Play"),
    Command("mark_in", "I", "Range starts here", "Play"),
    Command("mark_out", "O", "Range ends here", "Play"),
    Command("clear_range", "Alt+X", "Range is the whole clip", "Play"),
    Command("remove_keyframe", "Shift+K", "Remove the keyframe here", "Keyframes"),
    Command("edit_keyframe", "E", "Open the keyframe in the editor", "Keyframes"),
    Command("suggest", "G", "Suggest keyframes", "Keyframes"),
    Command("toggle_preview", "P", "Preview the frame in view", "View"),
    Command("clear_region", "Shift+R", "Preview the whole frame", "View"),
    Command("show_source", "1", "Show the source", "View"),
    Command("show_preview", "2", "Show the preview", "View"),
    Command("show_version", "3", "Show the newest version", "View"),
    Command("show_heat_map", "4", "Show trust as a heat map", "View"),
    Command("toggle_wipe", "W", "Wipe between A and B", "View"),
    Command("swap_sides", "X", "Swap A and B", "View"),
    Command("render", "Ctrl+R", "Render the range", "Render"),
    Command("pause_job", "Ctrl+P", "Pause or go on", "Render"),
    Command("cancel_job", "Ctrl+.", "Cancel the job", "Render"),
)
