"""A strip's job as a bundle for a render farm, instead of a job of the engine. Main thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

from .. import runtime
from ..bridge_link import Pending, errors, farming
from .job_submission import plan_shot, save_copy, start

BUNDLE = "farm"


def write_bundle(scene: Any, strip: Any) -> str:
    """Write a strip's bundle beside the frames to come; returns the token that the request goes by.

    A strip that cannot be read from its file is rendered first, so that the farm needs neither Blender nor
    the .blend. Raises InvalidSettings, MediaUnreadable: nothing was written then.
    """
    shot = plan_shot(scene, strip)
    folder = Path(shot.target).parent / BUNDLE
    words = farming.bundle_words(shot.record.request, shot.target, str(folder))
    engine = runtime.local_place()
    if shot.render is not None:
        save_copy(shot.render)

    def answered(pending: Pending, _: Any, error: Optional[Exception]) -> None:
        runtime.job_list().pending.pop(pending.token, None)
        if error is None:
            runtime.show_notice(f"The farm's bundle was written to {folder}; its frames go beside it.")
        elif not isinstance(error, errors.JobCancelled):
            runtime.show_error(error)

    return start(
        shot.record, lambda _: farming.write_bundle(words, engine), answered, shot.render, beside=True
    )
