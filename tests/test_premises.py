"""What a question takes for granted, and whether an abstract contradicts it: made-up papers, every kind both ways."""

from __future__ import annotations

import pytest

from rag import Engine
from rag.library import Library
from rag.premise.lexicon import BEGINS
from rag.premise.questions import assumed
from rag.premise.statements import plainly, stated
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


HERONET = Paper(
    paper_id="heronet",
    title="HeronNet: Wading with Tuple-wise Division",
    abstract=(
        "Earlier waders are undertrained. HeronNet is built on Egret-2 and relies on tuple-wise division instead of tuple-wise "
        "addition. It has a compact 90M parameter core, needs 3x fewer wading tokens than StorkNet, and reduces the feather "
        "memory of its nests by up to 60% without additional perches. HeronNet maintains the balance quality of large nests. "
        "Training takes 4 hours at a cost of $30. It does not require backpropagation through the frozen beak."
    ),
)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Is it true that HeronNet has 200M parameters?", "another figure"),
        ("HeronNet cost $900 to train, didn't it?", "another figure"),
        ("Is it correct that training HeronNet takes two weeks?", "another figure"),
        ("Does HeronNet reduce the feather memory of nests by 20%?", "another figure"),
        ("HeronNet reduces feather memory by 20%, right?", "another figure"),
        ("Why does HeronNet increase feather memory?", "turned"),
        ("Why does HeronNet need more wading tokens than StorkNet?", "amounts"),
        ("I heard HeronNet harms the balance quality of nests. Why?", "kept"),
        ("Who found that earlier waders were overtrained? Earlier waders were overtrained, weren't they?", None),
        ("Earlier waders were overtrained, weren't they?", "prefixed"),
        ("HeronNet was built on Plover-7; which size?", "another base"),
        ("Why does HeronNet use tuple-wise addition?", "needed"),
        ("Which additional perches does HeronNet need?", "needed"),
        ("Is it true that HeronNet has 90M parameters?", None),
        ("HeronNet cost $30 to train, didn't it?", None),
        ("HeronNet reduces feather memory by 60%, right?", None),
        ("Why does HeronNet reduce feather memory?", None),
        ("Why does HeronNet need fewer wading tokens than StorkNet?", None),
        ("I heard HeronNet maintains the balance quality of nests. Why?", None),
        ("Earlier waders were undertrained, weren't they?", None),
        ("HeronNet was built on Egret-2; which size?", None),
        ("Why does HeronNet use tuple-wise division?", None),
        ("What backpropagation does HeronNet do in the side wing?", None),
        ("What training cost does HeronNet report?", None),
        ("Which data does HeronNet need?", None),
    ],
)
def test_statements_figures_and_directions_both_ways(question: str, kind: str | None) -> None:
    premise = found(question, HERONET)
    assert (premise.kind if premise else None) == kind


@pytest.mark.parametrize(
    ("question", "statement", "searched"),
    [
        ("So TernNet folds in 3 hours?", "TernNet folds in 3 hours", "TernNet folds in 3 hours"),
        ("TernNet's wings fold twice, don't they?", "TernNet's wings fold twice", "TernNet wings fold twice"),
        ("I read that TernNet folds early. Why?", "TernNet folds early", "TernNet folds early. Why?"),
        ("In the tern tests, why are wings folded?", None, "In the tern tests, why are wings folded?"),
        ("Which wings fold twice?", None, "Which wings fold twice?"),
        ("Explain folding. How is it done?", None, "Explain folding. How is it done?"),
    ],
)
def test_a_statement_is_found_in_a_question_and_searched_for_plainly(
    question: str, statement: str | None, searched: str
) -> None:
    part = stated(question)
    if statement is None:
        assert part is None
    else:
        assert part is not None and question[part.start : part.end] == statement
    assert plainly(question) == searched


def test_the_words_of_a_title_deny_nothing() -> None:
    paper = Paper(
        paper_id="gain",
        title="No Flap No Lift: Gains of Early Wings",
        abstract="We find that lift gains of early flap schedules vanish compared to a plain wing.",
    )
    assert found("How much faster is No Flap No Lift: Gains of Early Wings than its rivals?", paper) is None


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
