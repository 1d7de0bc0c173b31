"""Questions that presuppose an effect, an ability, an order or a figure that the abstract denies, and sound ones beside them."""

from __future__ import annotations

import pytest

from rag.premises import Premise, mistaken
from rag.schema import Paper
from rag.sentences import sentence_spans

PLOVER = Paper(
    paper_id="plover",
    title="Plover: Nest Maps for Tide Flats",
    abstract=(
        "Plover draws maps of nests from drone pictures. "
        "On ReedBench it brings no improvement, since reeds hide the nests. "
        "Adding a second camera lowers the noise, while turning it has no effect. "
        "Drawn shadows as a hint help only slightly. "
        "An image takes 8 seconds, five times as long as plain tracing. "
        "Plover finds 71% of the nests, compared with 44% for EgretScan. "
        "GPT-4 invented 12% of its nests, GPT-3.5 31%. "
        "The small model keeps 88.1% success on DuneSet, against 93.4% for the guide. "
        "Storage is cut by 7.5 times. "
        "Each map takes 3 MB. "
        "Rain cannot be removed, and fog is not supported. "
        "It does not run on tablets. "
        "A short calibration flight is required. "
        "Without shadow masks, training diverges. "
        "When both cameras share a clock, the maps blur. "
        "Against TernTrace the improvement in recall is 9 points."
    ),
)
UNSURE = Paper(
    paper_id="dunlin",
    title="Dunlin: Is a Second Wing Needed?",
    abstract=(
        "One wing caused 2.4 falls a day, two wings 2.3, a difference that is not significant. "
        "No existing kite carries DunlinFP."
    ),
)


def found(question: str, paper: Paper) -> Premise | None:
    return mistaken(question, paper, sentence_spans(paper.abstract))


@pytest.mark.parametrize(
    ("question", "contradicted_by"),
    [
        ("Why does Plover improve ReedBench so much?", "no improvement"),
        ("How does turning the second camera lower the noise?", "no effect"),
        ("Why do drawn shadows help Plover so much?", "only slightly"),
        ("Why is Plover faster than plain tracing?", "five times as long"),
        ("Why does EgretScan find more nests than Plover?", "44% for EgretScan"),
        ("Why does GPT-4 invent more nests than GPT-3.5?", "GPT-3.5 31%"),
        ("How does the small model keep 93.4% success on DuneSet?", "88.1%"),
        ("How was the 9.5x storage reduction of Plover reached?", "7.5 times"),
        ("Why does each map of Plover take 3 GB?", "3 MB"),
        ("How does Plover support fog?", "fog is not supported"),
        ("How does Plover run on tablets?", "does not run"),
        ("How does Plover work without a calibration flight?", "is required"),
        ("How does Plover stay stable without shadow masks?", "diverges"),
        ("Why do maps not blur when both cameras share a clock?", "the maps blur"),
        ("Why is Plover worse than TernTrace?", "Against TernTrace"),
    ],
)
def test_what_the_abstract_denies_is_found(question: str, contradicted_by: str) -> None:
    premise = found(question, PLOVER)
    assert premise is not None and contradicted_by in premise.sentence


@pytest.mark.parametrize(
    "question",
    [
        "Why does Plover bring no improvement on ReedBench?",
        "Why does Plover improve HeathBench so much?",
        "How does adding a second camera lower the noise?",
        "Why do drawn shadows help Plover a little?",
        "Why is Plover slower than plain tracing?",
        "Why does Plover find more nests than EgretScan?",
        "Why does GPT-3.5 invent more nests than GPT-4?",
        "How does the small model keep 88.1% success on DuneSet?",
        "How does the guide reach 93.4% success on DuneSet?",
        "How was the 7.5x storage reduction of Plover reached?",
        "Why does each map of Plover take only 3 MB?",
        "How does Plover find nests?",
        "Why can Plover not run on tablets?",
        "Why does Plover need a calibration flight?",
        "Why does training diverge without shadow masks?",
        "Why do maps blur when both cameras share a clock?",
        "Why is Plover better than TernTrace?",
        "Is Plover faster than plain tracing?",
        "Why do reports claim that Plover improves ReedBench?",
    ],
)
def test_the_sound_question_beside_it_is_left_alone(question: str) -> None:
    assert found(question, PLOVER) is None


def test_a_difference_that_is_not_significant_and_something_that_nobody_has() -> None:
    significant = found("Why are two wings significantly better than one?", UNSURE)
    assert significant is not None and "not significant" in significant.sentence
    carried = found("Which red kites carry DunlinFP?", UNSURE)
    assert carried is not None and carried.sentence.startswith("No existing kite")


def test_short_forms_of_kinds_are_no_rival_names() -> None:
    paper = Paper(
        paper_id="ruff",
        title="RuffCheck: Made-up Birds",
        abstract="Language models make up birds. GPT-3.5 made up 39.6% of its birds, and QuelNet 18.1%.",
    )
    assert found("How do LLMs make up birds?", paper) is None
    assert found("How do QLLMs make up birds?", paper) is None
