"""Kinds of arrays are named once."""

from __future__ import annotations

import re
from collections import defaultdict

from tests.architecture.reading import ROOT, python_files

ALIAS = re.compile(r"^(\w+) = NDArray\[", re.MULTILINE)


def test_no_two_modules_name_a_kind_of_array_alike():
    places: dict[str, list[str]] = defaultdict(list)
    for file in python_files(ROOT, ("sparkvsr", "sparkvsr_engine")):
        for name in ALIAS.findall((ROOT / file).read_text("utf-8")):
            places[name].append(file.as_posix())
    assert {name: files for name, files in places.items() if len(files) > 1} == {}
