"""Names, words and organisations in the keyword index: found without walking the papers, gone with their paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rag.keyword_fields import Card, fields, folded
from rag.keywords import KeywordIndex
from rag.library import Library
from rag.question.names import Shelf
from rag.question.spelling import mended
from rag.schema import Filters, Paper

KITE = Paper(
    paper_id="2405.00001",
    title="KiteNet: Tethered Diffusion Models",
    abstract="Diffusion models fly on a tether. We call the tether StringPull. Quantization is left out.",
    aliases=("kite-paper",),
    published=date(2024, 5, 1),
    organisation="Wind Lab",
    organisation_slug="windy",
)
OTTER = Paper(
    paper_id="b",
    title="Direct River Optimization",
    abstract="Direct River Optimization (DRO) steers diffusion models down a stream.",
    organisation="Wind Lab",
    organisation_slug="windy",
)
ROPE = Paper(paper_id="c", title="Ropes", abstract="StringPull is compared with three ropes.")


def index_of(folder: Path, papers: Iterable[Paper]) -> KeywordIndex:
    index = KeywordIndex(folder / "keywords")
    index.replace(papers)
    return index


@pytest.fixture
def index(tmp_path: Path) -> KeywordIndex:
    return index_of(tmp_path, (KITE, OTTER, ROPE))


def as_library(index: KeywordIndex) -> Library:
    """What reading names needs of a library: its keyword index, and no paper at all."""

    def refuse(*_: Any) -> dict[str, Paper]:
        return {}

    return cast("Library", SimpleNamespace(keywords=index, get_many=refuse))


def test_a_card_keeps_title_and_names_as_the_paper_writes_them() -> None:
    card = Card.from_bytes("b", cast("bytes", fields(OTTER, str.split)["card"][0]))
    assert (card.title, card.names) == (OTTER.title, ["Direct River Optimization", "DRO", "b"])


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("kitenet", "2405.00001"),
        ("Kite Net", "2405.00001"),
        ("KiteNet: Tethered Diffusion Models", "2405.00001"),
        ("2405.00001", "2405.00001"),
        ("kite-paper", "2405.00001"),
        ("DRO", "b"),
    ],
)
def test_a_paper_is_found_by_each_of_its_names(index: KeywordIndex, name: str, owner: str) -> None:
    assert [card.paper_id for card in index.cards("name", folded(name))] == [owner]


def test_a_name_that_an_abstract_introduces_is_apart_from_names_of_titles(index: KeywordIndex) -> None:
    assert [card.paper_id for card in index.cards("introduced", "stringpull")] == [KITE.paper_id]
    assert index.cards("name", "stringpull") == []


def test_papers_of_one_name_come_in_the_order_of_their_ids_and_no_more_than_asked_for(tmp_path: Path) -> None:
    twins = [Paper(paper_id=str(i), title=f"Twin: Part {i}", abstract="Text.") for i in (3, 1, 2)]
    index = index_of(tmp_path, twins)
    assert [card.paper_id for card in index.cards("name", "twin")] == ["1", "2", "3"]
    assert len(index.cards("name", "twin", 2)) == 2


@pytest.mark.parametrize("slip", ["kitnet", "kiteenet", "kitente", "kytenet"])
def test_a_name_is_found_with_one_slip(index: KeywordIndex, slip: str) -> None:
    assert [card.paper_id for card in index.cards_near(slip, 1)] == [KITE.paper_id]


def test_a_name_with_two_slips_is_not_found_with_one(index: KeywordIndex) -> None:
    assert index.cards_near("kytenett", 1) == [] and len(index.cards_near("kytenett", 2)) == 1


def test_names_and_words_go_with_their_paper(index: KeywordIndex) -> None:
    index.replace([replace(OTTER, title="Lakes", abstract="Still water.")], removed=[KITE.paper_id])
    for name in ("kitenet", "dro", "240500001", "directriveroptimization"):
        assert index.cards("name", name) == []
    assert index.cards("introduced", "stringpull") == [] and index.cards_near("kitenett", 1) == []
    assert index.n_with_word("diffusion") == 0 and index.n_with_word("water") == 1
    assert index.organisations() == {("Wind Lab", "windy"): 1}
    shelf = Shelf(index)
    assert mended("difusion models of water", shelf, as_library(index)) == ("difusion models of water", [])


def test_words_are_listed_by_how_they_begin_each_with_its_papers(index: KeywordIndex) -> None:
    assert index.words_from("di") == {"diffusion": 2, "direct": 1}
    assert index.words_from("q") == {"quantization": 1}


@pytest.mark.parametrize("slip", ["difussion", "difusion", "diffusoin", "diffussion", "diffuson"])
def test_a_slip_in_a_word_is_mended_from_the_words_of_abstracts(index: KeywordIndex, slip: str) -> None:
    text, notes = mended(f"what do {slip} models do?", Shelf(index), as_library(index))
    assert text == "what do diffusion models do?" and notes == [f"“{slip}” was read as “diffusion”"]


def test_another_letter_in_its_place_makes_another_word(index: KeywordIndex) -> None:
    assert mended("what do diffution models do?", Shelf(index), as_library(index))[1] == []


def test_names_in_a_text_are_found_without_reading_a_paper(index: KeywordIndex) -> None:
    shelf, library = Shelf(index), as_library(index)
    found = shelf.find("how does KiteNet differ from DRO and StringPull?", library)
    assert [(one.words, one.paper_ids, one.in_title) for one in found] == [
        ("KiteNet", (KITE.paper_id,), True),
        ("DRO", ("b",), True),
        ("StringPull", (KITE.paper_id,), False),
    ]
    (slip,) = shelf.misspelt("what is KiteNte?", library, [])
    assert (slip.words, slip.meant, slip.paper_ids) == ("KiteNte", "KiteNet", (KITE.paper_id,))
    assert (shelf.title("b"), shelf.title("z")) == (OTTER.title, None)
    assert (shelf.titled("direct river optimization!"), shelf.titled("DRO")) == ("b", None)
    assert shelf.form("kite net") == "KiteNet" and shelf.label(KITE.paper_id) == "KiteNet"


def test_organisations_are_counted_among_matching_papers(index: KeywordIndex) -> None:
    assert index.organisations() == {("Wind Lab", "windy"): 2}
    assert index.organisations(Filters(since=date(2024, 1, 1))) == {("Wind Lab", "windy"): 1}
    shelf = Shelf(index)
    assert shelf.n_papers_by_organisation == {"Wind Lab": 2}
    assert shelf.organisations == {"windlab": "Wind Lab", "windy": "Wind Lab", "wind": "Wind Lab"}


def test_papers_are_cut_by_fields_they_have_lack_and_by_what_is_left_out(index: KeywordIndex) -> None:
    everything = Filters()
    assert index.matching(everything, 9) == [KITE.paper_id, "b", "c"]
    assert index.matching(everything, 9, has=["organisation"]) == [KITE.paper_id, "b"]
    assert index.matching(everything, 9, lacks=["published"]) == ["b", "c"]
    assert index.matching(everything, 9, out=Filters(organisation="windy")) == ["c"]
    assert index.n_matching(everything, has=["organisation"], lacks=["published"]) == 1
    assert index.ordered(everything, "published", 9) == [KITE.paper_id]


def test_titles_without_a_letter_and_names_as_long_as_a_page_are_stored(tmp_path: Path) -> None:
    odd = (
        Paper(paper_id="1", title="北京", abstract="漢字", organisation="北京大学"),
        Paper(paper_id="2", title="x" * 70_000, abstract="Long."),
        Paper(paper_id="3", title="“\x1f”", abstract="Signs.", organisation="a\x1fb"),
    )
    index = index_of(tmp_path, odd)
    assert index.n_papers == 3 and [card.paper_id for card in index.cards("name", folded("x" * 70_000))] == ["2"]
    shelf = Shelf(index)
    assert "" not in shelf.organisations and shelf.n_papers_by_organisation["北京大学"] == 1
    assert shelf.find("什么 x?", as_library(index)) == []
