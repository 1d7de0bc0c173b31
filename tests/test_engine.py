"""Answers from the bundled sample: quoted, cited, silent where nothing answers."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise

import pytest

from ingest import add_papers
from rag import Answer, Engine, Filters, Library, Turn
from rag.quoting import WORDS_ONE
from rag.refusals import is_foreign, reason_for
from tests.conftest import paper

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def engine(sample: Library) -> Engine:
    return Engine(sample, today=lambda: TODAY)


def check(answer: Answer, library: Library) -> None:
    """What holds for every answer, whatever was asked."""
    markers = [citation.marker for citation in answer.citations]
    assert markers == list(range(1, len(markers) + 1))
    for citation in answer.citations:
        paper = library.get(citation.paper_id)
        assert paper is not None and paper.title == citation.title
        assert paper.abstract[citation.start : citation.end] == citation.quote
        assert f"[{citation.marker}]" in answer.text
    for claim in answer.claims:
        assert claim.citations and set(claim.citations) <= set(markers)
        assert claim.support == "supported" and claim.text in answer.text
    assert answer.error is None and answer.unknown_markers == ()
    assert answer.abstained == (answer.reason is not None)
    scores = [found.score for found in answer.papers]
    assert len({found.paper_id for found in answer.papers}) == len(answer.papers)
    assert scores


def test_a_question_about_one_paper_is_answered_from_it_in_its_own_words(engine: Engine) -> None:
    answer = engine.ask("By how much does GradNormLoRP cut optimizer memory?")
    check(answer, engine.library)
    assert not answer.abstained and "89.5%" in answer.text
    assert {citation.title for citation in answer.citations} == {answer.papers[0].title}
    assert sum(len(claim.text.split()) for claim in answer.claims) <= WORDS_ONE
    assert answer.mode == "quoting" and answer.model is None
    assert answer.usage.prompt_tokens == 0


def test_quotes_stand_in_the_order_of_the_abstract(engine: Engine) -> None:
    answer = engine.ask("How does FRUGAL split the gradient and what does it gain?")
    spans = [(citation.start, citation.end) for citation in answer.citations]
    assert spans == sorted(spans) and all(a[1] <= b[0] for a, b in pairwise(spans))


def test_a_question_for_several_papers_quotes_several_each_under_its_title(engine: Engine) -> None:
    answer = engine.ask("Which papers cut optimizer memory, and by how much?")
    check(answer, engine.library)
    titles = {citation.title for citation in answer.citations}
    assert len(titles) >= 2 and all(f"**{title}" in answer.text for title in titles)
    assert any("89.5%" in claim.text for claim in answer.claims)


@pytest.mark.parametrize(
    "question",
    [
        "Compare Fira and FRUGAL",
        "how do FRUGAL and Fira differ?",
        "What is the difference between FRUGAL and Fira?",
        "How does Fira differ from FRUGAL?",
        "Fira vs FRUGAL",
    ],
)
def test_a_comparison_brings_both_sides(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    titles = " ".join(citation.title for citation in answer.citations)
    assert "Fira" in titles and "FRUGAL" in titles


def test_a_side_of_a_comparison_that_is_missing_is_named(engine: Engine) -> None:
    answer = engine.ask("Compare FRUGAL with ZebraNetXL")
    check(answer, engine.library)
    assert {citation.title.split(":")[0] for citation in answer.citations} == {"FRUGAL"}
    assert answer.text.endswith("Nothing was found on “ZebraNetXL”.")


@pytest.mark.parametrize(
    "question",
    [
        "How do I bake sourdough bread?",
        "What learning rate schedule does GradNormLoRP use on ImageNet?",
        "Who won the football world cup in 2022?",
        "Which GDT score does AlphaFold 2 reach at CASP14?",
    ],
)
def test_what_nothing_answers_is_refused_with_the_nearest_papers(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    check(answer, engine.library)
    assert answer.abstained and answer.reason in ("no_evidence", "not_stated")
    assert not answer.claims and not answer.citations
    assert "Nearest papers:" in answer.text and answer.papers[0].title in answer.text


def test_a_refusal_names_what_the_nearest_paper_does_not_speak_of(engine: Engine) -> None:
    answer = engine.ask("What learning rate schedule does GradNormLoRP use on ImageNet?")
    assert "Gradient Weight-normalized" in answer.text and "“ImageNet”" in answer.text


def test_filters_restrict_what_is_searched_and_are_reported(engine: Engine) -> None:
    filters = Filters(since=date(2024, 1, 1), until=date(2024, 12, 31))
    answer = engine.ask("Which papers save memory in training?", filters=filters)
    check(answer, engine.library)
    assert answer.filters == filters
    assert 0 < answer.coverage.n_searched < answer.coverage.n_papers == 60
    assert all(filters.matches(engine.library.get(found.paper_id)) for found in answer.papers)  # type: ignore[arg-type]


def test_filters_that_nothing_passes_are_said_to_be_the_reason(engine: Engine) -> None:
    answer = engine.ask("What saves memory?", filters=Filters(organisation="Nobody Inc."))
    assert answer.abstained and answer.reason == "filtered_out"
    assert "None of the 60 papers" in answer.text and answer.papers == ()


def test_dates_in_words_become_filters(engine: Engine) -> None:
    answer = engine.ask("What saves optimizer memory since January 2024?")
    assert answer.filters.since == date(2024, 1, 1)
    assert "published since 1 January 2024" in answer.notes


def test_a_follow_up_shows_the_question_that_was_answered(engine: Engine) -> None:
    first = engine.ask("By how much does GradNormLoRP cut optimizer memory?")
    history = [Turn(role="user", text=first.question), Turn(role="assistant", text=first.text)]
    answer = engine.ask("and what does it train on a single GPU?", history=history)
    assert answer.rewritten is not None and answer.rewritten != answer.question
    assert answer.to_dict()["rewritten"] == answer.rewritten
    assert engine.ask(first.question).rewritten is None


def test_an_empty_library_says_how_to_fill_it(library: Library) -> None:
    answer = Engine(library).ask("What saves memory?")
    assert answer.abstained and answer.reason == "no_evidence" and "askpapers ingest" in answer.text


def test_a_library_of_one_paper_answers(library: Library) -> None:
    add_papers(library, [paper("FoldNet", "FoldNet folds nets along their channels. It needs 40% less memory.")])
    answer = Engine(library).ask("How much memory does FoldNet save?")
    assert "It needs 40% less memory. [2]" in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "",
        "???",
        "the of and",
        "a" * 5_000,
        "\x00\x1b[31m",
        "[1] [2] [3]",
        "ünïcödé 模型 🙂",
        '"; DROP TABLE',
        "NOT AND OR (",
    ],
)
def test_odd_questions_are_answered_or_refused_but_never_crash(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    assert answer.text and answer.error is None
    assert engine.library.search(question) is not None


def test_markers_inside_an_abstract_do_not_become_citations(library: Library) -> None:
    odd = paper("OddNet", "OddNet follows [7] and [12] in folding nets. Its memory falls by 40%, see [1].")
    add_papers(library, [odd])
    answer = Engine(library).ask("How much memory does OddNet save?")
    assert {citation.marker for citation in answer.citations} == set(range(1, len(answer.citations) + 1))
    assert all(claim.citations[0] <= len(answer.citations) for claim in answer.claims)


def test_the_json_of_an_answer_has_the_documented_fields(engine: Engine) -> None:
    record = engine.ask("By how much does GradNormLoRP cut optimizer memory?").to_dict()
    assert list(record) == [
        "question_id", "question", "text", "mode", "model", "abstained", "reason", "claims", "citations", "papers",
        "unknown_markers", "filters", "coverage", "error", "usage", "timings_s", "rewritten", "notes",
    ]  # fmt: skip
    assert set(record["claims"][0]) == {"text", "citations", "support", "reason"}
    assert set(record["citations"][0]) == {"marker", "paper_id", "title", "published", "url", "quote", "start", "end"}
    assert set(record["papers"][0]) == {"paper_id", "title", "score"} and len(record["papers"]) >= 20
    assert {"n_papers", "n_searched", "first", "last"} <= set(record["coverage"])
    assert set(record["usage"]) == {"prompt_tokens", "completion_tokens", "cost_usd"}
    assert set(record["timings_s"]) == {"search", "answer"}


def test_the_same_question_twice_gives_the_same_answer(engine: Engine) -> None:
    one, two = (engine.ask("What trains large models on few GPUs?").to_dict() for _ in range(2))
    assert {**one, "timings_s": 0} == {**two, "timings_s": 0}


def test_a_question_as_long_as_a_document_is_read_to_a_limit_and_says_so(engine: Engine) -> None:
    long = "By how much does GradNormLoRP cut optimizer memory? " + "x" * 200_000
    answer = engine.ask(long)
    assert answer.question == long and answer.notes[0] == "only the first 2,000 characters were read"
    assert engine.ask("By how much does GradNormLoRP cut optimizer memory?").notes == ()


def test_half_a_character_in_a_question_is_left_out(engine: Engine) -> None:
    answer = engine.ask("By how much does GradNormLoRP\ud800 cut optimizer memory?")
    assert answer.question == "By how much does GradNormLoRP? cut optimizer memory?"
    assert json.dumps(answer.to_dict(), ensure_ascii=False).encode()


SHELF = [
    ("FoldNet: Folding Nets for Speech", "FoldNet folds layers. It needs 24 million weights. Pruning is not needed."),
    ("GridFold: Grids of Folds", "GridFold lays folds on a grid. It needs 30 million weights and no pruning of them."),
    ("KiteNet: Nets in the Wind", "KiteNet flies. It needs 12 million weights."),
    ("On Pruning", "We look at pruning of small nets. Half of the weights can go."),
    ("Bread", "Sourdough is baked at home. A starter lives long."),
]


@pytest.fixture
def shelf(library: Library) -> Engine:
    add_papers(library, [paper(title, abstract) for title, abstract in SHELF])
    return Engine(library)


@pytest.mark.parametrize(
    "question",
    [
        "list papers on pruning",
        "papers about pruning",
        "pruning papers",
        "which papers discuss pruning?",
        "what papers deal with pruning?",
        "what is new on pruning?",
        "papers on grafting or pruning",
    ],
)
def test_papers_on_a_topic_are_quoted_when_some_speak_of_it(shelf: Engine, question: str) -> None:
    answer = shelf.ask(question)
    check(answer, shelf.library)
    assert not answer.abstained
    assert any("pruning" in citation.quote for citation in answer.citations if citation.title == "On Pruning")


def test_papers_on_a_topic_that_none_speaks_of_are_refused(shelf: Engine) -> None:
    assert shelf.ask("papers on volcanology").abstained


@pytest.mark.parametrize(
    "question",
    [
        "Compare FoldNet, GridFold and KiteNet.",
        "What do FoldNet, GridFold and KiteNet have in common?",
        "How do FoldNet, GridFold and KiteNet differ?",
        "FoldNet vs GridFold vs KiteNet on weights",
    ],
)
def test_three_sides_of_a_comparison_are_all_quoted(shelf: Engine, question: str) -> None:
    answer = shelf.ask(question)
    assert {citation.title.split(":")[0] for citation in answer.citations} == {"FoldNet", "GridFold", "KiteNet"}
    assert "Nothing was found" not in answer.text


@pytest.mark.parametrize("question", ["which of FoldNet and KiteNet has fewer weights?", "FoldNet vs KiteNet: weights"])
def test_two_sides_are_found_however_they_are_asked_for(shelf: Engine, question: str) -> None:
    answer = shelf.ask(question)
    assert {citation.title.split(":")[0] for citation in answer.citations} == {"FoldNet", "KiteNet"}


def test_of_three_sides_the_missing_one_is_named(shelf: Engine) -> None:
    answer = shelf.ask("Compare FoldNet, ZebraNet7 and GridFold.")
    assert {citation.title.split(":")[0] for citation in answer.citations} == {"FoldNet", "GridFold"}
    assert answer.text.endswith("Nothing was found on “ZebraNet7”.")


@pytest.mark.parametrize(
    "message",
    [
        "Write me a poem about autumn leaves.",
        "you are wrong",
        "are you ChatGPT?",
        "that was not helpful",
        "I love you",
        "tell me a joke",
    ],
)
def test_talk_that_asks_nothing_of_the_papers_is_answered_with_a_line(shelf: Engine, message: str) -> None:
    answer = shelf.ask(message)
    assert answer.abstained and answer.reason == "no_question" and answer.citations == ()


def test_what_is_not_recorded_of_papers_is_said_to_be_so(shelf: Engine) -> None:
    for question, what in (("How many citations has FoldNet?", "Citations"), ("most downloaded papers", "Downloads")):
        words = shelf.read(question).words
        assert reason_for(question, words).startswith(f"{what} are not recorded:")
        assert shelf.ask(question).abstained


@pytest.mark.parametrize(
    ("question", "foreign"),
    [
        ("Wie viel Speicher spart FoldNet?", True),
        ("сколько весов у FoldNet?", True),
        ("FoldNet有多少权重?", True),
        ("How many weights does FoldNet need?", False),
        ("FoldNet weights", False),
        ("zorbling frobnication of nets", False),
        ("α and β of FoldNet", False),
    ],
)
def test_a_question_in_another_language_is_known(shelf: Engine, question: str, foreign: bool) -> None:
    assert is_foreign(question, shelf.read(question).words) is foreign


def test_words_of_another_language_are_not_said_to_be_missing(shelf: Engine) -> None:
    answer = shelf.ask("Wie viel Speicher spart Backofen?")
    assert answer.abstained and "“" not in answer.text.split("Nearest")[0]


def test_papers_that_share_an_acronym_are_all_quoted(library: Library) -> None:
    papers = [
        ("Folding Nets by Layers", "Nets are large. We present Folding Nets (FN), which fold layers."),
        ("FN: Flying Noise", "FN adds noise to kites in the air. It needs no wind."),
        ("Weights", "We compare with FN and find little."),
    ]
    add_papers(library, [paper(title, abstract) for title, abstract in papers])
    answer = Engine(library).ask("What does FN stand for?")
    assert {citation.title for citation in answer.citations} == {"Folding Nets by Layers", "FN: Flying Noise"}
    assert "Folding Nets (FN)" in answer.text
