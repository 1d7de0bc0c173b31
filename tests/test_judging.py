"""Whether a paper answers: what a question asks for, and what a paper must hold to answer it."""

from __future__ import annotations

import pytest

from ingest import add_papers
from rag import Engine
from rag.asked_for import asks_of, holds
from rag.judging import ANSWERS, judge, judgment_features, missing_words
from rag.library import Library
from rag.reading import _WORD, all_stems, speaks_of
from tests.conftest import paper

FOLDNET = (
    "Folding saves memory. FoldNet was taught 40 languages with little text. It was trained on eight A100 cards and makes no "
    "use of labelled speech. Its error on spoken digits is 2.5%, below that of older nets. The code is on GitHub."
)


@pytest.fixture
def engine(library: Library) -> Engine:
    add_papers(library, [paper("FoldNet: Folding Nets for Speech", FOLDNET), paper("Kites", "Kites fly in the wind.")])
    return Engine(library)


def features(engine: Engine, question: str) -> dict[str, float]:
    found = engine.read(question)
    assert found.matches[0].paper.title.startswith("FoldNet")
    return judgment_features(question, found.words, found.matches[0])


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("How many languages does it cover", [("count", ["languages"])]),
        ("How many people took part", [("count", ["people"])]),
        ("what number of layers", [("count", ["of", "layers"])]),
        ("Which learning rate was used", [("value", ["learning", "rate"])]),
        ("What MMLU does it reach", [("value", ["MMLU"])]),
        ("How much faster is it", [("amount", ["faster"])]),
        ("On which GPU was it trained", [("device", [])]),
        ("How long did the training take", [("duration", [])]),
        ("How many GPU hours did it take", [("duration", [])]),
        ("Under which licence is it", [("licence", [])]),
        ("What did it cost in dollars", [("money", [])]),
        ("Is it open source", [("release", [])]),
        ("What are the limitations of it", [("limit", [])]),
        ("exact ImageNet accuracy", [("value", ["exact", "ImageNet", "accuracy"])]),
        ("How does it work", []),
        ("Why does it fail", []),
        ("", []),
    ],
)
def test_what_is_asked_for_is_known_by_the_wording(question: str, asks: list[tuple[str, list[str]]]) -> None:
    silent = set("how what which is it are was does did do the a in on under to used use of".split()) - {"of"}
    words = question.split()
    found = asks_of(words, says=lambda i: words[i].casefold() not in silent)
    kept = [(ask.kind, [words[i] for i in ask.about]) for ask in found]
    assert [ask for ask in kept if ask[0] in {kind for kind, _ in asks}] == asks and bool(kept) == bool(asks)


def test_a_count_and_a_device_asked_for_at_once_are_two_asks() -> None:
    words = "How many layers does FoldNet have and on which GPU was it trained".split()
    assert [ask.kind for ask in asks_of(words)] == ["count", "device"]


def test_words_that_name_the_paper_are_not_what_is_asked_for() -> None:
    words = "Which FoldNet error rate".split()
    (ask,) = asks_of(words, names=lambda i: words[i] == "FoldNet")
    assert [words[i] for i in ask.about] == ["error", "rate"]


@pytest.mark.parametrize(
    ("kind", "text", "there"),
    [
        ("device", "It runs on one RTX 4090.", True),
        ("device", "It runs fast.", False),
        ("duration", "Training takes three days.", True),
        ("duration", "It has 16 layers.", False),
        ("licence", "It has an Apache licence.", True),
        ("licence", "It is free.", False),
        ("money", "It costs $200.", True),
        ("money", "It is cheap.", False),
        ("release", "The code is on GitHub.", True),
        ("release", "It is large.", False),
    ],
)
def test_a_text_has_something_of_a_kind_or_has_not(kind: str, text: str, there: bool) -> None:
    assert holds(kind, [text]) is there  # type: ignore[arg-type]


def test_the_limits_that_an_abstract_begins_with_are_those_of_others() -> None:
    assert not holds("limit", ["Nets have limitations.", "However, few care.", "We fold them."])
    assert holds("limit", ["Nets are big.", "We fold them.", "However, this fails for small ones."])


def test_a_number_counts_for_more_beside_the_word_that_it_is_asked_of(engine: Engine) -> None:
    stated = features(engine, "How many languages was FoldNet taught?")["beside"]
    unstated = features(engine, "How many labelled nets does FoldNet need?")["beside"]
    assert stated == pytest.approx(1.0, abs=0.01) and unstated < stated


def test_a_number_of_the_question_itself_is_no_answer(engine: Engine) -> None:
    assert features(engine, "How many languages are among the 40 of FoldNet?")["beside"] < 0.6


def test_that_there_are_none_answers_how_many(engine: Engine) -> None:
    """ "no use of labelled speech": the amount is none."""
    assert features(engine, "How much labelled speech does FoldNet need?")["beside"] > 0.5


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("On which GPU was FoldNet trained?", 1.0),
        ("How long did the training of FoldNet take?", -1.0),
        ("Under which licence is FoldNet?", -1.0),
        ("What does FoldNet fold?", 0.0),
    ],
)
def test_the_kind_asked_for_has_to_be_there(engine: Engine, question: str, kind: float) -> None:
    assert features(engine, question)["kind"] == kind


def test_names_and_versions_have_to_be_there_to_the_letter(engine: Engine) -> None:
    known = features(engine, "What is the error of FoldNet?")
    other = features(engine, "What is the error of FoldNet on DigitBank 7?")
    assert known["unnamed"] == 0.0 and known["unnumbered"] == 0.0
    assert other["unnamed"] > 0.3 and other["unnumbered"] == 1.0


def test_a_question_for_several_papers_asks_nothing_of_one(engine: Engine) -> None:
    found = engine.read("Which papers on nets, and how many languages do they cover?")
    several = judgment_features("which papers", found.words, found.matches[0], several=True)
    assert several["asked"] == 0.0


def test_the_judgment_is_the_weighted_sum_of_its_features(engine: Engine) -> None:
    question = "How many languages was FoldNet taught?"
    found = engine.read(question)
    expected = ANSWERS["bias"] + sum(ANSWERS[name] * value for name, value in features(engine, question).items())
    assert judge(question, found.words, found.matches[0]).log_odds == pytest.approx(expected)


def test_every_constant_is_of_a_feature_and_every_feature_has_one(engine: Engine) -> None:
    assert set(features(engine, "What is FoldNet?")) | {"bias"} == set(ANSWERS)


def test_tokens_are_those_of_the_abstract_with_the_sentence_that_each_is_of(engine: Engine) -> None:
    found = engine.read("How many languages was FoldNet taught?")
    tokens = found.matches[0].tokens()
    assert tokens.texts[:4] == ("Folding", "saves", "memory", "FoldNet")
    assert tokens.sentence.tolist()[:4] == [0, 0, 0, 1]
    assert tokens.near.shape == (len(found.words), len(tokens.texts))
    row = [word.text for word in found.words].index("languages")
    assert tokens.near[row, tokens.texts.index("languages")] == 1.0
    assert tokens.near.min() >= 0.0 and tokens.near.max() <= 1.0


@pytest.mark.parametrize(
    "question",
    [
        "On which GPU was FoldNet trained?",
        "How many languages was FoldNet taught?",
        "What error has FoldNet on spoken digits?",
        "Is the code of FoldNet released?",
    ],
)
def test_what_the_abstract_states_is_answered(engine: Engine, question: str) -> None:
    assert not engine.ask(question).abstained


@pytest.mark.parametrize(
    "question",
    [
        "How many GPU hours did FoldNet take?",
        "Under which licence is FoldNet released?",
        "What learning rate was used for FoldNet?",
        "What batch size does FoldNet need on ImageNet?",
        "What does it cost in dollars to train FoldNet?",
        "When a bakery keeps its rye starter cold for three days, how much does the acidity of the loaf change?",
    ],
)
def test_what_it_does_not_state_is_refused_though_the_paper_is_named(engine: Engine, question: str) -> None:
    assert engine.ask(question).abstained


def test_a_possessive_is_no_part_of_the_word() -> None:
    assert [match[0] for match in _WORD.finditer("What is FoldNet's error, and GridNet’s? It doesn't say 2,5.")] == [
        "What", "is", "FoldNet", "error", "and", "GridNet", "It", "doesn't", "say", "2,5",
    ]  # fmt: skip


@pytest.mark.parametrize("question", ["What is FoldNet's error on digits?", "What is FoldNet’s error on digits?"])
def test_a_question_with_a_possessive_is_answered(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    assert not answer.abstained and "2.5%" in answer.text


@pytest.mark.parametrize(
    ("text", "word", "there"),
    [
        ("a pre-training of nets", "pretraining", True),
        ("We show S$^{2}$Net", "S2Net", True),
        ("is 8$\\times$ smaller", "8x", True),
        ("is 8 times smaller", "8x", True),
        ("needs 24G in training", "memory", True),
        ("needs 24 layers in training", "memory", False),
        ("is 18 times smaller", "8x", False),
    ],
)
def test_a_word_is_the_same_however_it_is_written(engine: Engine, text: str, word: str, there: bool) -> None:
    stems_of = engine.library.keywords.stems
    assert (set(stems_of(word)) <= all_stems(text, stems_of)) is there


@pytest.mark.parametrize(
    ("text", "word", "there"),
    [
        ("FoldNet2 folds", "FoldNet-2", True),
        ("GridFoldNet", "FoldNet", False),
        ("FoldNet has 2 parts", "FoldNet-2", False),
    ],
)
def test_a_name_is_there_to_the_letter_or_not(text: str, word: str, there: bool) -> None:
    assert speaks_of(text, word) is there


def test_only_what_a_paper_lacks_in_every_form_is_missing(engine: Engine) -> None:
    question = "Isn't it true that FoldNet's digit errors and trainings used penguins?"
    found = engine.read(question)
    assert found.matches[0].paper.title.startswith("FoldNet")
    assert missing_words(found.words, found.matches[0]) == ("penguins",)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Which optimizer was used to train FoldNet", "optimizer"),
        ("What tokenizer does it have", "tokenizer"),
        ("Who funded it", "funder"),
        ("Which venue took it", "venue"),
    ],
)
def test_a_thing_asked_for_by_its_class_has_to_be_named(question: str, kind: str) -> None:
    asks = asks_of(question.split(), says=lambda place: place == 1)
    assert [ask.kind for ask in asks] == [kind]
    assert not holds(kind, FOLDNET.split(". "))  # type: ignore[arg-type]


def test_a_thing_of_the_class_that_is_named_is_found() -> None:
    assert holds("optimizer", ["We train with AdamW."]) and holds("tokenizer", ["It uses a BPE of its own."])


def test_the_memory_of_a_device_is_an_amount_and_not_a_device() -> None:
    asks = asks_of("Which GPU memory does it need".split(), says=lambda place: place in (1, 2))
    assert [(ask.kind, ask.about) for ask in asks] == [("value", (1, 2))]
