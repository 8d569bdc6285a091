"""Values knobs start with, where they are not zero, empty, off or the first of an enumeration.

Foundry's reference pages of each node (15.0). Traps people fall into are kept: a Grade clamps black, a Write
writes rgb only, a Read's range is 1-1 until it is set.
"""

from __future__ import annotations

from typing import Any

DEFAULTS: dict[str, dict[str, Any]] = {
    "Read": {
        "first": 1,
        "last": 1,
        "origfirst": 1,
        "origlast": 1,
        "localizationPolicy": "fromAutoLocalizePath",
    },
    "DeepRead": {"first": 1, "last": 1, "localizationPolicy": "fromAutoLocalizePath"},
    "Write": {
        "channels": "rgb",
        "first": 1,
        "last": 1,
        "datatype": "16 bit half",
        "metadata": "default metadata",
        "compression": "Zip (1 scanline)",
        "render_order": 1,
    },
    "Reformat": {
        "center": True,
        "filter": "cubic",
        "resize": "width",
        "scale": [1, 1],
        "box_width": 200,
        "box_height": 200,
        "box_pixel_aspect": 1,
    },
    "Copy": {"from0": "rgba.alpha", "to0": "rgba.alpha", "mix": 1, "bbox": "union", "channels": "none"},
    "Merge2": {
        "operation": "over",
        "Achannels": "rgba",
        "Bchannels": "rgba",
        "output": "rgba",
        "also_merge": "none",
        "mix": 1,
    },
    "Grade": {
        "channels": "rgb",
        "whitepoint": 1,
        "white": 1,
        "multiply": 1,
        "gamma": 1,
        "black_clamp": True,
        "mix": 1,
    },
    "Crop": {"crop": True, "box": [0, 0, 0, 0]},
    "FrameHold": {"firstFrame": 1},
    "Dissolve": {"channels": "all"},
    "Constant": {"channels": "rgb", "first": 1, "last": 1},
    "CheckerBoard2": {"boxsize": [64, 64]},
    "OCIOColorSpace": {"channels": "rgb", "mix": 1},
    "Root": {
        "first_frame": 1,
        "last_frame": 100,
        "frame": 1,
        "fps": 24,
        "proxy_type": "scale",
        "proxy_scale": 0.5,
        "colorManagement": "Nuke",
        "views": "main #ffffff",
    },
    "BackdropNode": {"bdwidth": 80, "bdheight": 60},
    "Shuffle2": {"in1": "rgba", "out1": "rgba"},
    "Remove": {"channels": "all", "operation": "remove"},
}

FOR_EVERY_NODE: dict[str, Any] = {"note_font_size": 11, "bookmark": True, "cached": False, "version": 0}

# knob class -> how many numbers it has
WIDTHS = {
    "XY_Knob": 2,
    "WH_Knob": 2,
    "UV_Knob": 2,
    "XYZ_Knob": 3,
    "Color_Knob": 3,
    "AColor_Knob": 4,
    "BBox_Knob": 4,
    "Box3_Knob": 6,
}
