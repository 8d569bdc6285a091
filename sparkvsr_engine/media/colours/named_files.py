"""Which files an OpenColorIO config names, and variables in their names, looked up without reading a table.

OpenColorIO reads a lookup table before it names it, and its complaints quote what it read and what
variables of the engine's own environment hold: configs of remote clients are judged first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_VARIABLE = re.compile(r"\$\{?(\w+)\}?|%(\w+)%")


def named_tables(config: Any, library: Any) -> list[str]:
    """Lookup tables that any of a config's transforms may read; those that are not there are left out.

    Args:
        config: PyOpenColorIO's.
        library: PyOpenColorIO.
    """
    context = config.getCurrentContext()
    files: set[str] = set()
    for name in _table_names(config, library):
        try:
            files.add(str(context.resolveFileLocation(name)))
        except (library.Exception, library.ExceptionMissingFile):
            continue
    return sorted(files)


def named_variables(config: Any, library: Any) -> list[str]:
    """Variables in the names of its tables and in its search paths.

    Args:
        config: PyOpenColorIO's.
        library: PyOpenColorIO.
    """
    texts = [*_table_names(config, library), *config.getSearchPaths()]
    return sorted({match[1] or match[2] for text in texts for match in _VARIABLE.finditer(text)})


def _table_names(config: Any, library: Any) -> Iterator[str]:
    for transform in _transforms(config, library):
        yield from _names(transform, library)


def _transforms(config: Any, library: Any) -> Iterator[Any]:
    spaces = config.getColorSpaceNames(library.SEARCH_REFERENCE_SPACE_ALL, library.COLORSPACE_ALL)
    ways = (library.COLORSPACE_DIR_TO_REFERENCE, library.COLORSPACE_DIR_FROM_REFERENCE)
    yield from (config.getColorSpace(name).getTransform(way) for name in spaces for way in ways)
    ways = (library.TRANSFORM_DIR_FORWARD, library.TRANSFORM_DIR_INVERSE)
    yield from (named.getTransform(way) for named in config.getNamedTransforms() for way in ways)
    ways = (library.VIEWTRANSFORM_DIR_TO_REFERENCE, library.VIEWTRANSFORM_DIR_FROM_REFERENCE)
    yield from (view.getTransform(way) for view in config.getViewTransforms() for way in ways)
    for look in config.getLooks():
        yield from (look.getTransform(), look.getInverseTransform())


def _names(transform: Any, library: Any) -> Iterator[str]:
    if isinstance(transform, library.GroupTransform):
        for part in transform:
            yield from _names(part, library)
    elif isinstance(transform, library.FileTransform):
        yield str(transform.getSrc())
