"""What no table has: the root, backdrops, and the knobs a file type brings.

Names and values follow Foundry's reference pages of Read, Write and Project Settings (15.0).
"""

from __future__ import annotations

from typing import Any

NODE_KNOBS: dict[str, list[Any]] = {
    "name": ["String_Knob"],
    "label": ["Multiline_Eval_String_Knob"],
    "selected": ["Boolean_Knob"],
    "xpos": ["Array_Knob"],
    "ypos": ["Array_Knob"],
    "tile_color": ["ColorChip_Knob"],
    "gl_color": ["ColorChip_Knob"],
    "note_font_size": ["Array_Knob"],
    "knobChanged": ["PythonKnob"],
    "onCreate": ["PythonKnob"],
    "onDestroy": ["PythonKnob"],
    "help": ["EvalString_Knob"],
}

ROOT_KNOBS: dict[str, list[Any]] = {
    **NODE_KNOBS,
    "first_frame": ["Array_Knob"],
    "last_frame": ["Array_Knob"],
    "lock_range": ["Boolean_Knob"],
    "frame": ["Array_Knob"],
    "fps": ["Array_Knob"],
    "format": ["Format_Knob"],
    "proxy": ["Boolean_Knob"],
    "proxy_type": ["Enumeration_Knob", ["format", "scale"]],
    "proxy_format": ["Format_Knob"],
    "proxy_scale": ["Array_Knob"],
    "project_directory": ["EvalString_Knob"],
    "views": ["EvalString_Knob"],
    "colorManagement": ["Enumeration_Knob", ["Nuke", "OCIO"]],
    "OCIO_config": [
        "Enumeration_Knob",
        [
            "nuke-default",
            "fn-nuke_cg-config-v1.0.0_aces-v1.3_ocio-v2.1",
            "fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1",
            "aces_1.2",
            "custom",
        ],
    ],
    "customOCIOConfigPath": ["File_Knob"],
    "OCIOConfigPath": ["File_Knob"],
    "workingSpaceLUT": ["Enumeration_Knob"],
    "monitorLut": ["Enumeration_Knob"],
    "int8Lut": ["Enumeration_Knob"],
    "int16Lut": ["Enumeration_Knob"],
    "logLut": ["Enumeration_Knob"],
    "floatLut": ["Enumeration_Knob"],
    "onScriptLoad": ["PythonKnob"],
    "onScriptSave": ["PythonKnob"],
    "onScriptClose": ["PythonKnob"],
}

BACKDROP_KNOBS: dict[str, list[Any]] = {
    **NODE_KNOBS,
    "bdwidth": ["Array_Knob"],
    "bdheight": ["Array_Knob"],
    "z_order": ["Array_Knob"],
}

ADDED_NODES: dict[str, Any] = {
    "Root": {"inputs": [0, 0], "knobs": ROOT_KNOBS},
    "BackdropNode": {"inputs": [0, 0], "knobs": BACKDROP_KNOBS},
    "Preferences": {"inputs": [0, 0], "knobs": {**NODE_KNOBS, "localCachePath": ["File_Knob"]}},
}

EXR_COMPRESSION = [
    "none",
    "Zip (1 scanline)",
    "Zip (16 scanlines)",
    "PIZ Wavelet (32 scanlines)",
    "RLE",
    "B44",
    "B44A",
    "DWAA",
    "DWAB",
]
METADATA = [
    "no metadata",
    "default metadata",
    "default metadata and exr/*",
    "all metadata except input/*",
    "all metadata",
]

# node class -> file type -> knobs that exist once the type is chosen
FILE_TYPE_KNOBS: dict[str, dict[str, dict[str, list[Any]]]] = {
    "Write": {
        "exr": {
            "datatype": ["Enumeration_Knob", ["16 bit half", "32 bit float"]],
            "compression": ["Enumeration_Knob", EXR_COMPRESSION],
            "metadata": ["Enumeration_Knob", METADATA],
            "autocrop": ["Boolean_Knob"],
            "noprefix": ["Boolean_Knob"],
            "first_part": ["Enumeration_Knob", ["rgb", "rgba"]],
        },
        "png": {"datatype": ["Enumeration_Knob", ["8 bit", "16 bit"]]},
        "tiff": {"datatype": ["Enumeration_Knob", ["8 bit", "16 bit", "32 bit float"]]},
        "jpeg": {"_jpeg_quality": ["Array_Knob"]},
    },
    "Read": {"exr": {"noprefix": ["Boolean_Knob"], "offset_negative_display_window": ["Boolean_Knob"]}},
}

# file endings -> file types
ENDINGS = {
    "exr": "exr",
    "sxr": "exr",
    "png": "png",
    "tif": "tiff",
    "tiff": "tiff",
    "jpg": "jpeg",
    "jpeg": "jpeg",
    "dpx": "dpx",
}
