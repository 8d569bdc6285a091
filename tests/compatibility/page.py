"""docs/formats.md: what the tests prove, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.compatibility.claims import TABLES, Claim, gathered

PAGE = Path(__file__).resolve().parents[2] / "docs" / "formats.md"
INTRODUCTION = """# Formats, and what files do to it

Made from the tests by `python scripts/compatibility_page.py`; every row names the tests that prove it,
which write files, render or carry them, and read the result with a library other than the one that wrote it.
A test fails when this page is not what the tests claim.
"""
HEADINGS = {
    "pictures": (
        "Numbered pictures",
        "*Reported* before rendering, as a warning of the job or as its refusal.",
    ),
    "movies": ("Movies", "*Reported* before rendering, as a warning of the job or as its refusal."),
    "kinds of pictures": (
        "Kinds of faults: pictures",
        "Kinds of input that other programs have stumbled over, with the variants the tests make of each.",
    ),
    "kinds of movies": ("Kinds of faults: movies", "The same for movies."),
    "round trips": (
        "Round trips",
        "`--model identity --scale 1`: files through the whole program, item by item.",
    ),
}


def page(claims: Sequence[Claim] | None = None) -> str:
    """The page's text."""
    claims = gathered() if claims is None else claims
    sections = [INTRODUCTION]
    for table, (heading, lead) in HEADINGS.items():
        rows = [claim for claim in claims if claim.table == table]
        if rows:
            body = _round_trips(rows) if table == "round trips" else _table(table, rows)
            sections.append(f"## {heading}\n\n{lead}\n\n{body}")
    return "\n".join(sections)


def _table(table: str, claims: Sequence[Claim]) -> str:
    columns = TABLES[table]
    lines = [_line("", *columns, "tests"), _line(*["---"] * (len(columns) + 2))]
    for subject, row_claims in _rows(table, claims):
        cells = [_joined(str(claim.columns.get(column, "")) for claim in row_claims) for column in columns]
        lines.append(_line(f"**{subject}**", *cells, _names(row_claims)))
    return "\n".join(lines) + "\n"


def _rows(table: str, claims: Sequence[Claim]) -> list[tuple[str, list[Claim]]]:
    """A format's claims make one row; of a kind each variant has its own result, and so its own row."""
    ordered = sorted(claims, key=lambda claim: claim.subject)
    if "result" in TABLES[table]:
        return [(claim.subject, [claim]) for claim in ordered]
    subjects = dict.fromkeys(claim.subject for claim in ordered)
    return [(subject, [claim for claim in ordered if claim.subject == subject]) for subject in subjects]


def _round_trips(claims: Sequence[Claim]) -> str:
    parts: list[str] = []
    for claim in claims:
        rows = [_line(item, result) for item, result in claim.columns["items"].items()]
        head = [f"**{claim.subject}** ({_names([claim])})", "", _line("item", "result"), _line("---", "---")]
        parts.append("\n".join([*head, *rows]) + "\n")
    return "\n".join(parts)


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _names(claims: Sequence[Claim]) -> str:
    tests = dict.fromkeys(claim.test for claim in claims)
    return ", ".join(f"`{test.rpartition('/')[2]}`" for test in tests)


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
