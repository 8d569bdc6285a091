"""What each command of the key map does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sparkvsr_window.model.window_model import WindowModel


def actions_of(model: WindowModel) -> Mapping[str, Callable[[], object]]:
    """The action of every command of `key_map`, by its name."""
    player, keyframes = model.player, model.keyframes

    def playhead() -> int:
        return model.core.viewing.playhead

    def stop_or_add_keyframe() -> None:
        if model.core.viewing.is_playing:
            player.stop()
        else:
            keyframes.add()

    def pause_job() -> None:
        job = model.rendering.current
        if job is not None:
            model.rendering.pause_or_resume(job.report.job)

    def cancel_job() -> None:
        job = model.rendering.current
        if job is not None and job.is_active:
            model.rendering.cancel(job.report.job)

    player_actions = {
        name: getattr(player, name)
        for name in (
            "play_backwards", "play_forwards", "toggle_play", "step_back", "step_on", "jump_back", "jump_on",
            "previous_mark", "next_mark", "to_start", "to_end", "mark_in", "mark_out", "clear_range",
        )
    }  # fmt: skip
    stage_actions = {
        name: getattr(model.stage, name)
        for name in (
            "toggle_preview", "show_source", "show_preview", "show_version", "show_heat_map", "toggle_wipe",
            "swap_sides",
        )
    }  # fmt: skip
    return {
        **player_actions,
        **stage_actions,
        "stop_or_add_keyframe": stop_or_add_keyframe,
        "remove_keyframe": lambda: keyframes.remove(playhead()),
        "suggest": model.suggest,
        "edit_keyframe": lambda: keyframes.edit(playhead()),
        "clear_region": lambda: model.set_region(None),
        "render": model.rendering.render,
        "pause_job": pause_job,
        "cancel_job": cancel_job,
    }
