"""The options that describe a job, and the request they make."""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import replace
from pathlib import Path

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.hosts.colour_config import SCHEME, config_of_environment
from sparkvsr_bridge.media import ImageRef, Region, SourceMedia
from sparkvsr_bridge.settings import (
    KEYFRAME_POLICIES,
    LAYERS,
    LOOKS,
    ON_DAMAGE,
    JobSpec,
    Keyframe,
    KeyframePolicy,
    OutputTarget,
    UpscaleSettings,
)
from sparkvsr_engine.cli.paths import absolute, path_of
from sparkvsr_engine.media.movies.small_streams.sizes import full_size_of


def add_setting_options(parser: argparse.ArgumentParser, names_frames: bool = True) -> None:
    """Everything but source and target. names_frames: single frames of one source can be named."""
    group = parser.add_argument_group("what to do")
    _add_size_options(group)
    if names_frames:
        _add_frame_options(group)
    else:
        parser.set_defaults(frames=None, keyframe=[], keyframe_colour=[])
    _add_keyframe_options(group)
    _add_restoring_options(group)
    _add_learning_options(group)
    _add_model_options(group)
    _add_colour_options(group)
    _add_machine_options(group)


def _add_size_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--scale",
        type=float,
        default=None,
        metavar="S",
        help="any number >= 1, default 4; a small stream's own",
    )
    group.add_argument("--size", metavar="WxH", help="output size in pixels, instead of --scale")


def _add_machine_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--seed", type=int, default=0, metavar="N", help="of what is drawn at random")
    group.add_argument(
        "--device", default="auto", metavar="auto|cpu|openvino[:8bit]|cuda[:i]|mps", help="what renders"
    )


def _add_keyframe_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--keyframes",
        metavar="P[:K]",
        help=f"policy {'|'.join(KEYFRAME_POLICIES)} with a budget of K;"
        " default adaptive, manual with --keyframe",
    )
    group.add_argument(
        "--guidance", type=float, default=1.0, metavar="G", help="0 blind .. 1 as trained .. 2"
    )
    group.add_argument(
        "--look", choices=LOOKS, default="lock", help="keep the source's colour, or carry the keyframes'"
    )


def _add_restoring_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--damage",
        default="auto",
        metavar="auto|0..1",
        help="0 keeps the source's grain as detail .. 1 removes noise and compression; auto estimates it;"
        " not every model uses it",
    )
    group.add_argument(
        "--on-damage",
        choices=ON_DAMAGE,
        default="conceal",
        help="a frame that cannot be decoded shows its neighbour (default), or ends the job",
    )


def _add_learning_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--learn",
        default="off",
        metavar="auto|off|SECONDS",
        help="learn each shot from its keyframes first, where the model can; auto as long as it pays;"
        " default off",
    )


def _add_model_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--isr", default="", metavar="NAME|FILE", help="image super-resolution model for keyframes"
    )
    group.add_argument(
        "--model",
        default=UpscaleSettings().model,
        metavar="NAME|DIR",
        help=f"a restorer of 'sparkvsr models list', default {UpscaleSettings().model}, or a checkpoint's"
        " folder",
    )


def _add_colour_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--input-colour", default="", metavar="NAME", help="OpenColorIO name; default: from the file"
    )
    group.add_argument(
        "--output-colour", default="", metavar="NAME", help="OpenColorIO name; default: as it came"
    )
    group.add_argument(
        "--ocio-config",
        metavar="FILE|ocio://NAME",
        help="OpenColorIO config of all colour names; default: $OCIO where it is set, else the engine's own",
    )


def _add_frame_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--frames", metavar="A-B", help="inclusive, in the source's own numbers")
    group.add_argument(
        "--keyframe",
        action="append",
        default=[],
        metavar="N[=IMG][@STRENGTH]",
        help="a keyframe: its picture, or made by the ISR model; repeatable",
    )
    add_keyframe_colour_option(group)


def add_keyframe_colour_option(group: argparse._ActionsContainer) -> None:
    """In which colour space pictures of keyframes are."""
    group.add_argument(
        "--keyframe-colour",
        action="append",
        default=[],
        metavar="[N=]NAME",
        help="OpenColorIO name of the space of keyframe N's picture, or of all; default: the picture's own,"
        " else as the source",
    )


def add_target_options(parser: argparse.ArgumentParser, changes: bool = False) -> None:
    """How the result is written. changes: what is not named is None and stays as it was."""
    group = parser.add_argument_group("how to write it")
    group.add_argument("--overwrite", action="store_true", help="render and write again what already exists")
    group.add_argument(
        "--layers",
        choices=LAYERS,
        default="all",
        help="EXR: other layers, views and overscan carried along (default), or left out",
    )
    _add_encoding_options(group)
    if changes:
        parser.set_defaults(overwrite=None, layers=None, codec=None, quality=None)


def _add_encoding_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--codec", default="", metavar="NAME", help="a video encoder's name")
    group.add_argument("--quality", type=int, default=0, metavar="Q", help="1..100; higher is larger")


def add_clip_options(group: argparse._ArgumentGroup) -> None:
    """What is rendered of a timeline's clips; `marker_patterns_of` reads --keys."""
    group.add_argument(
        "--handles", type=int, default=8, metavar="N", help="frames beyond what a clip shows; default 8"
    )
    group.add_argument(
        "--keys",
        default="KEY*",
        metavar="NAMES",
        help="markers that are keyframes: names with * and ?, or colours, with commas between; default KEY*",
    )


def source_of(path: str, frames: str | None) -> SourceMedia:
    """The source, its path made absolute: the engine runs elsewhere."""
    first, last = frame_range(frames) if frames else (None, None)
    return SourceMedia(absolute(path), first, last)


def settings_of(options: argparse.Namespace, source: str = "") -> UpscaleSettings:
    """The settings of parsed options; raises InvalidSettings. source: the one there is, for its own full
    size.
    """
    width, height = _size(options.size) if options.size else (0, 0)
    if source and not options.size and options.scale is None:
        width, height = full_size_of(source)
    if options.size and options.scale is not None:
        raise InvalidSettings("--scale and --size contradict each other; give one of them.")
    learn, learn_seconds = learn_of(options.learn)
    return UpscaleSettings(
        scale=4.0 if options.scale is None else options.scale,
        width=width,
        height=height,
        model=_model(options.model),
        guidance=options.guidance,
        look=options.look,
        damage=damage_of(options.damage),
        on_damage=options.on_damage,
        learn=learn,
        learn_seconds=learn_seconds,
        isr=_isr(options.isr),
        policy=_policy(options.keyframes, bool(options.keyframe)),
        input_colour=options.input_colour,
        output_colour=options.output_colour,
        seed=options.seed,
        device=options.device,
        ocio_config=_ocio_config(options),
    )


def marker_patterns_of(options: argparse.Namespace) -> tuple[str, ...]:
    """Names and colours of the markers that are keyframes."""
    return tuple(pattern.strip() for pattern in options.keys.split(",") if pattern.strip())


def keyframes_of(options: argparse.Namespace) -> tuple[Keyframe, ...]:
    """The named keyframes, in frame order; raises InvalidSettings."""
    keyframes = [parse_keyframe(text) for text in options.keyframe]
    return tuple(
        sorted(_with_colours(keyframes, options.keyframe_colour), key=lambda keyframe: keyframe.frame)
    )


def revised_keyframes(options: argparse.Namespace) -> tuple[Keyframe, ...]:
    """The keyframes that `revise` sets: one that is named by its colour space alone keeps its picture."""
    keyframes = [parse_keyframe(text) for text in options.keyframe]
    named = {keyframe.frame for keyframe in keyframes}
    of_frames = _colours_of(options.keyframe_colour)[1]
    keyframes += [Keyframe(frame) for frame in of_frames if frame not in named]
    return tuple(_with_colours(keyframes, options.keyframe_colour, is_revision=True))


def config_note(settings: UpscaleSettings, options: argparse.Namespace) -> str:
    """A sentence where a config counts that the command line does not name; empty elsewhere."""
    if not settings.ocio_config or options.ocio_config is not None:
        return ""
    return f"colour names are of {settings.ocio_config} ($OCIO); --ocio-config names another"


def target_of(options: argparse.Namespace) -> OutputTarget:
    """Where and how the result is written; what is None takes its default."""
    return OutputTarget(
        absolute(options.output),
        options.codec or "",
        options.quality or 0,
        bool(options.overwrite),
        options.layers or "all",
    )


def spec_of(options: argparse.Namespace) -> JobSpec:
    """The whole request of `upscale`."""
    return JobSpec(
        source_of(options.source, options.frames),
        target_of(options),
        settings_of(options, absolute(options.source)),
        keyframes_of(options),
        options.priority,
    )


def parse_keyframe(text: str) -> Keyframe:
    """`N`, `N=IMG`, `N=IMG@0.6` or `N@0.6`; raises InvalidSettings."""
    match = re.fullmatch(r"(-?\d+)(?:=(.+?))?(?:@([0-9]*\.?[0-9]+))?", text)
    if match is None:
        raise InvalidSettings(f"the keyframe '{text}' is not N, N=IMAGE or N=IMAGE@STRENGTH.")
    frame, image, strength = match.groups()
    picture = ImageRef(path=absolute(image)) if image else None
    return Keyframe(int(frame), picture, float(strength) if strength else 1.0)


def _ocio_config(options: argparse.Namespace) -> str:
    """The config that is named; $OCIO where colour spaces are named and none is."""
    if options.ocio_config is not None:
        named = options.ocio_config
        return named if named.startswith(SCHEME) else absolute(named) if named else ""
    names_colours = options.input_colour or options.output_colour or options.keyframe_colour
    return config_of_environment(os.environ) if names_colours else ""


def _with_colours(keyframes: list[Keyframe], texts: list[str], is_revision: bool = False) -> list[Keyframe]:
    """Keyframes with their pictures' colour spaces; raises InvalidSettings for a space without a picture."""
    of_all, of_frames = _colours_of(texts)
    missing = sorted(set(of_frames) - {keyframe.frame for keyframe in keyframes})
    if missing:
        raise InvalidSettings(f"--keyframe-colour names frame {missing[0]}, which no --keyframe names.")
    if of_all and not is_revision and not any(keyframe.image for keyframe in keyframes):
        raise InvalidSettings("--keyframe-colour is given, but no --keyframe has a picture.")
    return [
        replace(keyframe, colour=of_frames.get(keyframe.frame, of_all if keyframe.image else ""))
        for keyframe in keyframes
    ]


def _colours_of(texts: list[str]) -> tuple[str, dict[int, str]]:
    """The space of all pictures, empty where none is named, and those of single frames.

    Raises InvalidSettings where one is named twice.
    """
    of_all, of_frames = "", dict[int, str]()
    for text in texts:
        match = re.fullmatch(r"(-?\d+)=(.+)", text)
        if (match and int(match[1]) in of_frames) or (not match and of_all):
            raise InvalidSettings(f"--keyframe-colour {text} names a second space; name one.")
        if match:
            of_frames[int(match[1])] = match[2]
        else:
            of_all = text
    return of_all, of_frames


def frame_range(text: str) -> tuple[int, int]:
    """`A-B` or `A`, inclusive, of any sign: `-3-2` and `-8--3`; raises InvalidSettings."""
    match = re.fullmatch(r"(-?\d+)(?:-(-?\d+))?", text)
    if match is None:
        raise InvalidSettings(f"the frames '{text}' are not A-B; write 1001-1100.")
    first = int(match.group(1))
    return first, int(match.group(2) or first)


def frame_list(text: str) -> tuple[int, ...]:
    """`N`, `A-B` or several of them with commas between, ascending; raises InvalidSettings."""
    ranges = [frame_range(part.strip()) for part in text.split(",")] if text else []
    for first, last in ranges:
        if first > last:
            raise InvalidSettings(f"the frames {first}-{last} end before they start; write {last}-{first}.")
    return tuple(sorted({frame for first, last in ranges for frame in range(first, last + 1)}))


def parse_region(text: str | None) -> Region | None:
    """`X,Y,W,H` in output pixels; raises InvalidSettings."""
    if not text:
        return None
    parts = text.split(",")
    if len(parts) != 4 or not all(part.strip().isdigit() for part in parts):
        raise InvalidSettings(f"the region '{text}' is not X,Y,W,H in output pixels.")
    return Region(*(int(part) for part in parts))


def _model(name: str) -> str:
    """A restorer's name as it is, whatever folders are called so; another folder as a full path."""
    if name == UpscaleSettings().model or not name or not Path(path_of(name)).expanduser().is_dir():
        return name
    from sparkvsr_engine.models.registry import restorers

    return name if name in [record.name for record in restorers()] else absolute(name)


def _isr(name: str) -> str:
    """A command and a model's name as they are, a model's file as a full path."""
    is_file = Path(name).suffix and not re.match(r"cmd(@\d+)?:", name)
    return absolute(name) if is_file else name


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)x(\d+)", text)
    if match is None or not (int(match.group(1)) and int(match.group(2))):
        raise InvalidSettings(f"the size '{text}' is not WxH; write 1920x1080.")
    return int(match.group(1)), int(match.group(2))


def damage_of(text: str) -> float | None:
    """`auto` (None) or a number; raises InvalidSettings."""
    try:
        return None if text == "auto" else float(text)
    except ValueError:
        raise InvalidSettings(f"the damage '{text}' is not a number; write auto, or 0 to 1.") from None


def learn_of(text: str) -> tuple[str, float]:
    """`auto`, `off` or seconds, as the settings' `learn` and `learn_seconds`; raises InvalidSettings."""
    if text in ("auto", "off"):
        return text, UpscaleSettings.learn_seconds
    try:
        return "budget", float(text)
    except ValueError:
        raise InvalidSettings(f"the value '{text}' of --learn is no number; write auto, off or 60.") from None


def _policy(text: str | None, names_keyframes: bool) -> KeyframePolicy:
    if text is None:
        return KeyframePolicy("manual" if names_keyframes else "adaptive")
    name, _, budget = text.partition(":")
    if budget and not budget.isdigit():
        raise InvalidSettings(f"the keyframe budget '{budget}' is not a number; write {name}:5.")
    return KeyframePolicy(name, int(budget or 0))
