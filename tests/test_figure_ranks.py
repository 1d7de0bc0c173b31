"""Superlatives over figures, and variants compared with what they are variants of; the right order was worked out by hand."""

from __future__ import annotations

import pytest

from ingest import add_papers
from rag import Engine, Library
from rag.figure_ranks import ranked, superlative
from tests.conftest import paper

SHELF = (
    paper(
        "Whistle: Speech Recognition for Birds",
        "Whistle hears birds in the rain. On BirdTalk, the word error rate falls from 23.8% to 9.6%, compared with 4.1% for "
        "people. Whistle has 90M parameters and runs 2.5 times faster than its teacher.",
    ),
    paper(
        "Whistle-XL: More Birds, Fewer Errors",
        "Whistle-XL listens twice. It reaches a word error rate of 7.2% on BirdTalk. The model has 1.2B parameters, and it is "
        "1.4 times faster than reading the score.",
    ),
    paper(
        "Croak: Frogs Are Harder Than Birds",
        "Frogs croak in low notes. On BirdTalk the word error rate of Croak is 11.5%, 1.9 points below Whistle. Croak has 45M "
        "parameters. Training costs $310.",
    ),
    paper(
        "Chirp: A Study of Silence",
        "Silence was recorded for 12 days. No word error rate is reported. Listening to silence is 8.0 times cheaper.",
    ),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    library = Library.create(tmp_path_factory.mktemp("figures") / "library")
    add_papers(library, SHELF)
    return Engine(library)


@pytest.mark.parametrize(
    ("question", "values"),
    [
        # What a change begins with, what it is compared with, and by how much it is below another do not count.
        ("Which paper reports the lowest word error rate?", [7.2, 9.6, 11.5]),
        ("Who reaches the best word error rate on BirdTalk?", [7.2, 9.6, 11.5]),
        ("Which has the worst word error rate?", [11.5, 9.6, 7.2]),
        ("Which paper has the biggest model?", [1.2e9, 90e6, 45e6]),
        ("Which method uses the fewest parameters?", [45e6, 90e6, 1.2e9]),
        ("largest speedup?", [2.5, 1.4]),
        # One figure in one unit is no comparison.
        ("Which is the cheapest training?", []),
        ("Which paper reports the highest F1?", []),
    ],
)
def test_papers_are_put_in_the_order_of_the_asked_figure(question: str, values: list[float]) -> None:
    asked = superlative(question)
    assert asked is not None
    assert [row.value for row in ranked(asked, SHELF)] == pytest.approx(values)


@pytest.mark.parametrize(
    "question",
    ["How large is the largest model?", "What is Whistle?", "Most birds sing, do they?", "Is the best of birds heard?"],
)
def test_what_asks_for_no_order_of_papers_is_left_alone(question: str) -> None:
    assert superlative(question) is None


def test_the_answer_begins_with_the_winner_and_says_what_its_order_is(engine: Engine) -> None:
    answer = engine.ask("Which paper reports the lowest word error rate on BirdTalk?")
    titles = list(dict.fromkeys(citation.title.partition(":")[0] for citation in answer.citations))
    assert titles == ["Whistle-XL", "Whistle", "Croak"]
    assert answer.papers[0].title.startswith("Whistle-XL")
    assert "In the order of the figures that the abstracts state" in answer.text
    assert "Chirp" not in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "Whistle vs Whistle-XL",
        "How does Whistle compare with Whistle-XL on word error rate?",
        "What distinguishes Whistle from Whistle-XL?",
        "Compare Whistle-XL and Whistle",
    ],
)
def test_a_variant_and_its_origin_are_both_shown(engine: Engine, question: str) -> None:
    titles = {citation.title.partition(":")[0] for citation in engine.ask(question).citations}
    assert titles == {"Whistle", "Whistle-XL"}
