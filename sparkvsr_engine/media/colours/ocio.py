"""OpenColorIO, for colour spaces named by the user: a pinned built-in ACES config, an optional package."""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import Any

import numpy as np

from bridge.errors import InvalidSettings
from sparkvsr_engine.media.pixels import FloatPixels

# Pinned: `ocio://default` becomes another config with another version of the library.
CONFIG = "ocio://cg-config-v2.1.0_aces-v1.3_ocio-v2.3"
SRGB = "sRGB - Texture"
LOG_CARRIER = "ACEScct"


@lru_cache(maxsize=1)
def _library() -> Any:
    try:
        import PyOpenColorIO
    except ImportError:
        raise InvalidSettings(
            "colour spaces by name need OpenColorIO; install it with 'pip install sparkvsr[colour]' or leave"
            " --input-colour and --output-colour away."
        ) from None
    return PyOpenColorIO


@lru_cache(maxsize=1)
def _config() -> Any:
    return _library().Config.CreateFromFile(CONFIG)


def canonical_name(name: str) -> str:
    """The config's own name of a colour space given by name, alias or role, in any case.

    Raises InvalidSettings with the closest names, or when OpenColorIO is not installed.
    """
    config = _config()
    space = config.getColorSpace(name)
    if space is None:
        known = {known.lower(): known for known in _all_names()}
        close = difflib.get_close_matches(name.lower(), known, n=4, cutoff=0.4) or sorted(known)[:6]
        listed = " or ".join(f"'{known[word]}'" for word in close)
        raise InvalidSettings(f"no colour space is called '{name}'; did you mean {listed}?")
    if space.isData():
        raise InvalidSettings(
            f"'{space.getName()}' holds data, not colours; name the space the pixels are in."
        )
    return space.getName()


def is_scene_linear(name: str) -> bool:
    """Whether values in a colour space are proportional to light and unbounded."""
    return _config().getColorSpace(name).getEncoding() == "scene-linear"


class OcioTransform:
    """From one colour space to another, by canonical names; may be used by several threads."""

    def __init__(self, source: str, target: str) -> None:
        processor = _config().getProcessor(source, target)
        self._processor = processor.getDefaultCPUProcessor()

    def __call__(self, colours: FloatPixels) -> FloatPixels:
        """float32 [H, W, 3] in the target's space, a new array."""
        result = np.array(colours, dtype=np.float32, order="C")
        height, width = result.shape[:2]
        self._processor.apply(_library().PackedImageDesc(result, width, height, 3))
        return result


def _all_names() -> list[str]:
    config, library = _config(), _library()
    spaces = config.getColorSpaces(library.SEARCH_REFERENCE_SPACE_ALL, library.COLORSPACE_ALL)
    return [name for space in spaces for name in (space.getName(), *space.getAliases())]
