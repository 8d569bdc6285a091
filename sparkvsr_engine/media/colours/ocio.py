"""OpenColorIO, for colour spaces the user named: of the request's config, else of a pinned built-in one."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.system.installing import install_command
from sparkvsr_engine.access.boundary import (
    is_bounded,
    require_beside,
    require_inside,
    require_no_variables,
)
from sparkvsr_engine.core.arrays import FloatPixels
from sparkvsr_engine.media.colours.named_files import named_tables, named_variables

# Pinned: `ocio://default` becomes another config with another version of the library.
BUILT_IN = "ocio://cg-config-v2.1.0_aces-v1.3_ocio-v2.3"
_SCHEME = "ocio://"

# State (size, time) of the files that transforms were made of: OpenColorIO keeps what it read of them.
_states: dict[str, tuple[int, int]] = {}


class OcioTransform:
    """From one colour space to another, by canonical names; may be used by several threads.

    identity: of the files it is made of (lookup tables), by content; empty where it needs none.
    """

    def __init__(self, config: Any, source: str, target: str) -> None:
        self._folder = str(config.getWorkingDir())
        _require_allowed(config)
        self._prepare(lambda: config.getProcessor(source, target), source, target)

    def _prepare(self, make: Callable[[], Any], source: str, target: str) -> None:
        """make: gives the processor; called anew where files it is made of changed."""
        try:
            processor = make()
            files = sorted(processor.getProcessorMetadata().getFiles())
            require_beside(self._folder, files)
            if _have_changed(files):
                _library().ClearAllCaches()
                processor = make()
            self._processor = processor.getDefaultCPUProcessor()
        except _failures() as error:
            _forget_failed_tables()
            raise InvalidSettings(
                f"the OpenColorIO config cannot convert '{source}' to '{target}' ({_first_line(error)}); mend"
                " the config, or name other colour spaces."
            ) from error
        digests = [_digest_of(Path(file)) for file in files if Path(file).is_file()]
        self.identity = _short_hash("".join(digests).encode()) if digests else ""

    def __call__(self, colours: FloatPixels) -> FloatPixels:
        """float32 [H, W, 3] in the target's space, a new array."""
        result = np.array(colours, dtype=np.float32, order="C")
        height, width = result.shape[:2]
        self._processor.apply(_library().PackedImageDesc(result, width, height, 3))
        return result


class DisplayTransform(OcioTransform):
    """From a colour space to what a display shows through one of its views."""

    def __init__(self, config: Any, source: str, display: str, view: str) -> None:
        self._folder = str(config.getWorkingDir())
        _require_allowed(config)
        library = _library()
        make = library.DisplayViewTransform(src=source, display=display, view=view)
        self._prepare(lambda: config.getProcessor(make), source, f"{display}, {view}")


class ColourConfig:
    """One OpenColorIO config.

    location: path or `ocio://` name, for messages. identity: of its content, part of cache keys; empty for
        the built-in one, which a pinned name identifies.
    """

    def __init__(self, location: str, config: Any, identity: str) -> None:
        self.location = location
        self.identity = identity
        self._config = config

    def require_allowed(self) -> None:
        """Raise NotPermitted where a remote client's config names what it may not; reads no table."""
        _require_allowed(self._config)

    @property
    def is_built_in(self) -> bool:
        """Whether it is the engine's own, used where a request names none."""
        return not self.identity

    def canonical_name(self, name: str) -> str:
        """The config's own name of a colour space given by name, alias or role, in any case.

        Raises InvalidSettings with the closest names.
        """
        space = self._config.getColorSpace(name)
        if space is None:
            where = "" if self.is_built_in else f" in {self.location}"
            listed = " or ".join(f"'{close}'" for close in self._close_names(name))
            raise InvalidSettings(f"no colour space is called '{name}'{where}; did you mean {listed}?")
        if space.isData():
            raise InvalidSettings(
                f"'{space.getName()}' holds data, not colours; name the space the pixels are in."
            )
        return str(space.getName())

    def find(self, names: Iterable[str]) -> str:
        """The config's own name of the first of these spaces that it has; empty where it has none."""
        spaces = (self._config.getColorSpace(name) for name in names)
        return next((str(space.getName()) for space in spaces if space is not None), "")

    def is_scene_linear(self, name: str) -> bool:
        """Whether values in a colour space are proportional to light and unbounded."""
        encoding = self._config.getColorSpace(name).getEncoding()
        if encoding or self.is_built_in:
            return bool(encoding == "scene-linear")
        # Configs of OpenColorIO 1 name no encodings.
        reference = _library().REFERENCE_SPACE_SCENE
        try:
            return bool(self._config.isColorSpaceLinear(name, reference))
        except _failures() as error:
            _forget_failed_tables()
            raise InvalidSettings(
                f"the OpenColorIO config cannot convert '{name}' ({_first_line(error)}); mend the config, or"
                " name another colour space."
            ) from error

    def transform(self, source: str, target: str) -> OcioTransform | None:
        """From one space to another; None where they are the same. Raises InvalidSettings."""
        return None if source == target else OcioTransform(self._config, source, target)

    def displays(self) -> dict[str, list[str]]:
        """The displays that are active, each with its views, the usual ones first."""
        return {name: list(self._config.getViews(name)) for name in self._config.getDisplays()}

    def display_transform(self, source: str, display: str = "", view: str = "") -> DisplayTransform:
        """From a space to a display's view; without names through the usual ones.

        Args:
            source: name of the colour space.
            display: name of the display; empty for the usual one.
            view: name of the view; empty for the usual one.

        Raises:
            InvalidSettings: where a value makes no sense.
        """
        display = display or self._config.getDefaultDisplay()
        view = view or self._config.getDefaultView(display)
        if view not in self.displays().get(display, []):
            raise InvalidSettings(
                f"the OpenColorIO config has no view '{view}' of the display '{display}'; choose one it has."
            )
        return DisplayTransform(self._config, source, display, view)

    def _close_names(self, name: str) -> list[str]:
        spaces = self._space_of_names()
        close = difflib.get_close_matches(name.lower(), spaces, n=12, cutoff=0.4) or sorted(spaces)
        return list(dict.fromkeys(spaces[word] for word in close))[:4]

    def _space_of_names(self) -> dict[str, str]:
        """Names, aliases and roles in small letters, each with its space's own name."""
        library = _library()
        spaces = self._config.getColorSpaces(library.SEARCH_REFERENCE_SPACE_ALL, library.COLORSPACE_ALL)
        names = {
            word.lower(): space.getName()
            for space in spaces
            for word in (space.getName(), *space.getAliases())
        }
        roles = {
            role.lower(): self._config.getColorSpace(role).getName() for role in self._config.getRoleNames()
        }
        return {**roles, **names}


def colour_config(location: str = "") -> ColourConfig:
    """The config of a request: a full path, an `ocio://` name, or empty for the engine's own.

    Raises InvalidSettings when it cannot be read, or when OpenColorIO is not installed.
    """
    if not location:
        return _built_in()
    if location.startswith(_SCHEME):
        return _config_of_name(location)
    path = Path(location)
    if not path.is_absolute():
        raise InvalidSettings(
            f"the OpenColorIO config '{location}' is no full path; give its full path, or an ocio:// name."
        )
    require_inside(path)
    try:
        state = path.stat()
        config = _config_of_file(location, state.st_size, state.st_mtime_ns)
    except OSError as error:
        raise InvalidSettings(
            f"the OpenColorIO config {location} cannot be read ({error.strerror}); check its path."
        ) from error
    config.require_allowed()
    return config


@lru_cache(maxsize=1)
def _library() -> Any:
    try:
        import PyOpenColorIO
    except ImportError:
        raise InvalidSettings(
            "colour spaces by name need OpenColorIO; name none and no config, or install it:"
            f" {install_command('sparkvsr[colour]')}"
        ) from None
    return PyOpenColorIO


@lru_cache(maxsize=1)
def _built_in() -> ColourConfig:
    return ColourConfig(BUILT_IN, _library().Config.CreateFromFile(BUILT_IN), "")


@lru_cache(maxsize=4)
def _config_of_name(location: str) -> ColourConfig:
    config = _read_config(location)
    return ColourConfig(location, config, f"config {_short_hash(config.serialize().encode())}")


@lru_cache(maxsize=4)
def _config_of_file(location: str, size: int, modified_ns: int) -> ColourConfig:  # noqa: ARG001 - the file's state
    # Read first: what follows is of this content or newer.
    identity = f"config {_digest_of(Path(location))}"
    return ColourConfig(location, _read_config(location), identity)


def _read_config(location: str) -> Any:
    library = _library()
    try:
        config = library.Config.CreateFromFile(location)
    except _failures() as error:
        names = [f"{_SCHEME}{entry[0]}" for entry in library.BuiltinConfigRegistry().getBuiltinConfigs()]
        close = difflib.get_close_matches(location, names, n=2, cutoff=0.5) or names[-1:]
        advice = f"for example {' or '.join(close)}" if location.startswith(_SCHEME) else "mend the config"
        raise InvalidSettings(
            f"the OpenColorIO config {location} cannot be used ({_first_line(error)}); {advice}."
        ) from error
    # A processor kept by the config would outlive a change of its lookup tables.
    config.setProcessorCacheFlags(library.PROCESSOR_CACHE_OFF)
    return config


def _require_allowed(config: Any) -> None:
    """Judge what a remote client's config names before OpenColorIO reads any of it; raises NotPermitted."""
    folder = str(config.getWorkingDir())
    if is_bounded(folder):
        library = _library()
        require_no_variables(folder, named_variables(config, library))
        require_beside(folder, named_tables(config, library))


def _failures() -> tuple[type[Exception], ...]:
    """What OpenColorIO raises; a missing file is an exception of its own there."""
    return _library().Exception, _library().ExceptionMissingFile


def _forget_failed_tables() -> None:
    """OpenColorIO remembers a table that it could not read by its name, also when it can be read again."""
    _library().ClearAllCaches()


def _have_changed(files: Iterable[str]) -> bool:
    """Whether a file is another than when a transform was made of it before."""
    changed = False
    for file in files:
        path = Path(file)
        if path.is_file():
            state = path.stat().st_size, path.stat().st_mtime_ns
            changed |= _states.get(file, state) != state
            _states[file] = state
    return changed


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def _short_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), "no reason is given").rstrip(".")
