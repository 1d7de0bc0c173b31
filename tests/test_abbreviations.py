"""Abbreviations find, are matched and are judged like what they stand for, and the other way round; numbers in every form."""

from __future__ import annotations

import time

import pytest

from ingest import add_papers
from rag import Engine
from rag.abbreviation_meanings import meanings
from rag.abbreviations import definitions, is_common, keys_of, looks_short, short_key, spells_out, stands_for
from rag.judging import is_name, judgment_features
from rag.library import Library
from rag.premise.abstract import read_abstract
from rag.premise.measured import another_name
from rag.premise.questions import Assumed
from rag.refusals import is_foreign
from rag.schema import Filters
from tests.conftest import paper

PAPERS = (
    paper(
        "LedgerReader: Looking Facts Up",
        "Retrieval-augmented generation looks facts up before it writes. LedgerReader orders what was found. On Natural "
        "Questions its exact match is 51.3, with 1,000 passages held in store.",
    ),
    paper(
        "Tidy Shelves", "A RAG pipeline forgets old pages. Tidy Shelves removes them once a month, at 3% less storage."
    ),
    paper("Murky Ears", "We listen to noisy streets. The word error rate of Murky Ears is 7.4 on tram rides."),
    paper(
        "Idle Talk", "Language models invent references. Idle Talk lets GPT-3.5 check each one, and 12% turn out false."
    ),
    paper("Quiet Noise", "We add noise under differential privacy (DP) and lose 2 points. DP costs little on tables."),
    paper("Kites", "Kites fly in the wind when the string is long. We cast the string in wax."),
    paper("Lamps on the Sill", "A lamp with 2000 hours of light. The lamp learns when to stop, at 9 lumen."),
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    library = Library.create(tmp_path_factory.mktemp("abbreviations") / "library")
    add_papers(library, PAPERS)
    return Engine(library)


def first(engine: Engine, question: str) -> str:
    found = engine.library.keywords.search(question, 1, Filters())
    return engine.library.get_many([found[0][0]])[found[0][0]].title if found else ""


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("Reinforcement Learning from Human Feedback (RLHF).", [("RLHF", "reinforcement learning from human feedback")]),
        ("Large vision-language models (LVLMs) fail", [("LVLM", "large vision-language models")]),
        ("RAG (retrieval-augmented generation) helps", [("RAG", "retrieval-augmented generation")]),
        ("with 3D Gaussian Splatting (3DGS; fast)", [("3DGS", "3d gaussian splatting")]),
        ("speech-to-speech translation (S2ST)", [("S2ST", "speech-to-speech translation")]),
        ("masked autoencoders (MAE)", [("MAE", "masked autoencoders")]),
        ("a new model (BERT)", []),
        ("on our machines (A100)", []),
        ("a study of cats (see Table 2)", []),
        ("of men (OM)", []),
    ],
)  # fmt: skip
def test_what_a_text_spells_out_is_read(text: str, pairs: list[tuple[str, str]]) -> None:
    assert definitions(text) == pairs


@pytest.mark.parametrize(
    ("word", "keys"),
    [
        ("RAG", ["rag"]), ("rag", ["rag"]), ("LLMs", ["llm"]), ("mAP", ["map"]), ("grpo", ["grpo"]), ("VLAs", ["vla"]),
        ("map", []), ("sat", []), ("it", []), ("as", []), ("As", []), ("cast", []), ("why", []),
        ("Kites", []), ("x", []), ("", []),
    ],
)  # fmt: skip
def test_english_words_are_no_abbreviations_unless_written_as_such(word: str, keys: list[str]) -> None:
    assert keys_of(word)[-1:] == keys


def test_letters_stand_for_the_words_they_begin() -> None:
    assert stands_for("moe", ["mixture", "of", "experts"])
    assert stands_for("lora", ["Low", "Rank", "Adaptation"])
    assert not stands_for("moe", ["models", "on", "edges", "here"])
    assert not stands_for("rag", ["retrieval"]) and not stands_for("rag", [])
    assert short_key("3D-GS") == "3dgs" and looks_short("NeRF") and not looks_short("Nerf")


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("RAG that orders what was found", "LedgerReader: Looking Facts Up"),
        ("rag ordering", "LedgerReader: Looking Facts Up"),
        ("retrieval augmented generation forgetting pages", "Tidy Shelves"),
        ("WER on trams", "Murky Ears"),
        ("LLMs references", "Idle Talk"),
        ("differentially private DP tables", "Quiet Noise"),
        ("1000 passages", "LedgerReader: Looking Facts Up"),
        ("1000.0 passages", "LedgerReader: Looking Facts Up"),
        ("2,000 hours", "Lamps on the Sill"),
        ("2{,}000 hours", "Lamps on the Sill"),
    ],
)
def test_keywords_find_papers_that_say_it_otherwise(shelf: Engine, question: str, title: str) -> None:
    assert first(shelf, question) == title


@pytest.mark.parametrize(
    ("question", "stated"),
    [
        ("what EM does LedgerReader reach on NQ?", "51.3"),
        ("Murky Ears WER", "7.4"),
        ("How many passages does LedgerReader hold with 1000 in store?", "1,000"),
    ],
)
def test_a_question_in_abbreviations_is_answered(shelf: Engine, question: str, stated: str) -> None:
    answer = shelf.ask(question)
    assert not answer.abstained and stated in answer.text


@pytest.mark.parametrize(
    "question", ["which papers are about RAG", "which papers are about retrieval augmented generation?"]
)
def test_papers_on_a_topic_are_those_of_either_form(shelf: Engine, question: str) -> None:
    titles = {citation.title for citation in shelf.ask(question).citations}
    assert {"LedgerReader: Looking Facts Up", "Tidy Shelves"} <= titles and "Kites" not in titles


@pytest.mark.parametrize(
    "question", ["how many papers about RAG?", "how many papers about retrieval-augmented generation?"]
)
def test_a_count_takes_both_forms(shelf: Engine, question: str) -> None:
    assert shelf.ask(question).text.startswith("**2** of 7 papers match")


def test_what_a_paper_does_not_have_stays_unsaid(shelf: Engine) -> None:
    for question in ("what WER does LedgerReader reach?", "What FID does Murky Ears reach?"):
        assert shelf.ask(question).abstained


def test_both_forms_are_read_as_the_word_itself(shelf: Engine) -> None:
    found = shelf.read("RAG with exact match")
    match = next(m for m in found.matches if m.paper.title.startswith("LedgerReader"))
    assert found.words[0].text == "RAG" and match.literal[0] and match.near[0] == 1.0
    tokens = match.tokens()
    assert [tokens.texts[i] for i in range(len(tokens.texts)) if tokens.near[0, i] == 1.0] == [
        "Retrieval-augmented",
        "generation",
    ]
    found = shelf.read("retrieval augmented generation pages")
    match = next(m for m in found.matches if m.paper.title == "Tidy Shelves")
    assert list(match.literal[:3]) == [True, True, True]


def test_an_abbreviation_everybody_uses_is_no_unknown_name(shelf: Engine) -> None:
    words = shelf.read("Do Kites need LLMs or FooNet or WER").words
    names = [word.text for i, word in enumerate(words) if is_name(words, i)]
    assert names == ["Kites", "FooNet", "WER"]
    assert is_common("llms") and is_common("VQA") and not is_common("FID") and not is_common("FooNet")


def test_the_papers_decide_what_an_abbreviation_means(library: Library) -> None:
    add_papers(
        library,
        [
            paper("One", "Dynamic programming (DP) solves it in 3 steps."),
            paper("Two", "With dynamic programming (DP) we save 4 steps, unlike differential privacy."),
            paper("Three", "Dynamic programming (DP) again. Data parallelism is not needed."),
        ],
    )
    index = library.keywords
    (dp,) = meanings("how fast is DP", index)
    assert dp.others == (("dynam", "program"),) and dp.is_short
    assert [one.written for one in meanings("fast dynamic programming", index)] == [("DP",)]
    assert meanings("dynamic but no programming", index) == () and dp.written == ("dynamic programming",)
    assert meanings("differential privacy", index) == () and meanings("as it is, cast by the art", index) == ()


def test_an_abbreviation_that_no_paper_has_changes_nothing(shelf: Engine) -> None:
    assert meanings("NeRF or OCR in the wind", shelf.library.keywords) == ()
    assert meanings("", shelf.library.keywords) == ()
    assert first(shelf, "kites cast in wax") == "Kites"


def test_a_question_is_prepared_in_no_time(shelf: Engine) -> None:
    index = shelf.library.keywords
    meanings("warm up with RAG", index)
    start = time.perf_counter()
    for i in range(50):
        meanings(f"which RAG methods reach an exact match above {i} with large language models on NQ?", index)
    assert (time.perf_counter() - start) / 50 < 0.02


def test_an_abbreviation_is_no_other_name_than_its_members() -> None:
    sentences = ("Language models invent references", "GPT-3.5 fabricated 39.6% of references in reports")
    abstract = read_abstract("Idle Talk", sentences)
    part = Assumed(text="LLMs fabricated references in reports", kind="claim", manner=True, start=0, end=9)
    named = Assumed(text="GPT-9 fabricated references in reports", kind="claim", manner=True, start=0, end=9)
    question = frozenset({"fabric", "refer", "report"})
    assert another_name(part, question, sentences[1], abstract) == 0.0
    assert another_name(named, question, sentences[1], abstract) > 0.0
    assert spells_out("LLMs", sentences[0]) and not spells_out("ASR", sentences[0])


def test_a_learning_rate_is_not_what_learns(shelf: Engine) -> None:
    question = "What learning rate was used for the lamp?"
    found = shelf.read(question)
    match = next(m for m in found.matches if m.paper.title.startswith("Lamps"))
    places = {word.text: i for i, word in enumerate(found.words)}
    assert not match.literal[places["learning"]] and match.literal[places["lamp"]]
    assert judgment_features(question, found.words, match)["beside"] < 0.5
    assert shelf.ask(question).abstained


@pytest.mark.parametrize(
    ("question", "foreign"),
    [
        ("LedgerReader cost in dollars?", False),
        ("Murky Ears price in euros?", False),
        ("Wieviel kostet LedgerReader monatlich", True),
        ("quelles papiers parlent du vent", True),
    ],
)
def test_terse_english_is_english(shelf: Engine, question: str, foreign: bool) -> None:
    assert is_foreign(question, shelf.read(question).words) is foreign
