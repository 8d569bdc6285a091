"""What to do to the pixels: every value that changes a result is a field of a record here.

Not here: where pixels are (`media`), how a request travels (`messages`).
"""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Tuple

from .media import LONGEST_SIDE, ImageRef, SourceMedia, require_forward
from .policies import KEYFRAME_POLICIES
from .records import Record, nested, require, require_choice, require_distinct, require_number, since

LOOKS = ("lock", "propagate")
ON_DAMAGE = ("conceal", "stop")
LAYERS = ("all", "main")
PRIORITIES = ("artist", "batch")
"""Of jobs, what goes first first. Previews go before both."""

LEARN = ("off", "auto", "budget")
LEARN_AFTERWARDS = ("again", "off")
LEARN_SECONDS_LIMIT = 86_400.0
GUIDANCE_LIMIT = 2.0
SCALE_LIMIT = 16.0


@dataclasses.dataclass(frozen=True)
class Keyframe(Record):
    """A frame whose look is to be carried through its shot.

    frame: number in the source's own numbering.
    image: the artist's picture of that frame, any size; None means the ISR model makes it. Its alpha
        channel, where it has one, sets where it counts (1 everywhere, 0 nowhere).
    strength: 0 ignores the keyframe, 1 follows it as trained, up to 2 pushes harder.
    matte: a single-channel picture that multiplies the alpha; None means everywhere.
    colour: OpenColorIO name of the image's colour space, in the request's config; empty means from the
        image's own profile and tags, else as the source is.
    """

    frame: int
    image: Optional[ImageRef] = nested(ImageRef, default=None)
    strength: float = 1.0
    matte: Optional[ImageRef] = nested(ImageRef, default=None)
    colour: str = since(1, "")

    def __post_init__(self) -> None:
        require_number("keyframe strength", self.strength, 0.0, GUIDANCE_LIMIT)


@dataclasses.dataclass(frozen=True)
class KeyframePolicy(Record):
    """How keyframes are chosen where the artist named none.

    budget: the most keyframes for the whole range, 0 lets the policy decide:
        `adaptive` makes none where a restorer gains nothing from them.
    """

    name: str = "adaptive"
    budget: int = 0

    def __post_init__(self) -> None:
        require_choice("keyframe policy", self.name, KEYFRAME_POLICIES)
        require_number("keyframe budget", self.budget, 0, 100_000)


@dataclasses.dataclass(frozen=True)
class UpscaleSettings(Record):
    """The request's numbers and names.

    scale: output size over source size, >= 1; ignored when width and height are given.
    width, height: output size in pixels, both or neither.
    model: a restorer the engine lists, or a folder of weights that one of them takes.
    guidance: 0 blind restoration, 1 as trained, up to 2.
    look: `lock` keeps the source's colour, `propagate` lets keyframes carry theirs.
    damage: how damaged the source is, from 0 (clean: its grain is detail to be kept) to 1 (noise and
        compression are to be taken away), for restorers that use it. None: as each frame looks.
    on_damage: what becomes of a frame that cannot be decoded: `conceal` shows a neighbour, or what the
        decoder makes of it, in its place and warns of it by number; `stop` ends the job there.
    learn: whether a restorer that can learns each shot from its keyframes first: `off`, `auto` (as long
        as tests on held-out parts of the keyframes show a gain) or `budget`.
    learn_seconds: for `budget`, seconds of two ordinary cores; one number means the same steps everywhere.
    isr: image super-resolution model that makes keyframe images; empty means the engine's default.
    input_colour, output_colour: OpenColorIO names; empty means from the file's tags, else its type.
    ocio_config: the OpenColorIO config of the request's colour names: full path of a config, or an `ocio://`
        name; empty means the engine's own. A client puts its own $OCIO here: the engine's counts for nothing.
    """

    scale: float = 4.0
    width: int = 0
    height: int = 0
    model: str = "lite"
    guidance: float = 1.0
    look: str = "lock"
    damage: Optional[float] = None
    on_damage: str = "conceal"
    isr: str = ""
    policy: KeyframePolicy = nested(KeyframePolicy, default=KeyframePolicy())
    input_colour: str = ""
    output_colour: str = ""
    seed: int = 0
    device: str = "auto"
    ocio_config: str = since(1, "")
    learn: str = since(1, "off")
    learn_seconds: float = since(1, 60.0)

    def __post_init__(self) -> None:
        require_number("scale", self.scale, 1.0, SCALE_LIMIT)
        require_number("guidance", self.guidance, 0.0, GUIDANCE_LIMIT)
        require_choice("look", self.look, LOOKS)
        require_choice("on_damage", self.on_damage, ON_DAMAGE)
        require_choice("learn", self.learn, LEARN)
        require_number("learn_seconds", self.learn_seconds, 0.5, LEARN_SECONDS_LIMIT)
        if self.damage is not None:
            require_number("damage", self.damage, 0.0, 1.0)
        require(
            (self.width > 0) == (self.height > 0)
            and min(self.width, self.height) >= 0
            and max(self.width, self.height) <= LONGEST_SIDE,
            f"size is {self.width}x{self.height}; give both sides, 1 to {LONGEST_SIDE} pixels, or neither.",
        )
        require(bool(self.model), "model is empty; name a restorer or a checkpoint folder.")


@dataclasses.dataclass(frozen=True)
class OutputTarget(Record):
    """Where the result goes: a movie file, or a numbered pattern such as `out/%04d.exr`.

    codec: a name PyAV knows (movies), empty for the container's usual one.
    quality: 0..100, higher is better and larger; 0 means the codec's default.
    layers: `all` carries the source pictures' other layers, views and overscan along where the target holds
        them (EXR); `main` leaves them out. Either way the job's warnings name them.
    """

    path: str
    codec: str = ""
    quality: int = 0
    overwrite: bool = False
    layers: str = "all"

    def __post_init__(self) -> None:
        require_choice("layers", self.layers, LAYERS)
        require(bool(self.path), "the target is empty; name a movie file or a numbered pattern.")
        require_number("quality", self.quality, 0, 100)


@dataclasses.dataclass(frozen=True)
class JobSpec(Record):
    """One whole request: source, settings, keyframes and target.

    priority: `artist` for what somebody waits for, `batch` for what lets those go first, also in the middle.
    """

    source: SourceMedia = nested(SourceMedia)
    output: OutputTarget = nested(OutputTarget)
    settings: UpscaleSettings = nested(UpscaleSettings, default=UpscaleSettings())
    keyframes: Tuple[Keyframe, ...] = nested(Keyframe, many=True, default=())
    priority: str = since(3, "artist")

    def __post_init__(self) -> None:
        require_choice("priority", self.priority, PRIORITIES)
        require_distinct("the keyframe", (keyframe.frame for keyframe in self.keyframes))


@dataclasses.dataclass(frozen=True)
class Revision(Record):
    """What changes from one version of a job to the next; a field left at None stays as it was.

    set_keyframes: added, or put in the place of the keyframe of the same frame.
    drop_keyframes: frames whose keyframe is taken away.
    damage: set anew (see `UpscaleSettings`). judges_damage: it is estimated again, whatever was set before.
    learn: `again` learns the shots anew from the keyframes as they are now, `off` uses the weights that
        ship; either renders all frames of those shots. None keeps what was learnt.
    output: None writes beside the version before it, with the version's number in the name.
    codec, quality, layers, overwrite: change that target; a target named by `output` has its own.
    on_damage: as in `UpscaleSettings`; every frame is rendered.
    """

    set_keyframes: Tuple[Keyframe, ...] = nested(Keyframe, many=True, default=())
    drop_keyframes: Tuple[int, ...] = ()
    guidance: Optional[float] = None
    damage: Optional[float] = None
    judges_damage: bool = False
    first_frame: Optional[int] = None
    last_frame: Optional[int] = None
    output: Optional[OutputTarget] = nested(OutputTarget, default=None)
    codec: Optional[str] = since(1, None)
    quality: Optional[int] = since(1, None)
    layers: Optional[str] = since(1, None)
    overwrite: Optional[bool] = since(1, None)
    on_damage: Optional[str] = since(1, None)
    learn: Optional[str] = since(1, None)

    def __post_init__(self) -> None:
        if self.on_damage is not None:
            require_choice("on_damage", self.on_damage, ON_DAMAGE)
        if self.layers is not None:
            require_choice("layers", self.layers, LAYERS)
        if self.quality is not None:
            require_number("quality", self.quality, 0, 100)
        require(
            self.output is None or not self._target_changes(),
            "the output is named whole and changed in parts; put codec, quality, layers, overwrite into it.",
        )
        if self.guidance is not None:
            require_number("guidance", self.guidance, 0.0, GUIDANCE_LIMIT)
        if self.damage is not None:
            require_number("damage", self.damage, 0.0, 1.0)
            require(not self.judges_damage, "damage and judges_damage exclude each other; set one of them.")
        if self.learn is not None:
            require_choice("learn", self.learn, LEARN_AFTERWARDS)
        named = [*(keyframe.frame for keyframe in self.set_keyframes), *self.drop_keyframes]
        require_distinct("the keyframe", named)
        if self.first_frame is not None and self.last_frame is not None:
            require_forward(self.first_frame, self.last_frame)

    def settings_after(self, before: UpscaleSettings) -> UpscaleSettings:
        """The settings of the next version.

        Args:
            before: those of the version before.
        """
        damage = before.damage if self.damage is None else self.damage
        return dataclasses.replace(
            before,
            learn=_learn_after(before.learn, self.learn),
            guidance=before.guidance if self.guidance is None else self.guidance,
            damage=None if self.judges_damage else damage,
            on_damage=before.on_damage if self.on_damage is None else self.on_damage,
        )

    def target_after(self, beside: OutputTarget) -> OutputTarget:
        """Where and how the next version is written; `beside`: the target before under the version's name.

        Args:
            beside: the target before under the version's name.
        """
        return self.output or dataclasses.replace(beside, **self._target_changes())

    def _target_changes(self) -> Dict[str, Any]:
        changes = {
            "codec": self.codec,
            "quality": self.quality,
            "layers": self.layers,
            "overwrite": self.overwrite,
        }
        return {name: value for name, value in changes.items() if value is not None}


def _learn_after(before: str, learn: Optional[str]) -> str:
    """The setting `learn` of a request after a revision."""
    if learn == "again":
        return "auto" if before == "off" else before
    return "off" if learn == "off" else before
