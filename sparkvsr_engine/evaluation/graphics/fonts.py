"""Fonts and words of many scripts, from packages of the extra `graphics`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.system.installing import install_command

_LATIN = (
    "THE LAST HARBOUR",
    "Directed by",
    "Maria Sjöberg",
    "Part Two",
    "meanwhile, in Lisbon",
    "EPISODE 14",
    "Café Noir",
    "1987",
    "Executive Producer",
    "Based on a true story",
    "24:07:13:05",
    "LIVE",
    "Breaking news",
    "Price 49.90 EUR",
    "No. 5 fghijklmnop",
    "Qu'est-ce que c'est?",
    "Weather & Traffic",
    "iIlL1| O0Q",
    "© 2026 Studio",
    "100 % (net)",
)
_WORDS = {
    # Letters that look like Latin ones are meant.
    "greek": ("Η τελευταία μέρα", "ΑΘΗΝΑ 1922", "Καλημέρα κόσμε"),  # noqa: RUF001
    "cyrillic": ("Последний берег", "ЧАСТЬ ПЕРВАЯ", "Режиссёр", "Київ, 1991"),  # noqa: RUF001
    "japanese": ("最後の港", "監督", "東京物語", "つづく", "第二章 夜明け"),
    "devanagari": ("अंतिम तट", "निर्देशक", "भाग दो"),
    "hebrew": ("הנמל האחרון", "במאי", "פרק שני"),
}
_FOLDERS = (
    (
        "matplotlib",
        "mpl-data/fonts/ttf",
        ("DejaVuSans", "DejaVuSerif", "STIXGeneral", "cmr10", "cmss10", "cmtt10"),
    ),
    ("font_amatic_sc", "files", ("Amatic",)),
    ("font_caladea", "files", ("Caladea",)),
    ("font_fredoka_one", "files", ("Fredoka",)),
    ("font_hanken_grotesk", "files", ("Hanken",)),
    ("font_source_serif_pro", "files", ("SourceSerifPro",)),
    ("pylopdf_fonts_jp", "", ("Noto",)),
    ("pylopdf_fonts_hi", "", ("Noto",)),
    ("pylopdf_fonts_he", "", ("Noto",)),
)
_SCRIPTS = {"pylopdf_fonts_jp": "japanese", "pylopdf_fonts_hi": "devanagari", "pylopdf_fonts_he": "hebrew"}
_LATIN_SHARE = 0.75


@dataclass(frozen=True)
class Typeface:
    """A font file and the scripts it can write."""

    path: Path
    scripts: tuple[str, ...]


@cache
def typefaces() -> tuple[Typeface, ...]:
    """All fonts at hand, in a fixed order.

    Raises:
        InvalidSettings: where a package of the extra `graphics` is not installed.
    """
    faces: list[Typeface] = []
    for package, folder, prefixes in _FOLDERS:
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise InvalidSettings(
                f"the fonts of {package} are missing; install them: {install_command('sparkvsr[graphics]')}"
            )
        root = Path(next(iter(spec.submodule_search_locations))) / folder
        files = sorted(path for path in root.iterdir() if path.suffix in (".ttf", ".otf"))
        # Display variants of DejaVu hold a few symbols and no letters.
        named = [path for path in files if path.stem.startswith(prefixes) and "Display" not in path.stem]
        faces += [Typeface(path, _scripts_of(package, path)) for path in named]
    return tuple(faces)


def words_of(script: str) -> tuple[str, ...]:
    """Lines in a script."""
    return _LATIN if script == "latin" else _WORDS[script]


def draw_words(rng: np.random.Generator, count: int) -> tuple[Path, list[str]]:
    """A font and `count` lines it can write; three in four are Latin."""
    is_latin = rng.random() < _LATIN_SHARE
    faces = [
        face for face in typefaces() if ("latin" in face.scripts if is_latin else face.scripts != ("latin",))
    ]
    face = faces[int(rng.integers(len(faces)))]
    scripts = [script for script in face.scripts if (script == "latin") == is_latin] or list(face.scripts)
    script = scripts[int(rng.integers(len(scripts)))]
    lines = words_of(script)
    return face.path, [lines[int(rng.integers(len(lines)))] for _ in range(count)]


def _scripts_of(package: str, path: Path) -> tuple[str, ...]:
    if package in _SCRIPTS:
        return (_SCRIPTS[package],)
    if path.stem.startswith("DejaVu"):
        return ("latin", "greek", "cyrillic")
    return ("latin",)
