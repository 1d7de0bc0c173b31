"""ALCE's rules on worked examples, with a judge that can be followed by hand.

The judge takes a claim to be a set of letters and a text to be another: the texts together support the claim when they
hold all of its letters. "ab" is supported by "a" and "b" together, by neither alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from evals.citations import (
    CitedText,
    citation_precision,
    citation_recall,
    citation_validity,
    gold_paper_precision,
    gold_paper_recall,
    quote_fidelity,
    support_judge,
)
from evals.claims import claims_of, markers_in, plain_text, split_claims, without_markers
from rag.schema import Answer
from tests.eval_samples import KITE, OTTER, PAPERS, answer, citation, claim, question, silence

ABSTRACTS = {name: paper.abstract for name, paper in PAPERS.items()}


def letters(text: str, cited: Sequence[CitedText]) -> bool:
    return set(text) <= set("".join(part.text for part in cited))


def cited(*claims: tuple[str, tuple[int, ...]], texts: dict[int, str]) -> Answer:
    citations = tuple(replace(citation(KITE, "x", marker=marker), quote=text) for marker, text in texts.items())
    return answer(claims=tuple(claim(text, *markers) for text, markers in claims), citations=citations, text="")


def test_recall_is_the_share_of_claims_supported_by_all_they_cite_together() -> None:
    # "ab" by 1 and 2 together; "c" not by 1; "d" cites nothing: one of three.
    given = cited(("ab", (1, 2)), ("c", (1,)), ("d", ()), texts={1: "a", 2: "b"})
    assert citation_recall(given, letters).value == pytest.approx(1 / 3)


def test_a_citation_is_needed_when_it_supports_alone_or_the_rest_fails_without_it() -> None:
    # 1 "a" and 2 "b" are needed together; 3 "z" neither supports "ab" nor is missed: 2 of 3.
    assert citation_precision(cited(("ab", (1, 2, 3)), texts={1: "a", 2: "b", 3: "z"}), letters).value == (
        pytest.approx(2 / 3)
    )


def test_two_citations_that_each_support_alone_are_both_precise() -> None:
    assert citation_precision(cited(("a", (1, 2)), texts={1: "a", 2: "ab"}), letters).value == 1.0


def test_a_partial_citation_beside_a_full_one_is_not_needed() -> None:
    # 1 "a" does not support "ab" alone, and 2 "ab" does so without it: 1 is superfluous.
    outcome = citation_precision(cited(("ab", (1, 2)), texts={1: "a", 2: "ab"}), letters)
    assert outcome.value == 0.5
    assert "[1]" in outcome.reason and "not needed" in outcome.reason


def test_citations_of_a_claim_that_is_not_supported_are_not_precise() -> None:
    # Claim one: 2 of 2. Claim two fails: 0 of 1. Together 2 of 3.
    given = cited(("ab", (1, 2)), ("q", (1,)), texts={1: "a", 2: "b"})
    assert citation_precision(given, letters).value == pytest.approx(2 / 3)


def test_marker_zero_names_nothing() -> None:
    given = cited(("a", (0,)), texts={0: "a", 1: "a"})
    assert citation_recall(given, letters).value == 0.0
    assert citation_precision(given, letters).value == 0.0
    assert citation_validity(given).value == 0.0


def test_an_unknown_marker_fails_its_claim_and_counts_against_precision() -> None:
    given = cited(("a", (1, 9)), ("a", (1,)), texts={1: "a"})
    assert citation_recall(given, letters).value == 0.5
    assert citation_precision(given, letters).value == pytest.approx(1 / 3)
    assert citation_validity(given).value == 0.5


def test_a_marker_repeated_in_a_claim_is_one_citation() -> None:
    assert citation_precision(cited(("a", (1, 1)), texts={1: "a"}), letters).value == 1.0


def test_claims_without_citations_have_recall_zero_and_no_precision() -> None:
    given = cited(("a", ()), texts={})
    assert citation_recall(given, letters).value == 0.0
    assert citation_precision(given, letters).value is None


def test_abstaining_is_not_applicable() -> None:
    assert citation_recall(silence(), letters).value is None
    assert citation_precision(silence(), letters).value is None


def test_markers_behind_the_full_stop_belong_to_the_sentence_before() -> None:
    claims = split_claims("Kite is small. [1] Otter is fast.[2][3] Both are animals [1, 2].")
    assert [(c.text, c.markers) for c in claims] == [
        ("Kite is small.", (1,)),
        ("Otter is fast.", (2, 3)),
        ("Both are animals.", (1, 2)),
    ]


def test_a_marker_that_begins_a_sentence_stays_with_it() -> None:
    claims = split_claims("Kite is small [1]. [2] shows that Otter is fast.")
    assert [c.markers for c in claims] == [(1,), (2,)]


def test_list_items_and_lines_are_claims_of_their_own() -> None:
    claims = split_claims("- Kite saves memory [1]\n- Otter saves time. [2]\n\n2. Neither is new")
    assert [(c.text, c.markers) for c in claims] == [
        ("Kite saves memory", (1,)),
        ("Otter saves time.", (2,)),
        ("Neither is new", ()),
    ]


def test_an_answer_that_brings_no_claims_makes_none() -> None:
    counted = answer(text="There are 615 papers.", claims=(), citations=())
    assert claims_of(counted) == ()
    assert citation_recall(counted, letters).value is None


def test_markers_are_read_from_lists_and_ranges() -> None:
    assert markers_in("a [1; 3] b [5–7] c [3]") == (1, 3, 5, 6, 7)
    assert markers_in("weights in [0, 1] here [2]", outside="the weights in [0, 1] stay") == (2,)
    assert without_markers("Fast [1], small [2, 3].") == "Fast, small."


def test_plain_text_keeps_brackets_of_the_papers() -> None:
    assert plain_text(answer(text="Values in [0, 1] fall [1].")) == "Values in [0, 1] fall."


def test_validity_counts_markers_in_text_claims_and_reports() -> None:
    assert citation_validity(answer()).value == 1.0
    assert citation_validity(answer(text="Memory falls [1][4].")).value == 0.5
    assert citation_validity(answer(unknown_markers=("[7]", "x"))).value == pytest.approx(1 / 3)
    assert citation_validity(silence()).value is None


def test_a_quote_that_is_not_its_slice_is_unfaithful() -> None:
    true = citation(KITE, "Memory falls by 41%.")
    shifted = replace(true, start=true.start + 1, end=true.end + 1)
    changed = replace(true, quote="Memory falls by 47%.")
    listed = replace(true, quote="", start=0, end=0)
    outcome = quote_fidelity(answer(citations=(true, shifted, changed, true, listed)), ABSTRACTS)
    assert outcome.value == 0.5
    assert quote_fidelity(answer(citations=(listed,)), ABSTRACTS).value is None
    assert quote_fidelity(answer(), {}).value is None
    assert quote_fidelity(silence(), ABSTRACTS).value is None


def test_gold_papers_are_matched_by_title_or_id() -> None:
    both = answer(citations=(citation(KITE, "Memory falls by 41%."), citation(OTTER, "Otter streams", marker=2)))
    assert gold_paper_precision(question(relevant={"kite": 1}), both).value == 0.5
    assert gold_paper_recall(question(relevant={KITE.title: 1, "otter": 1}), both).value == 1.0
    assert gold_paper_recall(question(relevant={"kite": 1, "elk": 1}), both).value == 0.5
    assert gold_paper_precision(question(), silence()).value is None


def test_the_deterministic_judge_takes_a_quote_and_refuses_a_changed_figure() -> None:
    text = CitedText(title=KITE.title, text="Memory falls by 41%.")
    assert support_judge("Memory falls by 41%.", [text])
    assert not support_judge("Memory falls by 47%.", [text])
