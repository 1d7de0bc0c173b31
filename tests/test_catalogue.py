"""Answers about the library itself are exact, show their table and say what they left out. Numbers counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest import add_papers
from rag.catalogue import CatalogueAnswer, answer
from rag.library import Library
from rag.questions import understand
from tests.shelf_of_questions import PAPERS, TODAY, titled


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library.create(tmp_path_factory.mktemp("catalogue") / "library")
    add_papers(library, PAPERS)
    return library


def told(library: Library, question: str) -> CatalogueAnswer:
    found = answer(understand(question, library=library, today=TODAY), library)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("question", "n", "lacking"),
    [
        ("how many papers are there?", 12, 0),
        ("how many papers are from 2024?", 2, 6),
        ("how many papers came out between 2019 and 2021?", 2, 6),
        ("how many papers on federated learning?", 6, 0),
        ("how many papers on federated learning since 2025?", 1, 5),
        ("how many single-author papers?", 2, 5),
        ("how many papers from ByteForge?", 2, 9),
        ("how many papers have more than 5 comments?", 3, 7),
        ("how many papers from ByteForge in 2025?", 2, 6),
        ("how many papers on songs or robots?", 2, 0),
        ("how many papers on submarines?", 0, 0),
    ],
)
def test_counts_are_exact_and_say_what_could_not_be_judged(shelf: Library, question: str, n: int, lacking: int) -> None:
    found = told(shelf, question)
    assert (found.n_matching, found.n_lacking_field) == (n, lacking)
    assert f"**{n}**" in found.text or f"**{n} papers**" in found.text
    if lacking:
        assert f"{lacking} " in found.text
        assert "could not be judged" in found.text


def test_the_rule_of_a_topic_is_stated(shelf: Library) -> None:
    text = told(shelf, "how many papers on federated learning?").text
    assert "all words of “federated learning” occur in its title or abstract" in text


def test_a_list_has_a_table_with_markers_in_the_order_of_the_papers(shelf: Library) -> None:
    found = told(shelf, "list the papers from 2024")
    assert [paper.title for paper in found.papers] == ["Quantization Without Tears", titled("FoldNet").title]
    assert "| [2] | FoldNet: Folding Networks for Small Chips | 2024-05-01 | Tiny Lab | 3 | 6 |" in found.text
    assert found.rows[0][:2] == ("[1]", "Quantization Without Tears")


def test_an_empty_list_abstains(shelf: Library) -> None:
    found = told(shelf, "which papers are from 2015?")
    assert found.abstained
    assert found.reason == "filtered_out"
    assert "6 have no date" in found.text


def test_a_list_on_a_topic_without_its_words_is_left_to_the_search(shelf: Library) -> None:
    query = understand("list all papers on submarine choirs", library=shelf, today=TODAY)
    assert answer(query, shelf) is None


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("what is the newest paper?", "DriftGuard"),
        ("what is the oldest paper?", "Song Maker"),
        ("which paper has the most authors?", "Quantization Without"),
        ("which paper of 2024 was discussed most?", "FoldNet"),
        ("newest single-author paper?", "WarmUp++"),
        ("oldest paper on federated learning", "DriftGuard"),
    ],
)
def test_extremes_are_found_over_the_whole_library(shelf: Library, question: str, title: str) -> None:
    found = told(shelf, question)
    assert found.papers == (titled(title),)
    assert titled(title).title in found.text


def test_ties_are_all_named(shelf: Library) -> None:
    found = told(shelf, "which paper has the most comments?")
    assert {paper.title for paper in found.papers} == {titled("WarmUp++").title, titled("DriftGuard").title}
    assert "Tied at 9 comments" in found.text


def test_several_extremes_come_in_order(shelf: Library) -> None:
    found = told(shelf, "the three newest papers")
    assert [paper.title.split(":")[0] for paper in found.papers] == [
        "DriftGuard",
        "WarmUp++",
        "Quantization Without Tears",
    ]


def test_a_timeline_counts_every_period_and_names_the_peak(shelf: Library) -> None:
    found = told(shelf, "how many papers per year?")
    assert found.rows == (
        ("2019", "1"),
        ("2020", "0"),
        ("2021", "1"),
        ("2022", "0"),
        ("2023", "0"),
        ("2024", "2"),
        ("2025", "2"),
    )
    assert "Most in 2024 and 2025: **2**" in found.text
    assert found.n_lacking_field == 6
    months = told(shelf, "papers a month in 2024")
    assert months.rows[0] == ("2024-05", "1")
    assert months.rows[-1] == ("2024-11", "1")


def test_two_years_are_set_against_each_other(shelf: Library) -> None:
    found = told(shelf, "were there more papers in 2021 or in 2024?")
    assert found.rows == (("2021", "1"), ("2024", "2"))
    assert "1 in 2021, 2 in 2024" in found.text


def test_organisations_are_counted(shelf: Library) -> None:
    found = told(shelf, "which organisations are in the library?")
    assert found.rows == (("ByteForge", "2"), ("Tiny Lab", "1"))
    assert "9 of 12 papers name no organisation" in found.text


def test_means_and_sums_are_over_the_papers_that_have_the_field(shelf: Library) -> None:
    mean = told(shelf, "what is the average number of authors per paper?")
    assert "**4.0** authors" in mean.text  # 3 + 1 + 1 + 5 + 2 + 12 + 4 = 28 over 7
    assert mean.n_lacking_field == 5
    assert "**27** comments in total" in told(shelf, "how many comments are there in total?").text


def test_papers_without_a_field_can_be_counted(shelf: Library) -> None:
    assert told(shelf, "how many papers have no date?").n_matching == 6
    assert told(shelf, "how many papers have an organisation?").n_matching == 3


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("when was FoldNet published?", "published on 1 May 2024"),
        ("how many authors does FoldNet have?", "has 3 authors"),
        ("how many comments did FoldNet get?", "has 6 comments"),
        ("which organisation is FoldNet from?", "is from Tiny Lab"),
        ("when was the Tiny Lab paper published?", "published on 1 May 2024"),
        ("when was the paper on composing songs published?", "published on 4 July 2019"),
        ("when was FoldNet published and by which organisation?", "is from Tiny Lab"),
    ],
)
def test_a_field_of_one_paper_is_told(shelf: Library, question: str, words: str) -> None:
    found = told(shelf, question)
    assert words in found.text
    assert not found.abstained


@pytest.mark.parametrize(
    "question",
    [
        "who wrote FoldNet?",
        "when was Slow Federated Learning published?",
        "which organisation is Song Maker from?",
    ],
)
def test_a_field_that_the_library_lacks_is_not_made_up(shelf: Library, question: str) -> None:
    found = told(shelf, question)
    assert (found.abstained, found.reason) == (True, "not_stated")


def test_a_paper_that_is_not_there_has_no_date(shelf: Library) -> None:
    found = told(shelf, "when was HoverNet7 published?")
    assert (found.abstained, found.reason) == (True, "no_evidence")


def test_authors_are_named_where_the_library_knows_them(library: Library) -> None:
    add_papers(library, [replace(titled("FoldNet"), authors=("A. Crane", "B. Fold", "C. Paper"))])
    assert "A. Crane, B. Fold, C. Paper" in told(library, "who wrote FoldNet?").text


def test_what_else_is_asked_is_quoted_from_the_abstract(shelf: Library) -> None:
    found = told(shelf, "what is the oldest paper, and what is it about?")
    assert "“A network composes songs from text. Listeners prefer its songs in 61% of the cases.” [1]" in found.text


def test_bars_in_titles_do_not_break_the_table(library: Library) -> None:
    add_papers(library, [replace(titled("Song Maker"), title="Songs | and Bars")])
    assert "Songs \\| and Bars" in told(library, "list all papers").text


def test_an_empty_library_counts_nothing(library: Library) -> None:
    assert told(library, "how many papers are there?").n_matching == 0
    assert told(library, "what is the newest paper?").abstained
    assert told(library, "papers per year").abstained
