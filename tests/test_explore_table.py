"""The table of the shelf over the whole library: searched, narrowed and sorted by the server. Numbers were counted by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ingest import add_papers
from rag.library import Library
from tests.conftest import paper
from ui.shelf_table import Wanted, organisations, page

SHELF = (
    paper(
        "Zebra loaves", "Bread that rises.", published=date(2024, 5, 1), organisation="Mill", n_comments=3, n_authors=2
    ),
    paper(
        "apple Loaves", "Bread with quantized fruit.", published=date(2024, 5, 31), organisation="mill", n_comments=9
    ),
    paper("Buns by quantization", "Small loaves.", published=date(2024, 6, 1), organisation="Bakery", n_authors=7),
    paper(r"E$^{2}$Bun: \textbf{L}azy buns", "Left to stand.", published=date(2023, 1, 2), n_comments=0),
    paper("Crusts", "Hard outside.", organisation="\u202eyrekaB"),
)


@pytest.fixture
def shelf(library: Library) -> Library:
    add_papers(library, list(SHELF))
    return library


def titles(shelf: Library, **asked: Any) -> list[str]:
    found = page(shelf, Wanted.read(asked))
    assert found["n"] >= len(found["rows"])
    return [row[1].split()[0] for row in found["rows"]]


@pytest.mark.parametrize(
    ("by", "descending", "expected"),
    [
        ("published", True, ["Buns", "apple", "Zebra", "E²Bun:", "Crusts"]),
        ("published", False, ["E²Bun:", "Zebra", "apple", "Buns", "Crusts"]),
        ("title", False, ["apple", "Buns", "Crusts", "E²Bun:", "Zebra"]),
        ("title", True, ["Zebra", "E²Bun:", "Crusts", "Buns", "apple"]),
        ("n_comments", True, ["apple", "Zebra", "E²Bun:"]),
        ("n_authors", True, ["Buns", "Zebra"]),
    ],
)
def test_the_whole_library_is_sorted_and_what_is_lacking_comes_last(
    shelf: Library, by: str, descending: bool, expected: list[str]
) -> None:
    found = titles(shelf, by=by, descending=descending)
    assert found[: len(expected)] == expected and len(found) == 5


def test_by_organisation_those_of_one_stand_together_and_those_without_last(shelf: Library) -> None:
    found = titles(shelf, by="organisation", descending=False)
    assert found[0] == "Buns" and set(found[1:3]) == {"apple", "Zebra"} and found[3:] == ["Crusts", "E²Bun:"]


@pytest.mark.parametrize("by", ["published", "title", "n_comments", "organisation", "n_authors"])
def test_pages_one_after_another_are_the_whole(shelf: Library, by: str) -> None:
    in_one = titles(shelf, by=by)
    in_parts = [title for offset in range(0, 6) for title in titles(shelf, by=by, offset=offset, n=1)]
    assert in_parts == in_one and len(set(in_one)) == 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loaves", {"Zebra", "apple", "Buns"}),  # in titles, and in the abstract of the third
        ("LOAF", set()),
        ("quantiz", {"apple", "Buns"}),  # unfinished
        ("bread rises", {"Zebra"}),
        ("bread ris", {"Zebra"}),
        ("ris bread", set()),  # only the last word may be unfinished
        ("zorbly", set()),
        ("the", {"Zebra", "apple", "Buns", "E²Bun:", "Crusts"}),
        ('"(* OR zorbly', set()),
    ],
)
def test_every_word_has_to_occur_in_title_or_abstract(shelf: Library, text: str, expected: set[str]) -> None:
    assert set(titles(shelf, text=text)) == expected


def test_months_years_and_organisations_narrow_it(shelf: Library) -> None:
    assert titles(shelf, period="2024-05") == ["apple", "Zebra"]
    assert titles(shelf, period="2024") == ["Buns", "apple", "Zebra"]
    assert titles(shelf, period="2024-05", organisation="MILL", text="fruit") == ["apple"]
    assert page(shelf, Wanted.read({"period": "2024", "n": 1}))["n"] == 3


def test_organisations_are_counted_over_all_and_shown_without_marks_of_direction(shelf: Library) -> None:
    counted = organisations(shelf.keywords, 12)
    assert [(name.casefold(), n) for name, n, _ in counted] == [("mill", 2), ("bakery", 1), ("yrekab", 1)]
    # The name that is asked for is the library's own.
    assert titles(shelf, organisation=counted[2][2]) == ["Crusts"]


@pytest.mark.parametrize(
    "given",
    [None, [], "x", {"by": "paper_id", "period": "9", "offset": -4, "n": True, "organisation": 3, "text": None}],
)
def test_what_is_not_understood_is_left_out(shelf: Library, given: object) -> None:
    assert Wanted.read(given) == Wanted()
    assert page(shelf, Wanted.read(given))["n"] == 5
    assert Wanted.read({"n": 10**9, "offset": 10**12, "text": "x" * 9_999}).n == 200
