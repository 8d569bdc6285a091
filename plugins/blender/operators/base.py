"""What operators share: errors become one line, the strip they are for is found the same way."""

from typing import Any, Optional, Set

from .. import host
from ..bridge_link import errors, sentence_of
from ..sequencer import job_submission


class StripOperator:
    """For operators on the active strip; a result stands for the strip it was made from."""

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only with a strip that is not a preview."""
        strip = host.active_strip(context)
        if strip is None:
            cls.poll_message_set("Select a movie or image strip in the sequencer")  # type: ignore[attr-defined]
            return False
        return True

    def execute(self, context: Any) -> Set[str]:
        """Do it; a known error is reported and changes nothing."""
        strip = job_submission.source_of(host.active_strip(context))
        if strip is None:
            return refuse(self, "The strip this result was made from is gone; select another one.")
        try:
            text = self.act(host.edited_scene(context), strip, context)
        except errors.SparkVSRError as error:
            return refuse(self, sentence_of(error))
        if text:
            self.report({"INFO"}, text)  # type: ignore[attr-defined]
        host.redraw()
        return {"FINISHED"}

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """What the operator does; returns a line for the status bar."""
        raise NotImplementedError


def refuse(operator: Any, text: str) -> Set[str]:
    """Report why nothing was done: in the status bar, and in the panel where it stays readable."""
    from .. import runtime

    runtime.show_notice(text, "ERROR")
    operator.report({"WARNING"}, text)
    return {"CANCELLED"}
