"""What is asked of the papers' records: periods apart from each other, conditions that no filter says, other names of a topic,
comparisons of named papers, and what cannot be asked. Numbers were counted by hand over tests/shelf_of_questions.py.
"""

from __future__ import annotations

from datetime import date

import pytest

from ingest import add_papers
from rag.cataloguing.variants import other_names
from rag.engine import Engine
from rag.library import Library
from tests.conftest import paper
from tests.shelf_of_questions import PAPERS, TODAY, talked


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    library = Library.create(tmp_path_factory.mktemp("records") / "library")
    add_papers(library, PAPERS)
    return Engine(library, today=lambda: TODAY)


@pytest.mark.parametrize(
    ("question", "n"),
    [
        ("how many papers from 2019 or 2024?", 3),
        ("how many papers from 2021 and 2025?", 3),
        ("how many papers in 2019 and 2025?", 3),
        ("how many papers from either 2019 or 2025?", 3),
        ("how many papers outside 2024 and 2025?", 2),
        ("how many papers in 2024 excluding May?", 1),
        ("how many papers in 2024 but not in November?", 1),
        ("how many papers in May or November 2024?", 2),
        ("how many papers in May or July 2024?", 1),
        ("how many papers from May 2024 or March 2025?", 2),
        ("how many papers by 4 or 5 authors?", 2),
        ("how many papers by 1 or 5 authors?", 3),
        ("how many papers from 2019 or 2025 by 1 or 4 authors?", None),
    ],
)
def test_periods_apart_are_counted_without_what_lies_between(engine: Engine, question: str, n: int | None) -> None:
    answer = engine.ask(question)
    if n is None:  # two gaps at once are not counted, and that is said
        assert answer.abstained
        assert "cannot be asked here" in answer.text
    else:
        assert answer.text.startswith(f"**{n}** of 12 papers")


@pytest.mark.parametrize("question", ["papers except 2019 and 2024", "how many papers from 2019, 2021 and 2025?"])
def test_more_periods_than_can_be_left_out_are_said_and_not_counted(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    assert answer.abstained
    assert "cannot be asked here" in answer.text


def test_years_apart_in_a_list_and_in_an_extreme(engine: Engine) -> None:
    listed = engine.ask("list the papers from 2019 or 2024")
    assert {one.title.split(":")[0] for one in listed.papers} == {"FoldNet", "Quantization Without Tears", "Song Maker"}
    assert "published in 2019 or in 2024" in listed.text
    assert "DriftGuard" not in engine.ask("newest paper from 2019 or 2024").text
    assert "12 in 2024" not in engine.ask("how many more papers in 2024 than in 2019?").text
    assert "1 more in 2024" in engine.ask("how many more papers in 2024 than in 2019?").text


@pytest.mark.parametrize(
    ("question", "n", "lacking"),
    [
        ("how many papers were published on a Monday?", 1, 6),
        ("how many papers were published on Thursdays?", 3, 6),
        ("how many papers were published on a weekend?", 1, 6),
        ("how many papers have an odd number of authors?", 4, 5),
        ("how many papers have an even number of authors?", 3, 5),
        ("how many papers have more authors than comments?", 1, 8),
        ("how many papers have fewer authors than comments?", 3, 8),
        ("how many papers have an inferred date?", 0, 6),
        ("papers whose title starts with F", 3, 0),
        ("how many papers have federated in the title?", 5, 0),
        ("how many papers do not mention federated learning?", 6, 0),
        ("how many papers from 2025 are not about federated learning?", 1, 6),
        ("list papers that do not mention federated learning since 2025", 1, 6),
    ],
)
def test_conditions_that_no_filter_says_are_counted_exactly(
    engine: Engine, question: str, n: int, lacking: int
) -> None:
    answer = engine.ask(question)
    assert answer.text.startswith(f"**{n}** of 12 papers")
    assert (f"{lacking} have no" in answer.text or f"{lacking} more have no" in answer.text) == bool(lacking)


@pytest.mark.parametrize(
    "question",
    [
        "how many papers since last Easter?",
        "how many papers have a prime number of authors?",
        "how many papers have more than 10 pages?",
        "how many papers with 7?",
        "most cited papers",
        "list 0 papers",
    ],
)
def test_what_cannot_be_asked_is_said_and_never_made_a_topic(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    assert answer.abstained
    assert answer.text.endswith("numbers of authors, comments and upvotes.")


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("how many papers on pruning from the bottom?", "pruning from the bottom"),
        ("how many papers on planning before acting?", "planning before acting"),
        ("how many papers on quantization to 3 bits?", "quantization to 3 bits"),
    ],
)
def test_topics_with_numbers_and_prepositions_stay_topics(engine: Engine, question: str, topic: str) -> None:
    assert f"on “{topic}”" in engine.ask(question).text


@pytest.mark.parametrize("question", ["papers from 30 February 2024", "how many papers on 31 April 2024?"])
def test_a_day_that_no_calendar_has_is_said(engine: Engine, question: str) -> None:
    assert engine.ask(question).text.startswith("There is no 3")


def test_shares_name_what_they_are_a_part_of(engine: Engine) -> None:
    text = engine.ask("what fraction of papers is from 2024?").text
    assert "16.7% of the 12 papers, 33.3% of the 6 with a date" in text
    assert "50.0% of the 12 papers" in engine.ask("what share of papers has no date?").text


def test_two_topics_are_counted_beside_each_other(engine: Engine) -> None:
    text = engine.ask("how many more papers on federated learning than on quantization?").text
    assert text.startswith("**6** on “federated learning”, **2** on “quantization”: 4 more on “federated learning”.")


def test_spellings_count_together_and_the_rule_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    library = Library.create(tmp_path_factory.mktemp("spellings") / "library")
    add_papers(
        library,
        (
            paper("Small Numbers", "Quantization of weights keeps small numbers small."),
            paper("Fewer Bits", "Quantisation of activations needs fewer bits."),
            paper("Bread", "Dough rises in the behaviour of yeast."),
        ),
    )
    engine = Engine(library, today=lambda: TODAY)
    for one, other in (("quantisation", "quantization"), ("quantization", "quantisation")):
        text = engine.ask(f"how many papers on {one}?").text
        assert text.startswith("**2** of 3 papers match")
        assert f"when “{one}” or “{other}” occurs" in text
    assert other_names("weights", library) == ()


def test_an_acronym_counts_with_what_papers_say_it_stands_for(tmp_path_factory: pytest.TempPathFactory) -> None:
    library = Library.create(tmp_path_factory.mktemp("acronyms") / "library")
    add_papers(
        library,
        (
            paper("Gated Crowds", "A gate picks members of a mixture of experts (MoE), one at a time."),
            paper("Cheap Routing", "Routing in MoE layers is made cheap by hashing."),
            paper("Old Committees", "We revisit the mixture of experts from first principles."),
            paper("Bread", "Dough rises by modelling clay, labelled by colour."),
        ),
    )
    assert other_names("MoE", library) == ("mixture of experts",)
    assert other_names("mixture of experts", library) == ("MoE",)
    assert other_names("color", library) == ("colour",)
    assert other_names("bread", library) == ()
    engine = Engine(library, today=lambda: TODAY)
    for question in ("how many papers on MoE?", "how many papers on mixture of experts?"):
        assert engine.ask(question).text.startswith("**3** of 4 papers")


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("which has more authors, FoldNet or DriftGuard?", "“DriftGuard: Watching Federated Learning Drift” [2] has more"),
        ("DriftGuard or FoldNet, which has fewer comments?", "“FoldNet: Folding Networks for Small Chips” [2] has fewer"),
        ("Which is newer, FoldNet or DriftGuard?", "“DriftGuard: Watching Federated Learning Drift” [2] is newer."),
        ("which is the oldest, DriftGuard, FoldNet or WarmUp++?", "“FoldNet: Folding Networks for Small Chips” [2] is"),
        ("Is FoldNet newer than DriftGuard?", "No."),
        ("Is FoldNet older than DriftGuard?", "Yes."),
        ("Does DriftGuard have more comments than WarmUp++?", "No: both have the same number of comments."),
        ("Was FoldNet published in 2022?", "No: “FoldNet: Folding Networks for Small Chips” [1] was published on 1 May 2024."),
        ("FoldNet was published in 2024, wasn't it?", "Yes: “FoldNet"),
        ("Was FoldNet from 2024 or 2025?", "“FoldNet: Folding Networks for Small Chips” [1] was published on 1 May 2024."),
        ("Did FoldNet come out before 2024?", "No: “FoldNet"),
        ("Which has more citations, FoldNet or DriftGuard?", "“more citations” cannot be asked here"),
    ],
)  # fmt: skip
def test_records_of_named_papers_are_compared_and_claims_on_their_dates_checked(
    engine: Engine, question: str, start: str
) -> None:
    assert engine.ask(question).text.startswith(start)


def test_what_papers_say_is_not_compared_by_their_records(engine: Engine) -> None:
    for question in ("Is FoldNet faster than DriftGuard?", "what did FoldNet report in 2024?"):
        assert not engine.ask(question).text.startswith(("Yes", "No."))


def test_a_bare_year_or_month_after_a_count_counts_again(engine: Engine) -> None:
    answers = talked(engine, "How many papers from 2025?", "and 2024?", "and May?", "how many?", "list them")
    assert [answer.text.split(" of ")[0] for answer in answers] == ["**2**", "**2**", "**1**", "**1**", "**1**"]


def test_a_bare_organisation_takes_the_place_of_the_one_before(engine: Engine) -> None:
    answers = talked(engine, "papers from Tiny Lab", "and ByteForge?", "what about Tiny Lab?")
    assert [answer.filters.organisation for answer in answers] == ["Tiny Lab", "ByteForge", "Tiny Lab"]


def test_a_list_goes_on_to_another_topic_and_is_counted(engine: Engine) -> None:
    answers = talked(engine, "papers on pruning since 2024", "and on quantization?", "how many?")
    assert answers[1].rewritten == "papers on quantization (published since 1 January 2024)"
    assert answers[2].text.startswith("**2** of 12 papers match: published since 1 January 2024; on “quantization”")


def test_that_names_the_topic_spoken_of(engine: Engine) -> None:
    answers = talked(engine, "what is new on federated learning?", "how many papers are there on that?")
    assert answers[1].text.startswith("**6** of 12")
    assert answers[1].rewritten == "how many papers are there on federated learning?"


def test_a_condition_stays_in_follow_ups(engine: Engine) -> None:
    answers = talked(engine, "how many papers have an odd number of authors?", "and in 2024?")
    assert answers[1].text.startswith("**1** of 12 papers matches: published in 2024; with an odd number of authors")


def test_another_title_is_a_new_topic_and_words_of_passage_are_dropped(engine: Engine) -> None:
    new = talked(engine, "what does FoldNet report?", "what about planning under memory limits?")[1]
    assert new.papers[0].title.startswith("PLUM: Planning")
    fresh = talked(engine, "what does FoldNet report?", "Now something else: which network composes songs?")[1]
    assert fresh.papers[0].title == "Song Maker"


def test_why_not_tells_the_refusal_and_a_refusal_leaves_no_topic(engine: Engine) -> None:
    answers = talked(engine, "how many papers since Easter?", "why not?", "and 2024?")
    assert answers[1].text.startswith("The last answer was: “since Easter” cannot be asked here")
    assert answers[2].text.startswith("**2** of 12 papers match: published in 2024.")


def test_its_after_what_about_is_the_papers(engine: Engine) -> None:
    answer = talked(engine, "how much memory does FoldNet save?", "What about its speed?")[1]
    assert answer.rewritten == "what about FoldNet’s speed"


def test_recent_is_the_newest_year_and_said(engine: Engine) -> None:
    answer = engine.ask("how many recent papers are there?")
    assert answer.filters.since == date(2025, 1, 1)
    assert "“recent” was read as since 1 January 2025, the newest year here" in answer.notes
    assert not engine.ask("what is the most recent paper?").filters.since


def test_wording_of_orders_and_tables(engine: Engine) -> None:
    assert "**2**" in engine.ask("which organisation has the most papers?").text
    assert engine.ask("which organisation has the most papers?").text.startswith(
        "ByteForge has the most papers: **2**."
    )
    assert "at most no" not in engine.ask("how many papers with at most 0 comments?").text
    months = engine.ask("which month has the most papers?").text
    assert "Months without papers are left out of the table." in months
    assert "2020-01" not in months
    assert engine.ask("which years have fewer than 2 papers?").text.startswith(
        "With at most 1 papers: 2019 (1), 2021 (1)"
    )
    longest = engine.ask("which paper has the longest title?").text
    assert longest.startswith(
        "“DriftGuard: Watching Federated Learning Drift” [1] has the longest title (**45** characters)"
    )
    named = talked(engine, "papers from ByteForge", "which of these is the oldest?")[1].text
    assert "papers among the" not in named


def test_the_one_with_a_word_in_its_title_is_meant_and_in_general_no_paper_is(engine: Engine) -> None:
    told = talked(engine, "tell me about PLUM", "the pruning one")
    assert [one.title for one in told[1].papers][:1] == ["PLUM: Pruning Language Models Upward"]
    general = talked(engine, "what does FoldNet report?", "and what about federated learning in general?")[1]
    assert "FoldNet" not in general.text
