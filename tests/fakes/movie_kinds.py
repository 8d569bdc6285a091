"""Kinds of movies people really have, the tests that hold the engine to the right value of each, and what the
results are read back with beside the engine's own reader.
"""

from __future__ import annotations

from dataclasses import dataclass

_MOVIES = "tests/engine/media/movies/"
_PYAV = "PyAV (FFmpeg)"


@dataclass(frozen=True)
class MovieKind:
    """tests: `file::function`, each variant of which is one of the kind. read_back: the second library."""

    name: str
    tests: tuple[str, ...]
    read_back: str = _PYAV


def _kind(name: str, file: str, *functions: str, read_back: str = _PYAV) -> MovieKind:
    path = file if file.startswith("tests/") else f"{_MOVIES}test_{file}.py"
    return MovieKind(name, tuple(f"{path}::test_{function}" for function in functions), read_back)


KINDS = (
    _kind(
        "any frame by its number, 106 codecs and containers",
        "random_access",
        "every_frame_read_alone_is_the_frame_decoded_in_order",
    ),
    _kind("movies read side by side", "decoding", "movies_decoded_side_by_side_keep_their_packets_apart"),
    _kind("field pictures", "broadcasts", "two_field_pictures_are_one_frame"),
    _kind(
        "field pictures with one time for two",
        "broadcasts",
        "field_pictures_of_which_only_the_first_has_a_time_keep_the_clocks_start",
    ),
    _kind(
        "B-frames in AVI and ASF",
        "broadcasts",
        "frames_shown_in_another_order_than_stored_are_found_without_display_times",
    ),
    _kind(
        "recordings that begin inside a group",
        "broadcasts",
        "a_recording_that_begins_inside_a_group_has_the_frames_players_show",
    ),
    _kind("clocks that start over", "broadcasts", "two_recordings_in_one_file_follow_each_other"),
    _kind("doubled times", "broadcasts", "a_doubled_time_costs_no_other_time"),
    _kind("broken, missing and falling times", "clock", "times_are_settled", "whatever_comes_times_rise"),
    _kind("starts before zero", "broadcasts", "a_clock_that_begins_before_zero_is_read_as_it_is"),
    _kind("pulldown", "broadcasts", "pulldown_with_one_time_for_each_group_is_read_by_number"),
    _kind(
        "frames that cannot be decoded",
        "damage",
        "undecodable_frames_show_the_one_before_and_are_named",
        "what_a_decoder_makes_of_a_damaged_frame_is_shown_and_named",
    ),
    _kind("lost blocks in Matroska", "losses", "a_lost_block_costs_its_frames_and_no_other"),
    _kind(
        "pauses, which are no loss",
        "losses",
        "a_pause_at_a_constant_rate_is_no_loss",
        "a_pause_in_a_movie_whose_alpha_lies_beside_its_packets_is_no_loss",
    ),
    _kind(
        "files that are cut short",
        "reader",
        "a_movie_cut_short_gives_all_it_has_then_names_the_first_lost_frame",
    ),
    _kind(
        "files that lost bytes, chunks or packets",
        "shortfalls",
        "a_file_shorter_than_its_header_claims_is_named",
        "frames_an_avi_counts_and_does_not_hold_are_named",
        "transport_packets_that_are_lost_are_named_by_their_frames",
        "noise_behind_the_last_frame_is_named",
        "ffv1_that_is_damaged_is_found_by_its_checksums",
    ),
    _kind(
        "transport streams that lost packets or their end",
        "transport",
        "what_packets_lost_is_named_by_its_frames",
        "a_recording_that_ends_within_a_packet_is_cut_short",
        "frames_still_to_come_when_a_recording_ends_keep_their_moments",
        "a_frame_whose_packets_are_lost_keeps_its_number",
        "a_break_of_the_count_is_found_unless_it_is_marked",
    ),
    _kind(
        "whole transport streams",
        "transport",
        "a_whole_recording_gets_no_warning",
        "a_pause_within_a_recording_is_no_loss",
    ),
    _kind(
        "healthy files that look short",
        "shortfalls",
        "a_recording_whose_writer_did_not_know_its_size_is_whole",
        "room_behind_the_last_frame_is_no_damage",
        "an_avi_that_repeats_frames_by_empty_chunks_is_healthy",
        "subtitles_that_outlast_the_picture_make_no_file_short",
        "ffv1_without_checksums_is_not_called_damaged",
    ),
    _kind("late sound", "track_plans", "sound_that_starts_late_stays_where_it_was"),
    _kind(
        "sound a container cannot hold", "track_plans", "sound_a_container_cannot_hold_is_encoded_as_it_can"
    ),
    _kind("empty sound", "track_plans", "sound_that_is_announced_and_empty_is_left_out_and_named"),
    _kind("sound of joined recordings", "track_plans", "sound_follows_a_clock_that_starts_over"),
    _kind("text subtitles", "track_plans", "subtitles_become_text_of_the_targets_kind"),
    _kind("fonts, covers, angles", "track_plans", "fonts_covers_and_angles_come_along_or_are_named"),
    _kind(
        "full range where it cannot be labelled",
        "describing",
        "full_range_is_written_only_where_it_can_be_labelled",
        "greys_of_a_full_range_source_are_the_same_in_prores",
    ),
    _kind(
        "untagged movies",
        "describing",
        "an_untagged_movie_is_judged_by_both_sides",
        "an_untagged_film_without_its_bars_is_read_by_bt709_exactly",
        read_back="H.273's arithmetic",
    ),
    _kind("limited grey", "describing", "grey_that_is_tagged_limited_is_read_as_limited"),
    _kind("pixel aspect", "describing", "pixels_take_the_shape_that_keeps_the_pictures"),
    _kind("HDR10 light", "describing", "hdr10_light_is_read_and_written"),
    _kind("Dolby Vision", "describing", "dolby_vision_is_named"),
    _kind(
        "captions and HDR10+ in the picture",
        "picture_messages",
        "captions_come_along_frame_by_frame",
        "captions_of_a_part_are_those_of_its_frames",
        "captions_that_cannot_come_along_are_named",
        "dynamic_light_comes_along_to_hevc_and_is_named_elsewhere",
    ),
    _kind("alpha of WebM", "describing", "the_alpha_of_a_webm_is_read_in_any_order"),
    _kind(
        "timecodes",
        "describing",
        "a_timecode_is_read_whatever_letters_its_name_has",
        "a_groups_timecode_is_read_where_somebody_set_it",
    ),
    _kind("animated pictures", "describing", "an_animated_png_is_a_movie"),
    _kind(
        "spheres and stereo views",
        "presentation",
        "a_sphere_and_two_views_are_kept",
        "two_views_of_a_matroska_movie_are_kept_in_one",
        "two_views_that_cannot_be_kept_are_named_before_rendering",
        "a_sphere_that_cannot_be_kept_is_named_before_rendering",
    ),
    _kind(
        "crops of the container",
        "presentation",
        "a_crop_of_the_container_shows_the_same_part_of_the_result",
        "a_crop_of_matroska_is_kept_in_quicktime",
    ),
    _kind("interlaced movies", "tests/engine/media/test_probe.py", "fields_are_reported_with_the_remedy"),
    _kind("long names", "tests/engine/media/test_faults.py", "a_long_name_has_a_temporary_name_that_fits"),
    _kind(
        "readers' errors",
        "tests/engine/media/test_prefetch.py",
        "an_error_on_the_way_to_a_frame_does_not_stop_the_frame",
        "where_every_frame_is_broken_each_read_ends_with_its_own_error",
        read_back="-",
    ),
    _kind(
        "workers that hang",
        "tests/end_to_end/test_hanging_worker.py",
        "cancelling_does_not_wait_for_a_worker_that_hangs_and_the_next_job_runs",
        "a_silent_worker_is_ended_and_its_job_goes_on",
        read_back="-",
    ),
    _kind(
        "stills under a keyframe",
        "tests/engine/models/lite/test_still_pictures.py",
        "every_frame_of_a_still_is_the_keyframes_frame",
        "between_two_keyframes_of_a_still_it_goes_over_evenly",
        read_back="-",
    ),
    _kind(
        "films with interlaced parts",
        "tests/engine/jobs/test_outputs.py",
        "a_job_of_a_movie_that_is_interlaced_further_on_warns",
        read_back="-",
    ),
    _kind(
        "movies of camera pictures, EXIF in each",
        "camera_pictures",
        "a_movie_of_pictures_with_exif_is_read_upright",
        read_back="Pillow",
    ),
    _kind(
        "files with the name of another kind",
        "tests/engine/media/contents/test_heads.py",
        "what_is_no_media_is_named_for_what_it_is",
        "a_movie_in_a_pictures_name_is_named_for_what_it_is",
        read_back="-",
    ),
    _kind(
        "HEIF and AVIF: alpha, profiles, tiles",
        "tests/engine/media/contents/test_heif.py",
        "alpha_and_a_profile_are_reported",
        "a_picture_of_tiles_is_refused_rather_than_read_as_one_of_them",
        read_back="Pillow",
    ),
    _kind(
        "languages and purposes of tracks, covers",
        "track_words",
        "a_tracks_language_is_kept_in_quicktime_or_named",
        "other_containers_take_every_language_as_it_is",
        "what_a_track_is_for_is_kept_or_named",
        "a_cover_is_kept_or_named",
    ),
)
