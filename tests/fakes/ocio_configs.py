"""Small OpenColorIO configs as studios have them: other names, lookup tables, the format of version 1."""

from __future__ import annotations

from pathlib import Path

# A plate in a camera's log space, whose curve is a lookup table beside the config; ACES primaries nowhere.
STUDIO = """ocio_profile_version: 2.1
environment: {{}}
search_path: luts
roles:
  scene_linear: show_linear
  data: show_raw
  default: show_raw
file_rules:
  - !<Rule> {{name: Default, colorspace: default}}
displays:
  monitor:
    - !<View> {{name: Raw, colorspace: show_raw}}
colorspaces:
  - !<ColorSpace>
    name: show_linear
    aliases: [plate_linear]
    encoding: scene-linear
  - !<ColorSpace>
    name: show_half
    encoding: scene-linear
    to_scene_reference: !<MatrixTransform> {{matrix: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]}}
  - !<ColorSpace>
    name: show_log
    encoding: log
    to_scene_reference: !<FileTransform> {{src: {lut}, interpolation: linear}}
  - !<ColorSpace>
    name: sRGB
    encoding: sdr-video
    from_scene_reference: !<ExponentWithLinearTransform> {{gamma: 2.4, offset: 0.055, direction: inverse}}
  - !<ColorSpace>
    name: lin_rec709
    encoding: scene-linear
  - !<ColorSpace>
    name: show_raw
    isdata: true
"""

# No encodings, no aliases: configs of this format are still in use.
FIRST_FORMAT = """ocio_profile_version: 1
search_path: luts
strictparsing: true
roles:
  scene_linear: linear
  default: raw
displays:
  monitor:
    - !<View> {name: Raw, colorspace: raw}
colorspaces:
  - !<ColorSpace>
    name: linear
    isdata: false
  - !<ColorSpace>
    name: linear_double
    isdata: false
    to_reference: !<MatrixTransform> {matrix: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]}
  - !<ColorSpace>
    name: gamma22
    isdata: false
    to_reference: !<ExponentTransform> {value: [2.2, 2.2, 2.2, 1]}
  - !<ColorSpace>
    name: raw
    isdata: true
"""


def write_studio_config(folder: Path, power: float = 2.0) -> Path:
    """A config with the lookup table of its log space: code to the power `power`, from 0..1."""
    (folder / "luts").mkdir(parents=True, exist_ok=True)
    write_table(folder / "luts" / "log.spi1d", power)
    path = folder / "config.ocio"
    path.write_text(STUDIO.format(lut="log.spi1d"))
    return path


def write_table(path: Path, power: float) -> None:
    """An spi1d table of 1024 entries on 0..1."""
    values = "\n".join(f" {(index / 1023) ** power:.7f}" for index in range(1024))
    path.write_text(f"Version 1\nFrom 0.0 1.0\nLength 1024\nComponents 1\n{{\n{values}\n}}\n")


def write_first_config(folder: Path) -> Path:
    """A config in the format of OpenColorIO 1."""
    (folder / "luts").mkdir(parents=True, exist_ok=True)
    path = folder / "config.ocio"
    path.write_text(FIRST_FORMAT)
    return path
