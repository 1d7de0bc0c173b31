"""Every field of a paper's record can be asked, counted and listed by: links, code, authors, upvotes. Worked by hand
over five papers.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ingest import add_papers
from rag.engine import Engine
from rag.library import Library
from rag.persons import name_keys
from rag.question.kinds import read_kind
from rag.released import code_sentence, says_code
from rag.schema import Filters, Paper, Turn
from tests.conftest import paper

PAPERS = [
    paper(
        "LumenCache: Key Caches That Dim",
        "The key caches of speech models grow with every second that is heard. LumenCache dims old keys one by one. It halves "
        "memory on TidalSpeech and loses 0.3 points.",
        published=date(2025, 3, 4), authors=("Dana R. Whitfield", "José Ångström"), n_authors=2,
        organisation="Harbor Lab", n_comments=3, n_upvotes=40, arxiv_id="2503.00001", url="https://arxiv.org/abs/2503.00001", code_url="https://github.com/harbor/lumencache",
    ),
    paper(
        "Brackish: Salted Pruning for Speech",
        "Pruned speech models forget rare words. Brackish salts the pruned weights with noise and keeps 98% of the rare words. "
        "Code is available at https://github.com/brackish/salt.",
        published=date(2024, 6, 1), authors=("Dana R. Whitfield", "Mei Tanaka"), n_authors=2,
        organisation="Harbor Lab", n_upvotes=12, doi="10.1000/salt",
    ),
    paper(
        "PebbleSort: Sorting Stones by Sight",
        "Stones on a belt are sorted by a camera. PebbleSort needs a week of labels and sorts 40 stones a second. The code "
        "is not released.",
        published=date(2024, 2, 1), authors=("Carmen Ruiz",), n_authors=1, n_upvotes=0,
    ),
    paper(
        "GullTalk: Agents That Share a Beak",
        "Agents that share one memory quarrel about what to keep. GullTalk lets each agent own a quarter of the memory.",
        authors=("Jose Angstrom", "Carmen Ruiz"), n_authors=2,
    ),
    paper(
        "Quarry: A Test of Digging",
        "Digging robots are rarely tested. Quarry is a test of 12 pits for digging agents.",
        published=date(2023, 9, 9), organisation="Karolinska Institutet", n_authors=3,
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    library = Library.create(tmp_path_factory.mktemp("fields") / "library")
    add_papers(library, PAPERS)
    return Engine(library, today=lambda: date(2025, 6, 1))


def titled(start: str) -> Paper:
    return next(one for one in PAPERS if one.title.startswith(start))


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("where is the code of LumenCache?", "has its code at https://github.com/harbor/lumencache."),
        ("does LumenCache have code?", "has its code at https://github.com/harbor/lumencache."),
        ("is there code for LumenCache?", "has its code at https://github.com/harbor/lumencache."),
        ("Is the code of LumenCache available?", "has its code at https://github.com/harbor/lumencache."),
        ("LumenCache github", "has its code at https://github.com/harbor/lumencache."),
        ("github link for LumenCache", "has its code at https://github.com/harbor/lumencache."),
        ("arxiv id of LumenCache", "has the arXiv id 2503.00001: https://arxiv.org/abs/2503.00001."),
        ("link to the LumenCache paper", "can be read at https://arxiv.org/abs/2503.00001."),
        ("where can I read Brackish?", "can be read at https://doi.org/10.1000/salt."),
        ("what is the DOI of Brackish?", "has the DOI 10.1000/salt: https://doi.org/10.1000/salt."),
        ("how do I cite LumenCache?", "title = {{LumenCache}: Key Caches That Dim}"),
        ("bibtex for LumenCache", "author = {Dana R. Whitfield and José Ångström}"),
        ("how many upvotes does LumenCache have?", "has 40 upvotes."),
        ("how many upvotes has PebbleSort?", "has 0 upvotes."),
    ],
)
def test_a_field_of_a_named_paper_is_answered_from_its_record(engine: Engine, question: str, said: str) -> None:
    answer = engine.ask(question)
    assert not answer.abstained
    assert said in answer.text
    assert len(answer.citations) == 1


def test_where_the_record_has_no_code_the_abstract_is_quoted(engine: Engine) -> None:
    answer = engine.ask("where is the code of Brackish?")
    assert answer.text == (
        "The library has no code link for “Brackish: Salted Pruning for Speech” [1]. Its abstract says: “Code is available at "
        "https://github.com/brackish/salt.” [1]"
    )
    assert answer.citations[0].quote.strip() == "Code is available at https://github.com/brackish/salt."
    denied = engine.ask("does PebbleSort have code?")
    assert "“The code is not released.” [1]" in denied.text and not denied.abstained


def test_what_a_record_lacks_is_said(engine: Engine) -> None:
    for question, what in (
        ("where is the code of GullTalk?", "code link"),
        ("what is the DOI of GullTalk?", "DOI"),
        ("arxiv id of GullTalk", "arXiv id"),
        ("link to GullTalk", "link"),
        ("how many upvotes does Quarry have?", "number of upvotes"),
    ):
        answer = engine.ask(question)
        assert answer.abstained and answer.reason == "not_stated"
        assert answer.text.startswith(f"The library has no {what} for “")


@pytest.mark.parametrize(
    ("question", "first"),
    [
        (
            "how many papers have code?",
            "**2** of 5 papers have code. 1 has a link to it in the record; of 1 only the abstract",
        ),
        ("how many papers have no code?", "**3** of 5 papers have no code"),
        ("how many papers on speech have code?", "**2** of 2 papers on “speech” have code"),
        ("how many papers have a DOI?", "**1** of 5 papers has a known DOI"),
        ("how many papers have at least 12 upvotes?", "**2** of 5 papers match: with at least 12 upvotes"),
        ("how many papers without upvotes?", "**1** of 5 papers matches: with no upvotes. 2 have no number of upvotes"),
        ("average number of upvotes", "**17.3** upvotes a paper on average"),
        ("how many papers by Dana Whitfield?", "**2** of 5 papers match: by Dana R. Whitfield"),
        ("how many papers has Carmen Ruiz written?", "**2** of 5 papers match: by Carmen Ruiz"),
        ("how many different authors are there?", "**4** authors on 4 papers"),
    ],
)
def test_papers_are_counted_by_fields(engine: Engine, question: str, first: str) -> None:
    assert engine.ask(question).text.startswith(first)


@pytest.mark.parametrize(
    ("question", "papers"),
    [
        ("which papers have code?", {"LumenCache", "Brackish"}),
        ("which papers on pruning have code?", {"Brackish"}),
        ("papers without code", {"PebbleSort", "GullTalk", "Quarry"}),
        ("which papers do not release code?", {"PebbleSort", "GullTalk", "Quarry"}),
        ("papers by Dana Whitfield", {"LumenCache", "Brackish"}),
        ("papers by dana whitfield", {"LumenCache", "Brackish"}),
        ("what did Whitfield write?", {"LumenCache", "Brackish"}),
        ("Whitfield's papers", {"LumenCache", "Brackish"}),
        ("papers by Whitfield since 2025", {"LumenCache"}),
        ("which papers did Dana Whitfield and Mei Tanaka write together?", {"Brackish"}),
        ("papers by Mei Tanaka or Carmen Ruiz", {"Brackish", "PebbleSort", "GullTalk"}),
        ("which papers are not by Whitfield?", {"PebbleSort", "GullTalk"}),
        ("papers by Ångström", {"LumenCache", "GullTalk"}),
        ("papers by jose angstrom", {"LumenCache", "GullTalk"}),
        ("papers with at least 20 upvotes", {"LumenCache"}),
        ("top 2 papers by upvotes", {"LumenCache", "Brackish"}),
        ("most upvoted paper", {"LumenCache"}),
        ("least upvoted paper", {"PebbleSort"}),
        ("which papers did Karolinska or Zorb Labs publish?", {"Quarry"}),
    ],
)
def test_papers_are_listed_by_fields(engine: Engine, question: str, papers: set[str]) -> None:
    answer = engine.ask(question)
    assert {found.title.split(":")[0] for found in answer.papers} == papers
    assert not answer.abstained


def test_a_list_of_papers_with_code_has_the_links_and_the_abstracts_own_words(engine: Engine) -> None:
    text = engine.ask("which papers have code?").text
    assert "| https://github.com/harbor/lumencache |" in text
    assert "| “Code is available at https://github.com/brackish/salt.” |" in text


def test_the_authors_with_the_most_papers(engine: Engine) -> None:
    for question in ("who has written the most papers?", "authors with the most papers?", "most prolific authors"):
        text = engine.ask(question).text
        assert text.startswith(
            "Carmen Ruiz, Dana R. Whitfield and José Ångström have the most papers: **2** each. **4** authors"
        )
    assert "1 paper names no authors." in text
    assert engine.ask("which organisation has the most papers?").text.startswith(
        "Harbor Lab has the most papers: **2**."
    )


def test_a_person_whom_no_paper_names_is_said(engine: Engine) -> None:
    answer = engine.ask("papers by Zed Nobody")
    assert answer.abstained
    assert (
        answer.text == "No paper here names “Zed Nobody” as an author or as its organisation. 1 paper names no authors."
    )


def test_an_author_can_be_dropped_from_what_was_understood(engine: Engine) -> None:
    assert engine.ask("papers by Whitfield on speech").filters == Filters(author="Dana R. Whitfield")
    assert engine.ask("papers by Whitfield on speech", ignore=("author",)).filters == Filters()


def test_a_surname_of_several_authors_means_all_and_that_is_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    library = Library.create(tmp_path_factory.mktemp("surnames") / "library")
    add_papers(
        library, [replace(titled("Quarry"), authors=("Ann Lee",)), replace(titled("GullTalk"), authors=("Bo Lee",))]
    )
    answer = Engine(library).ask("papers by Lee")
    assert answer.text.startswith("**2** of 2 papers match: by Lee.")
    assert any(note.startswith("2 authors here go by “Lee”: ") for note in answer.notes)


@pytest.mark.parametrize(
    "name", ["Dana Whitfield", "D. Whitfield", "WHITFIELD", "Mei Tanaka", "josé angstrom", "Whit", "Dana"]
)
def test_the_index_finds_the_authors_that_the_filter_means(engine: Engine, name: str) -> None:
    filters = Filters(author=name)
    expected = {one.paper_id for one in PAPERS if filters.matches(one)}
    assert set(engine.library.keywords.matching(filters, 9)) == expected
    assert bool(expected) == (name not in ("Whit", "Dana"))


def test_names_of_people_are_known_by_surname_and_initial() -> None:
    assert "vandenberg" in name_keys("Jan van den Berg") and "berg" in name_keys("Jan van den Berg")
    assert "jvandenberg" in name_keys("Jan van den Berg")
    assert name_keys("Whitfield, Dana") == name_keys("Dana Whitfield")
    assert "king" in name_keys("Ada King Jr.")


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("Our code and models are publicly available.", True),
        ("We release all code.", True),
        ("See https://github.com/a/b for details.", True),
        ("The code will be released upon acceptance.", True),
        ("No code is released.", False),
        ("We cannot share the code.", False),
        ("We study code generation with public models.", False),
        ("Publicly available code models are weak.", False),
    ],
)
def test_an_abstract_that_says_its_code_is_released(sentence: str, says: bool) -> None:
    assert says_code(f"Nets fold. {sentence}") == says
    if says:
        start, end = code_sentence(f"Nets fold. {sentence}") or (0, 0)
        assert f"Nets fold. {sentence}"[start:end].strip() == sentence


@pytest.mark.parametrize(
    ("question", "n", "topic"),
    [
        ("how many speech papers are there?", 2, "speech"),
        ("How many speech papers came out in 2024?", 1, "speech"),
        ("how many agent papers are there?", 2, "agent"),
        ("number of pruned speech papers", 1, "pruned speech"),
        ("how many published papers are there?", 5, ""),
        ("how many new papers are there?", 5, ""),
    ],
)
def test_words_before_papers_are_the_topic_of_a_count(engine: Engine, question: str, n: int, topic: str) -> None:
    text = engine.ask(question).text
    assert f"**{n}**" in text or f"**{n} papers**" in text
    assert (f"on “{topic}”" in text) if topic else ("on “" not in text)


@pytest.mark.parametrize(
    ("question", "is_timeline"),
    [
        ("papers a month", True),
        ("how many papers a week?", True),
        ("how many papers are published per year?", True),
        ("papers on speech per year", True),
        ("monthly number of papers", True),
        ("Which papers train in a day?", False),
        ("which paper needs a week of labels?", False),
        ("papers that own a quarter of the memory", False),
        ("which papers sort a million stones per day?", False),
        ("which papers use daily data?", False),
        ("papers that took a month", False),
    ],
)
def test_a_unit_of_time_makes_a_time_line_only_where_papers_are_counted_by_it(question: str, is_timeline: bool) -> None:
    assert (read_kind(question).intent == "timeline") == is_timeline


def test_every_part_of_a_question_is_answered(engine: Engine) -> None:
    answer = engine.ask("Who wrote Brackish, when, and how many of the rare words does it keep?")
    first, rest = answer.text.split("\n\n", 1)
    assert first == (
        "“Brackish: Salted Pruning for Speech” [1] has 2 authors: Dana R. Whitfield, Mei Tanaka; and was published on "
        "1 June 2024."
    )
    assert "keeps 98% of the rare words" in rest
    assert all(claim.citations[0] > 1 for claim in answer.claims)
    for citation in answer.citations:
        abstract = titled("Brackish").abstract
        assert abstract[citation.start : citation.end] == citation.quote


def test_a_part_that_nothing_answers_is_named(engine: Engine) -> None:
    answer = engine.ask("Which organisation is LumenCache from and which volcano does it study?")
    assert answer.text == (
        "“LumenCache: Key Caches That Dim” [1] is from Harbor Lab.\n\n"
        "The abstract does not answer “which volcano does LumenCache study?”"
    )
    assert not answer.abstained


def test_fields_alone_stand_in_one_sentence(engine: Engine) -> None:
    answer = engine.ask("When was LumenCache published and does it have code?")
    assert answer.text == (
        "“LumenCache: Key Caches That Dim” [1] was published on 4 March 2025 and has its code at https://github.com/harbor/lumencache."
    )


def test_links_are_asked_for_in_a_conversation(engine: Engine) -> None:
    talk: list[Turn] = []
    for question, said in (
        ("who wrote LumenCache?", "Dana R. Whitfield"),
        ("is there code?", "https://github.com/harbor/lumencache"),
        ("and the arxiv id?", "2503.00001"),
        ("papers by Whitfield", "**2** of 5 papers match: by Dana R. Whitfield"),
        ("how many of them have code?", "**2** of 2 papers by Dana R. Whitfield have code. 1 has a link"),
        ("only since 2025", "**1** of"),
    ):
        answer = engine.ask(question, history=talk)
        assert said in answer.text
        talk += [Turn(role="user", text=question), Turn(role="assistant", text=answer.text)]
