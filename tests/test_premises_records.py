"""A wrong organisation, author or year that a question gives a paper: held against the record, and only where that has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ingest.split import split
from rag import Engine
from rag.embeddings import embed_papers
from rag.library import Library
from rag.premise.lexicon import BEGINS
from rag.premise.records import misattributed
from rag.schema import Paper

KITE = Paper(
    paper_id="kite",
    title="KiteNet: Flying Small",
    abstract="KiteNet flies on a small wing, and GullNet does not.",
    organisation="Tern University",
    published=date(2025, 3, 4),
    authors=("Ada Byron", "José Lima", "Wei Li"),
)


@pytest.mark.parametrize(
    ("question", "part", "says"),
    [
        ("What did Zephyr Systems report about KiteNet?", "Zephyr Systems", "names Tern University"),
        ("How was KiteNet by Stanford tested?", "Stanford", "names Tern University"),
        ("Which company's researchers at Google wrote KiteNet?", "Google", "names Tern University"),
        ("How does OpenAI's KiteNet fly?", "OpenAI", "names Tern University"),
        ("What did Smith et al. show with KiteNet?", "Smith et al.", "names Ada Byron and others"),
        ("In 2023, how did KiteNet do on cliffs?", "2023", "says 2025-03-04"),
        ("What did Lumina's 2022 paper “KiteNet” report?", "2022", "says 2025-03-04"),
    ],
)
def test_what_the_record_contradicts_is_found(question: str, part: str, says: str) -> None:
    found = misattributed(question, KITE)
    assert found is not None
    assert (question[found.start : found.end], found.says) == (part, says)


@pytest.mark.parametrize(
    "question",
    [
        "What did Byron report about KiteNet?",
        "What did Jose Lima find in KiteNet?",
        "How was KiteNet by Tern tested?",
        "How does TU's KiteNet fly?",
        "In 2025, how did KiteNet do on cliffs?",
        "What did the 2026 paper on GullNet say of KiteNet?",
        "What does GullNet show about KiteNet?",
        "Why does GPT-4's KiteNet score fall?",
        "How does KiteNet by default fly?",
        "How was KiteNet-XL by Stanford tested?",
        "How was KiteNet 2 by Stanford tested?",
        "How do Google researchers fly?",
    ],
)
def test_a_sound_attribution_is_left_alone(question: str) -> None:
    assert misattributed(question, KITE) is None


def test_a_record_without_the_field_contradicts_nothing() -> None:
    bare = replace(KITE, organisation=None, authors=(), published=None)
    for question in ("How was KiteNet by Stanford tested?", "In 2023, how did KiteNet do on cliffs?"):
        assert misattributed(question, bare) is None
    assert misattributed("In 2023, how did KiteNet do on cliffs?", replace(KITE, published_inferred=True)) is None


def test_the_answer_begins_with_the_line_and_cites_the_paper(library: Library) -> None:
    library.add(embed_papers(library.embedder, [(KITE, split(KITE, library.embedder.fits))]))
    answer = Engine(library).ask("How was KiteNet by Stanford tested?")
    assert answer.text.split("\n")[0] == (
        f"{BEGINS}“Stanford” for granted; the record of the paper names Tern University."
    )
    assert [citation.paper_id for citation in answer.citations] == ["kite"]
