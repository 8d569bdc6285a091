"""The nodes inside the Group, and how a version is added to them. Main thread.

    source -> scaled_vNNN (Reformat) -> scaled (Switch) -> combine (Copy, B) ----> show (Switch) -> Output
              result_vNNN (Read) -----> pixels (Switch) -> combine (A)             source | result |
                                                        -> difference (Merge, A)   difference | preview

Every other layer and the metadata come from the source, since Copy takes rgba alone from the Read. All
values are plain knobs and expressions, so that the node shows and renders without the plugin.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Sequence, Tuple

import nuke

from ..footage.frame_mapping import ReadTiming
from .knob_specs import KNOB_CHANGED, STATUS
from .node_knobs import add_knobs
from .tcl_text import literal_path

NODE_NAME = "SparkVSR1"
# Black while frames are on their way; a render on a farm stops at a missing frame and names its file.
ON_ERROR = "$gui ? 1 : 0"
# Before the first result the interface shows the source, and a render fails on this name.
SHOWN_VIEW = "parent.view == 1 && parent.result_version == 0 && $gui ? 0 : parent.view"
NO_RESULT = "SparkVSR_has_no_result_yet.%04d.exr"
_CHANNELS = ("red", "green", "blue", "alpha")


@dataclasses.dataclass(frozen=True)
class ResultFiles:
    """What a Read of a result needs.

    pattern: full path with `%V` and `%04d`. size: pixels and pixel aspect of its frames.
    """

    pattern: str
    timing: ReadTiming
    width: int
    height: int
    pixel_aspect: float
    premultiplied: bool = False
    auto_alpha: bool = False


def create() -> Any:
    """A new node without connections."""
    node = nuke.nodes.Group()
    node.setName(NODE_NAME)
    add_knobs(node)
    node["label"].setValue(f"[value {STATUS}]")
    node["knobChanged"].setValue(KNOB_CHANGED)
    node["tile_color"].setValue(0x3A7CA5FF)
    with node:
        _fill()
    return node


def add_version(node: Any, number: int, files: ResultFiles) -> None:
    """Add the nodes of a version and show it."""
    with node:
        scaled: Any = nuke.toNode("scaled")
        pixels: Any = nuke.toNode("pixels")
        place = scaled.inputs()
        reformat = _reformat(f"scaled_v{number:03d}", nuke.toNode("source"))
        set_size(reformat, files)
        read = nuke.nodes.Read()
        read.setName(f"result_v{number:03d}")
        set_files(read, files)
        _arrange((reformat, read), place)
        scaled.setInput(place, reformat)
        pixels.setInput(place, read)
        for switch in (scaled, pixels):
            switch["which"].setExpression(which_expression([*numbers_shown(node), number]))
    node["result_version"].setValue(number)


def set_files(read: Any, files: ResultFiles) -> None:
    """Point a Read at the frames of a result."""
    # Setting the file resets other knobs, so it comes first.
    read["file"].setValue(literal_path(files.pattern))
    timing = files.timing
    for name, value in (
        ("first", timing.first),
        ("last", timing.last),
        ("origfirst", timing.first),
        ("origlast", timing.last),
        ("before", timing.before),
        ("after", timing.after),
        ("frame_mode", timing.mode),
        ("frame", timing.value),
        # Results are in the working space: no conversion that a name could get wrong.
        ("raw", True),
        ("premultiplied", files.premultiplied),
        ("auto_alpha", files.auto_alpha),
        ("localizationPolicy", "off"),
        ("format", format_name(files)),
    ):
        read[name].setValue(value)
    read["on_error"].setExpression(ON_ERROR)


def show_preview(node: Any, files: ResultFiles, size: Tuple[int, int], corner: Tuple[int, int]) -> None:
    """Show a previewed picture in its place in the frame.

    size: of the whole frame. corner: left and top of the picture in it, from the frame's top left.
    """
    set_files(node.node("preview_picture"), files)
    # A Crop that takes its box for the format moves the picture; the box counts from the bottom left.
    left, bottom = corner[0], size[1] - corner[1] - files.height
    place = node.node("preview_place")
    for index, side in enumerate((-left, -bottom, size[0] - left, size[1] - bottom)):
        place["box"].setValue(side, index)
    place["reformat"].setValue(True)
    node["view"].setValue("preview")


def set_size(reformat: Any, files: ResultFiles) -> None:
    """Have a Reformat bring its input to the result's size; unlike a box, a format follows proxy mode."""
    reformat["type"].setValue("to format")
    reformat["format"].setValue(format_name(files))
    reformat["resize"].setValue("distort")


def format_name(files: ResultFiles) -> str:
    """The format of a result, added to the script."""
    name = f"SparkVSR_{files.width}x{files.height}_{files.pixel_aspect:g}"
    if name not in {known_format.name() for known_format in nuke.formats()}:
        nuke.addFormat(f"{files.width} {files.height} {files.pixel_aspect:g} {name}")
    return name


def result_read(node: Any, number: int) -> Any:
    """The Read of a version; None where the artist removed it."""
    return node.node(f"result_v{number:03d}")


def numbers_shown(node: Any) -> list[int]:
    """The versions that have nodes, in the order of the Switches' inputs."""
    switch = node.node("pixels")
    names = [switch.input(place).name() for place in range(1, switch.inputs())]
    return [int(name.rpartition("_v")[2]) for name in names]


def which_expression(numbers: Sequence[int]) -> str:
    """A Switch's input for the version knob: versions need not follow one another; 0 for none of them."""
    text = "0"
    for place, number in reversed(list(enumerate(numbers, 1))):
        text = f"parent.result_version == {number} ? {place} : {text}"
    return text


def _fill() -> None:
    source = _input("source", 0, 0)
    _input("keyframes", 1, 200)
    scaled_none = _reformat("scaled_none", source)
    scaled_none["type"].setValue("scale")
    scaled_none["scale"].setExpression("parent.scale")
    read_none = nuke.nodes.Read()
    read_none.setName("result_none")
    read_none["file"].setValue(NO_RESULT)
    read_none["on_error"].setExpression(ON_ERROR)
    _arrange((scaled_none, read_none), 0)
    scaled, pixels = _switch("scaled", 200), _switch("pixels", 200)
    scaled.setInput(0, scaled_none)
    pixels.setInput(0, read_none)
    preview = nuke.nodes.Read()
    preview.setName("preview_picture")
    preview["file"].setValue(NO_RESULT)
    preview["on_error"].setExpression(ON_ERROR)
    preview_place = nuke.nodes.Crop()
    preview_place.setName("preview_place")
    preview_place.setInput(0, preview)
    _show(scaled, _combine(scaled, pixels), _difference(scaled, pixels), preview_place)


def _combine(scaled: Any, pixels: Any) -> Any:
    copy = nuke.nodes.Copy()
    copy.setName("combine")
    copy.setInput(0, scaled)
    copy.setInput(1, pixels)
    for place, channel in enumerate(_CHANNELS):
        for side in ("from", "to"):
            copy[f"{side}{place}"].setValue(f"rgba.{channel}")
    copy["metainput"].setValue("B")
    copy["bbox"].setValue("A")
    return copy


def _difference(scaled: Any, pixels: Any) -> Any:
    merge = nuke.nodes.Merge2()
    merge.setName("difference")
    merge.setInput(0, scaled)
    merge.setInput(1, pixels)
    merge["operation"].setValue("difference")
    return merge


def _show(*views: Any) -> None:
    show = _switch("show", 400)
    for place, view in enumerate(views):
        show.setInput(place, view)
    show["which"].setExpression(SHOWN_VIEW)
    output = nuke.nodes.Output()
    output.setName("output")
    output.setInput(0, show)
    output.setXYpos(0, 500)


def _input(name: str, number: int, x: int) -> Any:
    node = nuke.nodes.Input()
    node.setName(name)
    node["number"].setValue(number)
    node.setXYpos(x, 0)
    return node


def _switch(name: str, y: int) -> Any:
    switch = nuke.nodes.Switch()
    switch.setName(name)
    switch["which"].setValue(0)
    switch.setXYpos(0 if name != "pixels" else 200, y)
    return switch


def _reformat(name: str, source: Any) -> Any:
    reformat = nuke.nodes.Reformat()
    reformat.setName(name)
    reformat.setInput(0, source)
    reformat["filter"].setValue("cubic")
    reformat["pbb"].setValue(True)
    return reformat


def _arrange(pair: Sequence[Any], place: int) -> None:
    for column, node in enumerate(pair):
        node.setXYpos(-200 * place + 200 * column, 100)
