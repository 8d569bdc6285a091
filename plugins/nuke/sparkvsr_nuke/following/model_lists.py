"""Shows the engine's list of models and writes the chosen one into a knob. Main thread."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

import nuke

from ..node.node_knobs import text_of
from ..node.quiet import one_undo
from . import jobs

_SECONDS = 120.0


def choose(node: Any, knob: str) -> None:
    """Ask the engine for its models; the artist chooses when they come. In a terminal they are listed.

    Args:
        node: the SparkVSR node.
        knob: `model`, for restorers, or `keyframe_model`.
    """
    from ..bridge_link import messages

    place = node.fullName()

    def answered(reply: Any, error: Optional[Exception]) -> None:
        if error is not None:
            jobs.show_error(error)
        elif nuke.GUI:
            jobs.open_box(lambda: _ask(place, knob, reply.models))
        else:
            for name, _, description in _items(reply.models, knob, ""):
                jobs.show_info(f"{name}  {description}".strip())

    request = messages.ListModelsRequest()
    jobs.run_task(
        lambda client: client.request(request, messages.ModelListReply, timeout_seconds=_SECONDS), answered
    )
    if not nuke.GUI:
        jobs.wait(lambda: not jobs.runtime().has_tasks)


def _ask(place: str, knob: str, models: Any) -> None:
    node = nuke.toNode(place)
    if node is None or knob not in node.knobs():
        return
    chosen = text_of(node, knob)
    items = _items(models, knob, chosen)
    names = [name for name, _, _ in items]
    texts = [f"{title}: {description}" if description else title for _, title, description in items]
    index = nuke.choice("SparkVSR", "Model", texts, names.index(chosen))
    if index is not None and names[int(index)] != chosen:
        with one_undo("SparkVSR model"):
            node[knob].setValue(names[int(index)])


def _items(models: Any, knob: str, chosen: str) -> List[Tuple[str, str, str]]:
    from ..bridge_link import model_menu

    items_of = model_menu.restorer_items if knob == "model" else model_menu.keyframe_model_items
    return list(items_of(models, chosen))
