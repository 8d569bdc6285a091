"""Names, kinds and colour spaces of a result's files, in Blender's words. No Blender here."""

from __future__ import annotations

from pathlib import Path, PurePath

_PICTURES = {".png": ".png", ".exr": ".exr", ".tif": ".tif", ".tiff": ".tif", ".hdr": ".exr"}
_SCENE_LINEAR = (".exr", ".hdr")
LINEAR = "Linear Rec.709"
DISPLAY = "sRGB"
# Frames of one folder are numbered like this, whatever their source's names are.
RESULT_NAME = "%06d"


def result_extension(source: str, file_format: str) -> str:
    """The file extension of the upscaled frames.

    source: the source's path. file_format: `AUTO` keeps the source's kind (movies become PNG), or `PNG`,
    `OPEN_EXR`, `TIFF`.
    """
    named = {"PNG": ".png", "OPEN_EXR": ".exr", "TIFF": ".tif"}.get(file_format)
    return named or _PICTURES.get(PurePath(source).suffix.lower(), ".png")


def result_colour(source: str, source_colour: str, extension: str) -> str:
    """The colour space the upscaled frames are in, as Blender names it.

    The engine keeps values as they are where source and result are both scene-linear or both not;
    otherwise it goes through the plain sRGB curve.
    """
    was_linear = PurePath(source).suffix.lower() in _SCENE_LINEAR
    is_linear = extension in _SCENE_LINEAR
    if was_linear == is_linear:
        return source_colour
    return LINEAR if is_linear else DISPLAY


def result_target(folder: Path, strip_name: str, moment: str, extension: str) -> str:
    """The numbered pattern of a new job: a folder of its own, named after strip and moment."""
    plain = "".join(letter if letter.isalnum() or letter in "-." else "_" for letter in strip_name)
    return str(folder / f"{plain.strip('._') or 'strip'}-{moment}" / f"{RESULT_NAME}{extension}")
