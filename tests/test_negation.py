"""Questions for papers that do without something: who says so comes first, who says the opposite is not quoted, and where nobody
says it, that is said.
"""

from __future__ import annotations

import pytest

from ingest import add_papers
from rag.engine import Engine
from rag.library import Library
from rag.negation import Negated, demanding, denying, negated, none_says
from rag.schema import Answer
from tests.conftest import paper

PAPERS = (
    paper(
        "MossCut: Segmenting Moss in Field Photographs",
        "MossCut outlines moss on stones. It needs 400 labels drawn by botanists. Code is on request.",
    ),
    paper(
        "FernFind: Clustering Ferns by Shape",
        "FernFind sorts fronds into groups by their outline. Labels are not needed. The weights are released.",
    ),
    paper(
        "LichenLens: Mapping Lichen from Drones",
        "LichenLens maps lichen from the air. Without labels, recall falls from 81% to 44%. A drone flies for an hour.",
    ),
    paper(
        "PollenPress: Counting Pollen under a Microscope",
        "PollenPress counts grains with a filter bank and requires no annotations. We do not release the weights.",
    ),
    paper(
        "TwigTalk: Describing Branches in Words",
        "TwigTalk writes a sentence about a branch. It is fine-tuned for two hours on a laptop.",
    ),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    library = Library.create(tmp_path_factory.mktemp("negation") / "library")
    add_papers(library, PAPERS)
    return Engine(library)


def cited(answer: Answer) -> list[str]:
    return [citation.title.split(":")[0] for citation in answer.citations]


@pytest.mark.parametrize(
    "question",
    [
        "Which methods need no labels?",
        "which methods do not require labels?",
        "Which methods work without labels?",
        "are there any methods that do NOT need labelled data?",
    ],
)
def test_papers_that_need_it_are_not_quoted_for_those_that_do_not(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    assert set(cited(answer)) == {"FernFind", "PollenPress"}
    assert [one.paper_id for one in answer.papers[:2]] == list(dict.fromkeys(c.paper_id for c in answer.citations))


def test_who_says_it_in_the_words_of_the_question_comes_first(engine: Engine) -> None:
    assert cited(engine.ask("Which methods need no labels?")) == ["FernFind", "PollenPress"]
    assert cited(engine.ask("Which methods need no annotations?")) == ["PollenPress", "FernFind"]


def test_what_is_released_is_no_answer_to_what_is_not(engine: Engine) -> None:
    answer = engine.ask("Which papers did not release weights?")
    assert [citation.quote for citation in answer.citations] == ["We do not release the weights."]


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (
            "which methods need no fine-tuning?",
            "None of the 5 papers searched says that it does without “fine-tuning”. "
            "What an abstract does not mention may still be needed.",
        ),
        (
            "which drone methods need no labels?",
            "None of the 5 papers searched is on “drone” and says that it does without “labels”. "
            "What an abstract does not mention may still be needed.",
        ),
    ],
)
def test_where_no_abstract_says_it_that_is_said(engine: Engine, question: str, says: str) -> None:
    answer = engine.ask(question)
    assert answer.abstained
    assert (answer.reason, answer.text.split("\n")[0]) == ("not_stated", says)
    assert answer.citations == ()


def test_a_topic_narrows_the_papers_that_do_without(engine: Engine) -> None:
    assert cited(engine.ask("Which pollen methods need no labels?")) == ["PollenPress"]


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Which methods need no labels?", Negated(what="labels")),
        ("which methods are training-free?", Negated(what="training")),
        ("which methods do not need to be fine-tuned?", Negated(what="fine-tuned")),
        ("Which pruning methods do not rely on gradients?", Negated(what="gradients", topic="pruning")),
        ("are there any detectors that use no anchors?", Negated(what="anchors", topic="detectors")),
        ("which papers do not release code?", Negated(what="code", verb="release")),
        ("which papers report no gain?", Negated(what="gain", plain=False)),
        (
            "which methods merge models without retraining?",
            Negated(what="retraining", topic="merge models", plain=False),
        ),
    ],
)
def test_what_is_denied_is_read(question: str, asked: Negated) -> None:
    assert negated(question) == asked


@pytest.mark.parametrize(
    "question",
    [
        "Which methods need labels?",
        "which methods fail without labels?",
        "which methods do not work without labels?",
        "what happens without labels?",
        "which papers do not only use text?",
        "which papers have no more than two authors?",
        "which leaves can MossCut not outline?",
        "is there a way to prune without losing accuracy?",
        "a mower that does without blades and only saw grass, how often does it stop?",
    ],
)
def test_other_questions_deny_nothing(question: str) -> None:
    assert negated(question) is None


@pytest.mark.parametrize(
    ("sentence", "denies"),
    [
        ("It needs no retraining.", True),
        ("The filter is training-free.", True),
        ("It is not trained at all.", True),
        ("No training is required.", True),
        ("Even without training it reaches 80%.", True),
        ("Without training it still works.", True),
        ("Training is needed.", False),
        ("Without training, accuracy is 12%.", False),
        ("The score drops to 12% without training.", False),
        ("No training data are released.", False),
        ("We do not improve training.", False),
        ("Weights are kept away from zero during training.", False),
        ("We pretrain models instead of fine-tuning others.", False),
        ("It outperforms a learner without training.", False),
        ("Without altering the training schedule it is faster.", False),
        ("Training is longer, despite not requiring a teacher.", False),
        ("Existing methods need no training.", False),
    ],
)
def test_a_sentence_that_says_so_is_told_from_one_that_mentions_it(sentence: str, denies: bool) -> None:
    asked = negated("Which methods need no training?")
    assert asked is not None
    assert denying(sentence, asked) == ([(0, len(sentence))] if denies else [])


def test_a_paper_that_needs_the_thing_elsewhere_is_known() -> None:
    asked = Negated(what="labels")
    assert demanding("The first stage needs no labels. The second stage requires labels.", asked)
    assert not demanding("The first stage needs no labels. The second stage is short.", asked)


def test_that_none_says_it_is_worded_for_one_paper_too() -> None:
    text = none_says(Negated(what="weights", verb="released"), 1, 1)
    assert text == (
        "The one paper searched does not say that it does not release “weights”. What an abstract leaves out is not known."
    )


def test_where_only_the_nearest_were_looked_at_it_says_so() -> None:
    text = none_says(Negated(what="labels"), 4_210, 60)
    assert text.startswith("None of the 60 papers looked at, the nearest of 4,210, says that it does without “labels”.")
