"""What a question takes for granted, and whether an abstract contradicts it: made-up papers, every kind both ways."""

from __future__ import annotations

import pytest

from rag import Engine
from rag.library import Library
from rag.premise_lexicon import BEGINS
from rag.premise_questions import assumed
from rag.premises import Premise, mistaken
from rag.prompts import Evidence, answer_prompt
from rag.schema import Paper
from rag.sentences import sentence_spans

GULLNET = Paper(
    paper_id="gullnet",
    title="GullNet: Folding Sparse Wings into Small Encoders",
    abstract=(
        "Existing folding methods rely on wing annotations and must be retrained for each device. "
        "We present GullNet, which folds encoders without any retraining and needs no wing annotations. "
        "GullNet reduces the folding latency of small encoders by 37% and outperforms HeronNet on PierBench. "
        "Folding does not lower the accuracy of the encoder. "
        "Contrary to common belief, feather counts do not correlate with flight quality. "
        "We run all experiments on the PierBench collection and find that the gains of cold starts vanish on large flocks."
    ),
)


def found(question: str, paper: Paper = GULLNET) -> Premise | None:
    return mistaken(question, paper, sentence_spans(paper.abstract))


@pytest.mark.parametrize(
    ("question", "contradicted_by"),
    [
        ("Why does GullNet need wing annotations?", "no wing annotations"),
        ("How many hours of retraining does GullNet require?", "without any retraining"),
        ("Which wing annotations does GullNet use?", "no wing annotations"),
        ("Why must GullNet be retrained for a new device?", "without any retraining"),
        ("Since GullNet cannot fold without wing annotations, who draws them?", "no wing annotations"),
        ("By how much does HeronNet beat GullNet on PierBench?", "outperforms HeronNet"),
        ("Why is GullNet worse than HeronNet?", "outperforms HeronNet"),
        ("Why does GullNet increase the folding latency of encoders?", "reduces the folding latency"),
        ("How did GullNet cut folding latency of small encoders by 80%?", "by 37%"),
        ("How much accuracy does the encoder lose by folding?", "does not lower the accuracy"),
        ("Why do feather counts correlate with flight quality?", "do not correlate"),
        ("How large are the gains that cold starts keep on large flocks?", "vanish"),
        ("Why was GullNet tested on DockBench-2?", "PierBench collection"),
    ],
)
def test_a_premise_that_the_abstract_contradicts_is_found(question: str, contradicted_by: str) -> None:
    premise = found(question)
    assert premise is not None
    assert contradicted_by in premise.sentence
    assert premise.sentence == GULLNET.abstract[premise.sentence_start : premise.sentence_end]
    assert question[premise.start : premise.end].strip() and premise.line.startswith(BEGINS)


@pytest.mark.parametrize(
    "question",
    [
        "Does GullNet need wing annotations?",
        "Is GullNet worse than HeronNet?",
        "Why does GullNet need no wing annotations?",
        "Why does GullNet not need wing annotations?",
        "How does GullNet fold encoders without retraining?",
        "Why must existing folding methods be retrained for each device?",
        "By how much does GullNet beat HeronNet on PierBench?",
        "Why is HeronNet worse than GullNet?",
        "By how much does GullNet reduce the folding latency of small encoders?",
        "How did GullNet cut folding latency by 37%?",
        "Why don't feather counts correlate with flight quality?",
        "Why was GullNet tested on PierBench?",
        "What accuracy does the encoder keep?",
        "How many encoders does GullNet fold?",
        "gullnet latency pierbench",
        "",
    ],
)
def test_a_sound_question_is_left_alone(question: str) -> None:
    assert found(question) is None


def test_what_is_denied_more_narrowly_than_the_question_says_is_no_contradiction() -> None:
    paper = Paper(
        paper_id="tern", title="TernNet", abstract="TernNet adds a gate to a trained net without additional training."
    )
    assert found("How much training does TernNet need?", paper) is None
    assert found("How much extra training does TernNet need?", paper) is not None


def test_what_is_said_of_others_contradicts_nothing() -> None:
    paper = Paper(
        paper_id="knot",
        title="KnotNet",
        abstract="Previous methods do not need labels, but they are slow. KnotNet is fast.",
    )
    assert found("How many labels does KnotNet need?", paper) is None


def test_something_wider_is_denied_through_an_example_of_it() -> None:
    paper = Paper(
        paper_id="plover",
        title="Plover",
        abstract="Others rely on outside references such as human verdicts. Plover learns without outside references.",
    )
    premise = found("How many human verdicts does Plover need?", paper)
    assert premise is not None and premise.sentence == "Plover learns without outside references."


def test_words_of_a_question_bring_no_markers_and_no_markup_into_the_line() -> None:
    premise = found("Why does GullNet need *wing* <b>annotations</b> [1]?")
    assert premise is not None
    assert not set("[]<>*") & set(premise.line)


def test_a_part_is_a_slice_of_its_question() -> None:
    question = "In the report, how many hours of wing annotations does GullNet require to start?"
    parts = assumed(question)
    assert [part.text for part in parts if part.kind == "need"] == ["wing annotations"]
    assert all(question[part.start : part.end] == part.text for part in parts)


QUESTION = "Why does CropMAE need a large video dataset for its pre-training?"


def test_the_answer_begins_with_the_line_and_the_sentence_that_corrects(sample: Library) -> None:
    answer = Engine(sample).ask(QUESTION)
    line = answer.text.split("\n")[0]
    assert (
        line == "The question takes “large video dataset” for granted; the abstract says otherwise:"
        or line.startswith(BEGINS)
    )
    assert "drops the video" in answer.citations[0].quote and answer.citations[0].marker == 1
    assert answer.claims[0].citations == (1,) and answer.claims[0].support == "supported"
    assert len({citation.start for citation in answer.citations}) == len(answer.citations)
    assert answer.text.index("[1]") < answer.text.index("[2]")


def test_a_sound_question_about_the_same_paper_has_no_such_line(sample: Library) -> None:
    answer = Engine(sample).ask("Which masking ratio does CropMAE use?")
    assert not answer.abstained and BEGINS not in answer.text


def test_a_mistake_about_what_no_paper_speaks_of_stays_a_refusal(sample: Library) -> None:
    answer = Engine(sample).ask("Why does ZephyrBake need yeast for its sourdough?")
    assert answer.abstained and BEGINS not in answer.text


def test_a_model_is_told_which_paper_seems_to_contradict_what() -> None:
    evidence = Evidence(papers=(GULLNET,), doubtful=(1, "need wing\nannotations"))
    prompt = answer_prompt("Why does GullNet need wing annotations?", evidence)
    assert prompt.endswith(
        "It takes “need wing annotations” for granted, which paper 1 seems to contradict. If it does, say that first."
    )
    assert "for granted" not in answer_prompt("Why?", Evidence(papers=(GULLNET,)))
