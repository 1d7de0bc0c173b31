"""Saved Daily Papers pages: both layouts, and every way in which they are known to be odd."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.sources.hf_page import looks_like_page, read_page
from ingest.titles import title_id, title_key

BANNER = (
    "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nDaily Papers\n\n"
    "byAK and the research community\n\n"
)
FOLD = "FoldNet: Folding Nets for Small Chips\n\nWe fold networks along their channels. Memory falls by 40%.\n\n"
WARM = "Warm Starts Matter\n\nStarting from old weights helps. It saves 3 of 10 epochs.\n\n"


def bylined(*papers: str, day: str = "Dec 11") -> str:
    return BANNER + f"{day}\n\n" + "".join(papers)


def byline(first: str = "7 authors", day: str = "Jul 21, 2024") -> str:
    return f"  • {first}\n·\n{day}\n\n" if first.endswith(("author", "authors")) else f"{first}\n·\n{day}\n\n"


def test_bylined_page_gives_title_abstract_authors_date_and_comments() -> None:
    page = read_page(bylined(FOLD, byline("7 authors", "Jul 21, 2024 3")), path="p.txt")
    (paper,) = page.papers
    assert paper.title == "FoldNet: Folding Nets for Small Chips"
    assert paper.abstract == "We fold networks along their channels. Memory falls by 40%."
    assert (paper.n_authors, paper.published, paper.n_comments) == (7, date(2024, 7, 21), 3)
    assert not paper.published_inferred
    assert paper.seen_on == ("p.txt",)
    assert page.n_bylines == 1 and not page.errors and not page.warnings


def test_a_single_author_counts_as_one() -> None:
    (paper,) = read_page(bylined(FOLD, byline("1 author")), path="p").papers
    assert paper.n_authors == 1


def test_an_organisation_byline_gives_handle_and_name() -> None:
    (paper,) = read_page(bylined(FOLD, byline("tiny-lab The Tiny Lab")), path="p").papers
    assert (paper.organisation_slug, paper.organisation, paper.n_authors) == ("tiny-lab", "The Tiny Lab", None)


def test_a_paper_without_a_byline_is_not_merged_with_the_next() -> None:
    page = read_page(bylined(FOLD, WARM, byline()), path="p")
    assert [paper.title for paper in page.papers] == ["FoldNet: Folding Nets for Small Chips", "Warm Starts Matter"]
    assert [paper.published for paper in page.papers] == [None, date(2024, 7, 21)]
    assert page.n_bylines == 1


def test_a_date_without_a_year_is_in_the_year_after_the_newest_one_written_out() -> None:
    page = read_page(bylined(FOLD, byline(day="Jul 21, 2023"), WARM, byline(day="Mar 4 12")), path="p")
    dated = page.papers[1]
    assert (dated.published, dated.published_inferred, dated.n_comments) == (date(2024, 3, 4), True, 12)


def test_a_date_without_a_year_after_the_pages_own_day_stays_empty_with_a_warning() -> None:
    page = read_page(bylined(FOLD, byline(day="Jul 21, 2023"), WARM, byline(day="Dec 12")), path="p")
    assert page.papers[1].published is None
    assert page.warnings == ("p:27: 'Dec 12' gives no date that fits the page; “Warm Starts Matter” stays undated",)


@pytest.mark.parametrize("day", ["Feb 30, 2024", "Foo 3, 2024", "yesterday"])
def test_a_day_that_does_not_exist_leaves_the_paper_undated_with_a_warning(day: str) -> None:
    page = read_page(bylined(FOLD, byline(day=day)), path="p")
    assert page.papers[0].published is None and len(page.warnings) == 1 and "p:19" in page.warnings[0]


def test_a_page_whose_own_date_has_a_year_uses_it() -> None:
    page = read_page(bylined(FOLD, byline(day="Mar 4"), day="Dec 11, 2022"), path="p")
    assert page.papers[0].published == date(2022, 3, 4)


def test_compact_page_takes_title_and_abstract_in_turns() -> None:
    text = (
        "Get trending papers in your email inbox once a day!\nGet trending papers in your email inbox!\n"
        "SubscribeFoldNet: Folding Nets\nWe fold. It works.\nWhy Fold?\nBecause it helps."
    )
    page = read_page(text, path="c.txt")
    assert [(p.title, p.abstract) for p in page.papers] == [
        ("FoldNet: Folding Nets", "We fold. It works."),
        ("Why Fold?", "Because it helps."),
    ]
    assert not page.errors


def test_windows_line_ends_read_the_same() -> None:
    text = bylined(FOLD, byline())
    assert read_page(text.replace("\n", "\r\n"), path="p").papers == read_page(text, path="p").papers


def test_an_abstract_of_two_paragraphs_stays_one_abstract() -> None:
    second = "A second paragraph follows, long enough that nobody takes it for a title. " * 6
    page = read_page(bylined(FOLD, second.strip() + "\n\n", byline(), WARM, byline()), path="p")
    assert len(page.papers) == 2 and page.papers[0].abstract.endswith(second.strip())


def test_double_spaces_quotes_and_mathematics_stay_as_they_are() -> None:
    odd = "Odd “Abstract”\n\nThe  $E^{2}$ norm isn't 'small'.  It is 5\\%.\n\n"
    (paper,) = read_page(bylined(odd, byline()), path="p").papers
    assert paper.abstract == "The  $E^{2}$ norm isn't 'small'.  It is 5%."


@pytest.mark.parametrize(
    ("cut", "line", "n_read", "words"),
    [
        ("Warm Starts Matter\n\nStarting from old wei", 23, 1, "ends inside the abstract"),
        ("Warm Starts Matter", 21, 1, "without its abstract"),
        ("Warm Starts Matter\n\nStarting from old weights helps.\n\n  • 3 auth", 25, 2, "in the middle of a byline"),
    ],
)
def test_a_page_that_breaks_off_keeps_what_came_before_and_says_where(
    cut: str, line: int, n_read: int, words: str
) -> None:
    page = read_page(bylined(FOLD, byline()) + cut, path="p.txt")
    (error,) = page.errors
    assert len(page.papers) == n_read
    assert (error.path, error.line, error.n_read) == ("p.txt", line, n_read)
    assert words in str(error) and f"p.txt:{line}:" in str(error)


def test_a_page_that_stops_within_its_last_date_leaves_that_paper_undated() -> None:
    for end in ("Apr", "Apr 17,", "Apr 17, 20"):
        page = read_page(bylined(FOLD, byline()) + WARM + f"  • 2 authors\n·\n{end}", path="p")
        assert [p.published for p in page.papers] == [date(2024, 7, 21), None], end
        assert page.errors and page.errors[0].line == 27 and page.papers[1].n_authors == 2


def test_a_page_that_breaks_off_infers_no_year_from_the_part_that_is_left() -> None:
    page = read_page(bylined(FOLD, byline(day="Jul 21, 2023"), WARM, byline(day="Mar 4")) + "Cut Title", path="p")
    assert [p.published for p in page.papers] == [date(2023, 7, 21), None]
    assert page.errors and len(page.warnings) == 1


def test_a_short_second_paragraph_before_a_byline_belongs_to_the_abstract() -> None:
    page = read_page(bylined(FOLD, "And it is simple.\n\n", byline(), WARM, byline()), path="p")
    assert not page.errors and len(page.papers) == 2
    assert page.papers[0].abstract.endswith("40%.\n\nAnd it is simple.") and page.papers[0].n_authors == 7


def test_a_compact_page_that_ends_after_a_title_says_so() -> None:
    page = read_page("Get trending papers in your email inbox!\nSubscribeOne\nIt works.\nTwo", path="c")
    (error,) = page.errors
    assert len(page.papers) == 1 and error.line == 4 and "“Two”" in str(error)


def test_a_byline_in_a_titles_place_is_reported() -> None:
    page = read_page(bylined(byline(), FOLD, byline()), path="p")
    assert page.errors[0].line == 13 and "byline" in str(page.errors[0])


@pytest.mark.parametrize("text", ["", "  \n\n"])
def test_an_empty_page_is_an_error_at_line_one(text: str) -> None:
    (error,) = read_page(text, path="e").errors
    assert "e:1: the file is empty" in str(error)


def test_text_of_another_kind_is_not_a_page() -> None:
    text = "Dear all,\n\nplease find the minutes attached.\n\nBest wishes\n"
    assert not looks_like_page(text)
    assert "neither a saved Daily Papers page" in str(read_page(text, path="m.txt").errors[0])


def test_titles_fold_case_accents_latex_and_punctuation_but_not_a_methods_plus() -> None:
    assert title_key("E$^{2}$GAN:  Efficient") == title_key("$E^{2}$GAN: efficient")
    assert title_key("Café Models!") == title_key("cafe  models")
    assert title_key("SmoothQuant+") != title_key("SmoothQuant")
    assert title_key("C#") != title_key("C")
    assert title_id("Deep Model Assembling") == title_id("deep  model-assembling")


def test_a_byline_in_a_year_that_cannot_be_dates_nothing() -> None:
    page = read_page(bylined(FOLD, byline(day="Jul 21, 9999"), WARM, byline(day="Mar 4")), path="p")
    assert [paper.published for paper in page.papers] == [None, None] and len(page.warnings) == 2


def test_markup_and_controls_are_cleaned_and_an_endless_abstract_is_rejected_by_its_line() -> None:
    odd = "<b>Odd</b> Nets\x07\n\nIf a < b, they\u202e fold &amp; fit.\n\n"
    page = read_page(
        bylined(odd, byline(), "Long\n\n" + "word " * 20_000 + "end.\n\n", byline(), WARM, byline()), path="p"
    )
    assert [paper.title for paper in page.papers] == ["Odd Nets", "Warm Starts Matter"]
    assert page.papers[0].abstract == "If a < b, they fold & fit."
    (error,) = page.errors
    assert (error.line, error.n_read) == (21, 1) and "the abstract has 100,004 characters" in str(error)


def test_the_real_pages_are_read_whole(seeds: Path) -> None:
    pages = [read_page(file.read_text("utf-8"), path=file.name) for file in sorted(seeds.glob("*.txt"))]
    assert [len(page.papers) for page in pages] == [47, 47, 333, 107, 101]
    assert sum(page.n_bylines for page in pages) == 290
    assert not any(page.errors or page.warnings for page in pages)
    papers = {
        title_key(p.title): p for page in pages for p in sorted(page.papers, key=lambda p: p.published is not None)
    }
    dates = sorted(p.published for page in pages for p in page.papers if p.published)
    assert len(papers) == 615
    assert (dates[0], dates[-1]) == (date(2016, 4, 29), date(2025, 11, 24))
    assert len({title_key(p.title) for page in pages for p in page.papers if p.published}) == 279
    assert sum(p.organisation is not None for page in pages for p in page.papers) == 9
