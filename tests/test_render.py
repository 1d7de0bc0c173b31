"""Answers as text: wrapped, referenced, harmless."""

from __future__ import annotations

from datetime import date

from rag.schema import Answer, Citation, Coverage
from ui.render import answer_text, clean, coverage_text

COVERAGE = Coverage(n_papers=615, n_searched=615, first=date(2016, 4, 29), last=date(2025, 11, 24), n_undated=336)


def cite(marker: int, title: str, **fields: object) -> Citation:
    values = {"paper_id": title, "published": None, "url": None, "quote": "q", "start": 0, "end": 1} | fields
    return Citation(marker=marker, title=title, **values)  # type: ignore[arg-type]


def test_an_answer_ends_with_one_reference_a_paper() -> None:
    citations = (
        cite(1, "FoldNet", published=date(2024, 5, 1), url="https://x.org/1"),
        cite(2, "FoldNet"),
        cite(3, "Why?"),
    )
    answer = Answer(
        question="q",
        text="**FoldNet (2024)**\n\nIt folds. [1] It saves 40%. [2]\n\n- **Why?**: Because. [3]",
        mode="quoting",
        citations=citations,
        coverage=COVERAGE,
    )
    assert answer_text(answer) == (
        "FoldNet (2024)\n\nIt folds. [1] It saves 40%. [2]\n\n- Why?: Because. [3]\n\n"
        "Sources\n[1][2] FoldNet. 1 May 2024. https://x.org/1\n[3] Why? No date."
    )
    assert answer_text(answer, bold=True).startswith("**FoldNet (2024)**")


def test_tables_are_aligned_and_fit_the_width() -> None:
    text = "Two papers.\n\n| year | paper |\n|---|---|\n| 2024 | A long title that goes on and on |\n| 2025 | B \\| C |"
    answer = Answer(question="q", text=text, mode="quoting", coverage=COVERAGE)
    assert answer_text(answer, width=24) == (
        "Two papers.\n\n"
        "year  paper\n"
        "----  ------------------\n"
        "2024  A long title that\n"
        "      goes on and on\n"
        "2025  B | C"
    )


def test_coverage_reads_as_a_sentence() -> None:
    assert coverage_text(COVERAGE) == "615 papers, 29 April 2016 to 24 November 2025, 336 without a date"
    one = Coverage(n_papers=2, n_searched=1, first=None, last=None, n_undated=1)
    assert coverage_text(one) == "1 paper of 2, 1 without a date"
    day = date(2024, 5, 2)
    assert coverage_text(Coverage(n_papers=3, n_searched=1, first=day, last=day)) == "1 paper of 3, 2 May 2024"


def test_control_characters_and_direction_marks_are_taken_out() -> None:
    assert clean("a\x1b[31mb\x07\u202ec\td\ne\x9f") == "a[31mbc\td\ne"


def test_large_numbers_of_papers_have_commas_and_years_have_none() -> None:
    from datetime import date

    from rag.schema import Coverage
    from ui.render import coverage_text

    days = {"first": date(2016, 4, 29), "last": date(2025, 11, 24)}
    words = coverage_text(Coverage(n_papers=100_000, n_searched=4210, n_undated=12_345, **days))
    assert words == "4,210 papers of 100,000, 29 April 2016 to 24 November 2025, 12,345 without a date"
