"""What is kept with a strip in the .blend: settings, keyframes, and for results what they were made of."""

from typing import Any, List

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from . import host
from .bridge_link import DEFAULT_MODEL, POLICIES, ShotKeyframe, keyframe_model_items, restorer_items

FOLDER = ("FOLDER", "From Folder", "A folder of weights that one of the engine's models takes")
LOOKS = (
    ("lock", "Keep Source Colour", "Keyframes bring detail; colour and brightness stay the source's"),
    ("propagate", "Follow Keyframes", "Keyframes carry their own look through the shot: restoration, style"),
)
FORMATS = (
    ("AUTO", "Same as Source", "EXR, TIFF and PNG stay what they are; everything else becomes PNG"),
    ("PNG", "PNG", "8 or 16 bit, as deep as the source"),
    ("TIFF", "TIFF", "8 or 16 bit, as deep as the source"),
    ("OPEN_EXR", "OpenEXR", "Half float, scene-linear"),
)


_menu: List[Any] = []


def _model_items(data: Any, _context: Any) -> Any:
    from . import runtime

    chosen = data.model_name if data is not None and data.model_name != FOLDER[0] else ""
    # Blender does not keep the texts of a menu that is made anew.
    _menu[:] = [*restorer_items(runtime.job_list().models, chosen), FOLDER]
    return _menu


def _model_index(data: Any) -> int:
    return [name for name, _, _ in _model_items(data, None)].index(data.model_name)


def _choose_model(data: Any, index: int) -> None:
    data.model_name = _model_items(data, None)[index][0]


def _model_names(_self: Any, _context: Any, typed: str) -> List[str]:
    from . import runtime

    names = [name for name, _, _ in keyframe_model_items(runtime.job_list().models, "")]
    return [name for name in names if name and typed.lower() in name.lower()]


class SPARKVSR_PG_keyframe(bpy.types.PropertyGroup):
    """One keyframe of a strip."""

    content: IntProperty(name="Content Frame", description="The frame of the strip's media, from 0")
    image: StringProperty(
        name="Picture",
        description="How this frame should look. Empty: the engine makes it from the source",
        subtype="FILE_PATH",
    )
    strength: FloatProperty(
        name="Strength",
        description="How much this keyframe counts: 0 ignores it, 1 is as trained, 2 pushes harder",
        default=1.0,
        min=0.0,
        max=2.0,
        subtype="FACTOR",
    )
    reason: StringProperty(name="Why", description="Why the engine proposed this frame")


class SPARKVSR_PG_strip(bpy.types.PropertyGroup):
    """What the extension keeps with every strip."""

    token: StringProperty(options={"HIDDEN"})

    scale: FloatProperty(
        name="Scale",
        description="Size of the result over size of the source; 1 restores without enlarging",
        default=2.0,
        min=1.0,
        max=16.0,
        soft_max=4.0,
        step=100,
        precision=2,
    )
    # By name: the engine's list, and with it the places of its entries, may change between sessions.
    model_name: StringProperty(default=DEFAULT_MODEL, options={"HIDDEN"})
    model: EnumProperty(
        name="Model",
        description="The network that upscales, of those the engine lists",
        items=_model_items,
        get=_model_index,
        set=_choose_model,
    )
    model_folder: StringProperty(
        name="Checkpoint", description="Folder with the model's weights", subtype="DIR_PATH"
    )
    guidance: FloatProperty(
        name="Guidance",
        description="How much keyframes count: 0 uses the source alone, 1 is as trained, 2 pushes harder",
        default=1.0,
        min=0.0,
        max=2.0,
        subtype="FACTOR",
    )
    look: EnumProperty(name="Look", description="Whose colour the result has", items=LOOKS)
    policy: EnumProperty(
        name="Choose",
        description="Which frames become keyframes",
        items=[policy.item() for policy in POLICIES],
    )
    budget: IntProperty(
        name="At Most",
        description="The most keyframes for the whole strip; 0 lets the engine decide",
        default=0,
        min=0,
        soft_max=20,
    )
    keyframes: CollectionProperty(type=SPARKVSR_PG_keyframe)
    active_keyframe: IntProperty(name="Active Keyframe", default=0)
    isr: StringProperty(
        name="Keyframe Model",
        description="The model that makes keyframe pictures: one of the engine's, or a weights file."
        " Empty: the engine chooses",
        search=_model_names,
        search_options={"SUGGESTION"},
    )
    format: EnumProperty(name="Format", description="File format of the upscaled frames", items=FORMATS)
    mute_source: BoolProperty(
        name="Mute Original",
        description="Mute the original strip once the result is whole; off leaves it as it is",
        default=True,
    )
    judges_damage: BoolProperty(
        name="Judge Damage",
        description="Estimate how damaged each frame is; off sets one value for all",
        default=True,
    )
    damage: FloatProperty(
        name="Damage",
        description="0 keeps the source's grain as detail, 1 removes noise and compression;"
        " used above scale 1, up to 4",
        default=0.5,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )
    learns: BoolProperty(
        name="Learn the Shot",
        description="Teach Lite each shot's keyframes before rendering, as long as tests on held-out parts"
        " of them improve; at scales up to 4",
        default=False,
    )
    seed: IntProperty(name="Seed", description="For models and policies that draw lots", default=0, min=0)

    origin: StringProperty(options={"HIDDEN"})
    job: StringProperty(name="Job", description="The engine's name of the job", options={"HIDDEN"})
    version: IntProperty(name="Version", options={"HIDDEN"})
    order: StringProperty(options={"HIDDEN"})
    state: StringProperty(options={"HIDDEN"})
    is_preview: BoolProperty(default=False, options={"HIDDEN"})
    is_growing: BoolProperty(default=False, options={"HIDDEN"})
    seen: StringProperty(options={"HIDDEN"})
    trust: StringProperty(options={"HIDDEN"})

    @property
    def is_result(self) -> bool:
        """Whether the strip shows upscaled frames."""
        return bool(self.origin)

    def options(self) -> Any:
        """The settings as `UpscaleSettings.to_dict` gives them."""
        optional = {} if self.judges_damage else {"damage": round(self.damage, 4)}
        if self.learns:
            optional["learn"] = "auto"
        return {
            "scale": round(self.scale, 4),
            "model": bpy.path.abspath(self.model_folder) if self.model == "FOLDER" else self.model,
            "guidance": round(self.guidance, 4),
            "look": self.look,
            "isr": self.isr,
            "policy": {"name": self.policy, "budget": self.budget},
            "seed": self.seed,
            **optional,
        }

    def keyframe_wishes(self, number_of: Any) -> Any:
        """The keyframes for the engine.

        number_of: content frame -> the source's own number. Raises InvalidSettings for a picture whose
        path is relative to a file that was never saved.
        """
        return tuple(
            _wish(keyframe, number_of(keyframe.content))
            for keyframe in sorted(self.keyframes, key=lambda keyframe: keyframe.content)
        )


def _wish(keyframe: Any, number: int) -> ShotKeyframe:
    strength = round(keyframe.strength, 4)
    if not keyframe.image:
        return ShotKeyframe(number, "", strength)
    path = host.absolute_file(keyframe.image)
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    return ShotKeyframe(number, str(path), strength, stamp)


CLASSES = (SPARKVSR_PG_keyframe, SPARKVSR_PG_strip)


def attach() -> None:
    """Give every strip its settings."""
    host.strip_type().sparkvsr = PointerProperty(type=SPARKVSR_PG_strip)


def detach() -> None:
    """Take them away again; what the .blend holds stays in it."""
    del host.strip_type().sparkvsr
