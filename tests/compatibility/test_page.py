"""docs/formats.md lists what the tests prove, no more and no less."""

import ast
import re

import pytest

from tests.compatibility.claims import TABLES, TESTS, Claim, covers, gathered
from tests.compatibility.page import PAGE, page

KINDS_OF_PICTURES = "ABCDEFGHIJKLM"


def test_the_page_matches_the_tests():
    assert PAGE.read_text("utf-8") == page(), "run python scripts/compatibility_page.py"


def test_every_claim_has_its_columns_and_a_test_that_is_there():
    claims = gathered()
    assert {claim.table for claim in claims} == set(TABLES)
    for claim in claims:
        assert set(claim.columns) <= set(TABLES[claim.table]), claim
        assert all(claim.columns.values()), claim
        file, _, name = claim.test.partition("::")
        tree = ast.parse((TESTS / file).read_text("utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name.startswith("test_"), claim


def test_every_kind_has_a_row():
    named = {claim.subject for claim in gathered() if claim.table == "kinds of pictures"}
    assert {subject[0] for subject in named} == set(KINDS_OF_PICTURES)


def test_rows_of_one_subject_are_one_line():
    claims = [
        Claim("pictures", "EXR", {"read": "half"}, "a/test_x.py::test_one"),
        Claim("pictures", "EXR", {"read": "float", "kept": "layers"}, "a/test_x.py::test_two"),
    ]
    (line,) = re.findall(r"^\| \*\*EXR.*$", page(claims), re.MULTILINE)
    assert line == "| **EXR** | half; float |  | layers |  | `test_x.py::test_one`, `test_x.py::test_two` |"


def test_a_column_no_table_has_is_refused():
    with pytest.raises(ValueError, match="no columns"):
        covers("pictures", "EXR", wrong="")
