"""Colour of files: Nuke's own curves, or an OpenColorIO config through OpenImageIO."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.fakes.nuke.application import current
from tests.fakes.nuke.pictures import RGBA, Picture, RenderError

FLOAT = (".exr", ".sxr", ".hdr")


def to_linear(node: Any, picture: Picture, path: str) -> Picture:
    """A file's values in the working space."""
    return _through(node, picture, path, is_reading=True)


def from_linear(node: Any, picture: Picture, path: str) -> Picture:
    """Values of the working space as the file is to hold them."""
    return _through(node, picture, path, is_reading=False)


def default_space(path: str) -> str:
    """What `default` means for a file: by its kind, or by the roles of the config; empty without a file."""
    if not path:
        return ""
    if current().root._knobs["colorManagement"]._word(0) == "OCIO":
        chosen = config()
        role = "scene_linear" if Path(path).suffix.lower() in FLOAT else "default"
        return str(chosen.getColorSpaceNameByRole(role) or _scene_linear(chosen))
    return "linear" if Path(path).suffix.lower() in FLOAT else "sRGB"


def _through(node: Any, picture: Picture, path: str, is_reading: bool) -> Picture:
    if node._knobs["raw"]._number(0):
        return picture
    space = node._knobs["colorspace"]._word(current().frame)
    if current().root._knobs["colorManagement"]._word(0) == "OCIO":
        return _by_config(node, picture, space, path, is_reading)
    if space.startswith("default"):
        space = default_space(path)
    if space not in CURVES:
        raise RenderError(node, f"the stand-in has no curve for {space}")
    curve = CURVES[space][0 if is_reading else 1]
    colours = {name: curve(picture.planes[name]) for name in RGBA[:3] if name in picture.planes}
    return replace(picture, planes={**picture.planes, **colours})


def _srgb_in(value: np.ndarray) -> np.ndarray:
    return np.where(value <= 0.04045, value / 12.92, ((np.maximum(value, 0) + 0.055) / 1.055) ** 2.4).astype(
        np.float32
    )


def _srgb_out(value: np.ndarray) -> np.ndarray:
    return np.where(
        value <= 0.0031308, value * 12.92, 1.055 * np.maximum(value, 0) ** (1 / 2.4) - 0.055
    ).astype(np.float32)


def _same(value: np.ndarray) -> np.ndarray:
    return value


# configs OpenColorIO carries itself; the files of the others come with Nuke
STOCK = {
    f"fn-nuke_{kind}-config-v1.0.0_aces-v1.3_ocio-v2.1": f"ocio://{kind}-config-v1.0.0_aces-v1.3_ocio-v2.1"
    for kind in ("cg", "studio")
}
# IEC 61966-2-1 for sRGB
CURVES = {"linear": (_same, _same), "sRGB": (_srgb_in, _srgb_out)}


def config_path() -> str:
    """The config the script uses: `$OCIO`, the custom one, or the stock one of this name."""
    root = current().root
    if os.environ.get("OCIO"):
        return os.environ["OCIO"]
    if root._knobs["OCIO_config"]._word(0) == "custom":
        return str(root._knobs["customOCIOConfigPath"]._path_at(0, current().view))
    named = STOCK.get(root._knobs["OCIO_config"]._word(0))
    return named or str(root._knobs["OCIOConfigPath"]._path_at(0, current().view))


def config() -> Any:
    import OpenImageIO as oiio  # noqa: N813

    return oiio.ColorConfig(config_path())


def spaces() -> list[str]:
    """The values a colour knob has under the script's config: `default (x)`, roles, then names."""
    chosen = config()
    names = list(chosen.getColorSpaceNames())
    roles = [f"{role}\t{role} ({chosen.getColorSpaceNameByRole(role)})" for role in chosen.getRoles()]
    return [f"default\tdefault ({_scene_linear(chosen)})", *roles, *names]


def offer_values(node: Any) -> None:
    """Give a node's choices what the script offers: the config's colour spaces, the script's views."""
    if node._class == "OneView":
        node._knobs["view"]._items = current().views
    root = current().root
    if node._class not in ("Read", "Write") or root is None:
        return
    knob = node._knobs["colorspace"]
    if root._knobs["colorManagement"]._word(0) == "OCIO":
        chosen = knob._word(0)
        knob._items = spaces()
        knob._from_script(chosen)


def _scene_linear(chosen: Any) -> str:
    return str(chosen.getColorSpaceNameByRole("scene_linear") or "linear")


def _by_config(node: Any, picture: Picture, space: str, path: str, is_reading: bool) -> Picture:
    import OpenImageIO as oiio  # noqa: N813

    chosen = config()
    working = _scene_linear(chosen)
    if space.startswith("default"):
        space = default_space(path)
    source, target = (space, working) if is_reading else (working, space)
    names = [name for name in RGBA[:3] if name in picture.planes]
    if len(names) != 3 or source == target:
        return picture
    pixels = oiio.ImageBuf(np.ascontiguousarray(np.stack([picture.planes[name] for name in names], -1)))
    converted = oiio.ImageBufAlgo.colorconvert(pixels, source, target, True, "", "", config_path())
    if converted.has_error:
        raise RenderError(node, converted.geterror())
    result = converted.get_pixels("float")
    colours = {name: np.ascontiguousarray(result[..., index]) for index, name in enumerate(names)}
    return replace(picture, planes={**picture.planes, **colours})
