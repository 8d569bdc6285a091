"""The table of fields that hold paths is complete: every text field of a record is in it, or holds none."""

from __future__ import annotations

import dataclasses

from sparkvsr_bridge import media, messages, reports, settings
from sparkvsr_bridge import messages as m
from sparkvsr_bridge.media import ImageRef, SourceMedia
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.settings import JobSpec, Keyframe, OutputTarget, UpscaleSettings
from sparkvsr_engine.access.path_fields import MEANINGS, READ, WRITE, paths_in, rewritten

WITHOUT_PATHS = {
    ("*", name)
    for name in (
        *("job", "preview", "slot", "client", "version", "stage", "state", "phase", "device", "worker_state"),
        *("executor", "code", "reason", "name", "role", "licence", "remedy", "summary", "kind", "sample"),
        *("colour", "input_colour", "output_colour", "look", "on_damage", "learn", "codec", "layers"),
        "priority",
        *("timecode",),
    )
}
RECORDS = {
    kind
    for module in (media, messages, reports, settings)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Record) and kind is not Record
}
SPEC = JobSpec(
    SourceMedia("/s/a.mov"),
    OutputTarget("/o/b.mov"),
    UpscaleSettings(model="lite", isr="crisp", ocio_config="/s/c.ocio"),
    (Keyframe(3, ImageRef(path="/s/k.png"), matte=ImageRef(path="/s/m.png")),),
)


def test_every_text_field_is_a_path_by_the_table_or_known_to_hold_none():
    unnamed = [
        f"{kind.__name__}.{field.name}"
        for kind in RECORDS
        for field in dataclasses.fields(kind)
        if "str" in str(field.type)
        and (kind, field.name) not in MEANINGS
        and ("*", field.name) not in WITHOUT_PATHS
    ]
    assert sorted(unnamed) == []


def test_the_table_names_fields_there_are():
    assert {kind for kind, _ in MEANINGS} <= RECORDS
    assert all(name in {field.name for field in dataclasses.fields(kind)} for kind, name in MEANINGS)


def test_paths_of_a_whole_request_are_found_however_deep():
    request = m.SubmitJobRequest(SPEC)
    assert sorted(paths_in(request, READ)) == ["/s/a.mov", "/s/k.png", "/s/m.png"]
    assert list(paths_in(request, WRITE)) == ["/o/b.mov"]


def test_a_request_is_rewritten_whole_and_left_alone_where_nothing_changes():
    request = m.SubmitJobRequest(SPEC)
    assert rewritten(request, lambda _, value: value) is request
    upper = rewritten(request, lambda meaning, value: f"{meaning}:{value}")
    assert upper.spec.keyframes[0].matte == ImageRef(path="read:/s/m.png")
    assert upper.spec.settings.ocio_config == "colour config:/s/c.ocio"
    assert upper.spec.settings.model == "model:lite"
    assert upper.spec.output.path == "write:/o/b.mov"
