"""Retrieval, answer and silence measures against values worked out by hand."""

from __future__ import annotations

import math

import pytest

from evals import answers, retrieval
from evals.answers import fold
from evals.measures import BY_NAME, MEASURES, Materials, score_question
from evals.schema import Question
from rag.schema import Answer, Usage
from tests.eval_samples import KITE, OTTER, PAPERS, answer, citation, claim, found, question, silence

TWO = {KITE.title: 1, "otter": 1}
MATERIALS = Materials(
    judge=lambda text, cited: any(text.rstrip(".") in part.text for part in cited),
    abstracts={name: paper.abstract for name, paper in PAPERS.items()},
)


def values(asked: Question, given: Answer | None) -> dict[str, float | None]:
    return {score.measure: score.value for score in score_question(asked, given, MATERIALS)}


def test_rank_measures_of_two_relevant_papers_at_ranks_two_and_six() -> None:
    given = answer(papers=found("a", "kite", "b", "c", "d", "otter"))
    asked = question(relevant=TWO)
    assert retrieval.recall_at_5(asked, given).value == 0.5
    assert retrieval.recall_at_10(asked, given).value == 1.0
    assert retrieval.mrr(asked, given).value == 0.5
    ideal = 1 / math.log2(2) + 1 / math.log2(3)
    expected = (1 / math.log2(3) + 1 / math.log2(7)) / ideal
    assert retrieval.ndcg_at_10(asked, given).value == pytest.approx(expected)


def test_graded_papers_gain_their_grade() -> None:
    asked = question(relevant={"kite": 1, "otter": 2})
    expected = (1 + 2 / math.log2(3)) / (2 + 1 / math.log2(3))
    assert retrieval.ndcg_at_10(asked, answer(papers=found("kite", "otter"))).value == pytest.approx(expected)


def test_equal_scores_keep_the_order_of_the_answer() -> None:
    assert retrieval.mrr(question(), answer(papers=found("kite", "zebra"))).value == 1.0
    assert retrieval.mrr(question(), answer(papers=found("zebra", "kite"))).value == 0.5


def test_a_paper_listed_twice_counts_once() -> None:
    given = answer(papers=found("a", "a", "a", "a", "a", "kite"))
    assert retrieval.recall_at_5(question(), given).value == 1.0


def test_papers_graded_zero_are_not_relevant() -> None:
    assert values(question(relevant={KITE.title: 0}), answer())["recall@5"] is None


def test_an_answer_that_lists_no_papers_found_nothing() -> None:
    row = values(question(), answer(papers=()))
    assert [row[name] for name in ("recall@5", "recall@10", "mrr", "ndcg@10")] == [0.0] * 4


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("1,200,000 images", "1200000 images"),
        ("1’200\u202f000", "1200000"),
        ("in 2,5 or 12,34", "in 2,5 or 12,34"),
        ("layers 3,400m", "layers 3400m"),
        ("Line\n two", "line two"),
    ],
)
def test_folding_ignores_case_space_and_thousands_separators(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_half_of_the_facts_is_a_half() -> None:
    asked = question(facts=(("41%", "41 percent"), ("PondBench",)))
    outcome = answers.facts_stated(asked, answer(text="It falls by 41 PERCENT [1]."))
    assert outcome.value == 0.5
    assert "PondBench" in outcome.reason
    assert answers.facts_all(asked, answer(text="It falls by 41 PERCENT [1].")).value == 0.0
    assert answers.facts_all(asked, answer(text="41% on pondbench")).value == 1.0


def test_facts_match_across_thousands_separators_in_either_text() -> None:
    asked = question(facts=(("1200000",), ("4,096",)))
    assert answers.facts_stated(asked, answer(text="1,200,000 images, 4096 tokens")).value == 1.0


def test_a_citation_marker_states_no_fact() -> None:
    asked = question(facts=(("1",),))
    assert answers.facts_stated(asked, answer(text="Many papers [1].")).value == 0.0


def test_brackets_that_are_no_marker_of_the_answer_stay_text() -> None:
    asked = question(facts=(("[0, 1]",),))
    assert answers.facts_stated(asked, answer(text="Weights lie in [0, 1] there [1].")).value == 1.0


def test_length_leaves_markers_out() -> None:
    assert answers.words(question(), answer(text="It falls by 41% [1] [2].", unknown_markers=("2",))).value == 4.0


def test_something_forbidden_spoils_accuracy_and_quality() -> None:
    row = values(question(forbidden=("doubles",)), answer(text="Memory Doubles, then falls by 41%."))
    assert (row["forbidden_absent"], row["answer_accuracy"], row["quality"]) == (0.0, 0.0, 0.0)
    assert row["facts_stated"] == 1.0


def test_silence_on_an_unanswerable_question_is_right() -> None:
    row = values(question(answerable=False, relevant={}, facts=()), silence())
    assert (row["unanswerable_refused"], row["quality"], row["answerable_refused"]) == (1.0, 1.0, None)
    assert row["citation_recall"] is None


def test_an_answer_to_an_unanswerable_question_is_wrong() -> None:
    row = values(question(answerable=False, relevant={}, facts=()), answer())
    assert (row["unanswerable_refused"], row["quality"]) == (0.0, 0.0)
    assert row["citation_recall"] == 1.0


def test_silence_on_an_answerable_question_is_inaccurate_but_not_imprecise() -> None:
    row = values(question(), silence())
    assert (row["answerable_refused"], row["answer_accuracy"], row["answer_precision"]) == (1.0, 0.0, None)
    assert (row["quality"], row["gold_paper_recall"], row["gold_paper_precision"]) == (0.0, 0.0, None)


def test_without_facts_quality_is_the_share_of_relevant_papers_cited() -> None:
    assert values(question(facts=(), relevant=TWO), answer())["quality"] == 0.5
    assert values(question(facts=(), relevant={}), answer())["quality"] is None


def test_a_missing_answer_gets_the_worst_value_and_no_cost() -> None:
    failed = answer(text="", claims=(), citations=(), papers=(), error="TimeoutError: slow")
    for given in (None, failed):
        row = values(question(forbidden=("x",)), given)
        for measure in MEASURES:
            worst = {"higher": 0.0, "lower": 1.0, "neither": None}[measure.better]
            does_not_apply = measure.group == "cost" or measure.name in ("unanswerable_refused", "premise_corrected")
            expected = None if does_not_apply else worst
            assert row[measure.name] == expected, measure.name


def test_a_missing_answer_to_an_unanswerable_question_was_no_refusal_and_owed_no_citations() -> None:
    row = values(question(answerable=False, relevant={}, facts=()), None)
    assert (row["unanswerable_refused"], row["quality"]) == (0.0, 0.0)
    assert row["citation_recall"] is None


def test_a_false_premise_is_corrected_by_the_line_the_facts_and_the_first_citation() -> None:
    asked = question(question="Why does Kite need more memory?", kind="false_premise", facts=(("falls",),))
    right = {
        "text": "The question takes “more memory” for granted; the abstract says otherwise:\n\nMemory falls by 41%. [1]",
        "claims": (claim("Memory falls by 41%.", 1),),
        "citations": (citation(KITE, "Memory falls by 41%."),),
    }
    assert values(asked, answer(**right))["premise_corrected"] == 1.0
    assert values(asked, answer(**right))["true_premise_corrected"] is None
    assert values(asked, None)["premise_corrected"] == 0.0
    assert values(asked, answer(**right | {"text": "Memory falls by 41%. [1]"}))["premise_corrected"] == 0.0
    other = "Accuracy on PondBench stays at 88.2."
    late = {
        "text": f"{right['text']} {other} [2]",
        "claims": (claim(other, 2), claim("Memory falls by 41%.", 1)),
        "citations": (citation(KITE, "Memory falls by 41%."), citation(KITE, other, marker=2)),
    }
    assert values(asked, answer(**right | late))["premise_corrected"] == 0.0
    line = "The question takes “2023” for granted; the record of the paper says 2024-05-01."
    of_record = right | {"text": f"{line}\n\nMemory falls by 41%. [1]"}
    dated = question(question="In 2023, how did Kite save memory?", kind="false_premise", facts=(("2024-05-01",),))
    assert values(dated, answer(**of_record))["premise_corrected"] == 1.0
    assert values(dated, answer(**right))["premise_corrected"] == 0.0
    written = {"text": "It does not: memory falls [1].", "claims": (claim("It does not: memory falls [1].", 1),)}
    assert values(asked, answer(**right | written, mode="generation"))["premise_corrected"] == 1.0


def test_a_sound_question_that_is_corrected_counts_against_the_answer() -> None:
    line = "The question takes “memory” for granted; the abstract says otherwise:\n\nMemory falls by 41%. [1]"
    assert values(question(), answer(text=line))["true_premise_corrected"] == 1.0
    assert values(question(), answer())["true_premise_corrected"] == 0.0
    assert values(question(), answer())["premise_corrected"] is None


def test_costs_are_taken_from_the_answer() -> None:
    row = values(question(), answer(model="openai/x", usage=Usage(prompt_tokens=900, completion_tokens=50)))
    assert (row["prompt_tokens"], row["completion_tokens"], row["cost_usd"]) == (900.0, 50.0, None)
    assert (row["search_s"], row["answer_s"]) == (0.01, 0.002)
    assert values(question(), answer())["cost_usd"] == 0.0


def test_every_measure_explains_itself() -> None:
    assert len(BY_NAME) == len(MEASURES)
    given = answer(
        citations=(citation(OTTER, "It trains on 1,200,000 images in 3 hours."),), claims=(claim("Nonsense [1].", 1),)
    )
    for score in score_question(question(forbidden=("falls",)), given, MATERIALS):
        assert score.reason
