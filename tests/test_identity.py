"""Which records are one paper: however ids are written, whatever comes first, within a run and between runs."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ingest import IngestReport, add, from_documents
from ingest.identity import identified, lookup_keys, same
from ingest.merge import merge, merged
from ingest.split import split
from rag.embeddings import embed_papers
from rag.identity import arxiv_id, best_id, doi, keys, title_id
from rag.library import Library
from rag.schema import Paper
from tests.conftest import paper


class Digests:
    """Vectors from a hash: nothing here looks at what they say."""

    spec, fingerprint, dimension = "digests", "digests-1", 8

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.array([list(hashlib.sha256(text.encode()).digest()[:8]) for text in texts], np.float32) + 1
        unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def fits(self, text: str) -> bool:
        return True


@pytest.fixture
def shelf(tmp_path: Path) -> Library:
    return Library.create(tmp_path / "shelf", embedder=Digests())


def arxiv(number: str, title: str, abstract: str = "Nets fold. It saves 3 points.", **fields: object) -> Paper:
    return Paper(paper_id=number, arxiv_id=number, title=title, abstract=abstract, **fields)  # type: ignore[arg-type]


def put_as_it_is(library: Library, one: Paper) -> None:
    """Stores a paper as a reader of before left it."""
    library.add(embed_papers(library.embedder, [(one, split(one, library.embedder.fits))]))


def ids(library: Library) -> set[frozenset[str]]:
    """The papers of a library, each by all of its ids."""
    return {frozenset({p.paper_id, *p.aliases}) for p in library.papers()}


@pytest.mark.parametrize(
    "text",
    [
        "2403.03507", "2403.03507v2", "arXiv:2403.03507", "ARXIV: 2403.03507v11", "arXiv:2403.03507v1 [cs.LG]",
        "http://arxiv.org/abs/2403.03507v1", "https://www.arxiv.org/pdf/2403.03507", "arxiv.org/pdf/2403.03507v2.pdf",
        "https://arxiv.org/abs/2403.03507?context=cs", "https://hf.co/papers/2403.03507",
        "https://huggingface.co/papers/2403.03507", "10.48550/arXiv.2403.03507", "doi:10.48550/ARXIV.2403.03507",
        "https://doi.org/10.48550/arXiv.2403.03507", "oai:arXiv.org:2403.03507", " 2403.03507 ", "abs/2403.03507",
        "/abs/2403.03507v2", "pdf/2403.03507v1.pdf", "arXiv 2403.03507",
    ],
)  # fmt: skip
def test_every_spelling_of_an_arxiv_id_is_one(text: str) -> None:
    assert arxiv_id(text) == "2403.03507" and doi(text) is None
    assert identified(Paper(paper_id=text, title="T", abstract="A")).paper_id == "2403.03507"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("cs/0112017v1", "cs/0112017"),
        ("https://arxiv.org/abs/math.GT/0309136", "math/0309136"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("arXiv:0704.0001", "0704.0001"),
        ("2413.03507", None),  # there is no month 13
        ("24030.3507", None),
        ("2403.3507", None),  # five digits since 2015
        ("1501.0001", None),
        ("1501.00001", "1501.00001"),
        ("1412.6980", "1412.6980"),
        ("https://github.com/a/2403.03507", None),
        ("see 2403.03507", None),
        ("", None),
        (None, None),
    ],
)
def test_old_ids_and_what_is_none(text: str | None, wanted: str | None) -> None:
    assert arxiv_id(text) == wanted


@pytest.mark.parametrize(
    "text", ["10.1145/ABC.5", "https://doi.org/10.1145/abc.5", "DOI: 10.1145/Abc.5", "http://dx.doi.org/10.1145/abc.5",
     "10.1145%2fabc.5"]
)  # fmt: skip
def test_every_spelling_of_a_doi_is_one(text: str) -> None:
    assert doi(text) == "10.1145/abc.5" and arxiv_id(text) is None


def test_the_keys_of_a_paper_are_its_ids_its_title_and_its_aliases() -> None:
    one = arxiv("2403.03507", "Fold Nets", doi="10.1145/Abc", aliases=("p17", "arXiv:2401.00001v3"))
    assert keys(one) == (
        "arxiv:2401.00001", "arxiv:2403.03507", "doi:10.1145/abc",
        "id:2403.03507", "id:arXiv:2401.00001v3", "id:p17", f"title:{title_id('Fold Nets')}",
    )  # fmt: skip
    assert best_id("Fold Nets", arxiv="2403.03507v2", doi_="10.1/x") == "2403.03507"
    assert best_id("Fold Nets", doi_="https://doi.org/10.1145/X") == "10.1145/x"
    assert best_id("Fold Nets", doi_="none") == title_id("Fold Nets")


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r'Na\"{\i}ve Bayes', "Naïve Bayes"), (r"Garc\'{\i}a Folds", "García Folds"), (r"The $\ell_1$ Norm", "The ℓ1 norm"),
        (r"$\alpha$-Divergence", "α-divergence"), (r"$\mu$ \textmu", "µ μ"), (r"Gau\ss{}ian \O ystein", "Gaußian Øystein"),
        (r"When $n \leq p$", "When n ≤ p"), ("n <= p", "n ≤ p"), (r"\textbf{Bold} {GPT}-4 Q\&A", "Bold GPT-4 Q&A"),
    ],
)  # fmt: skip
def test_a_title_in_latex_and_in_plain_letters_is_one(latex: str, plain: str) -> None:
    assert title_id(latex) == title_id(plain)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"On $\alpha$ Decay", r"On $\beta$ Decay"), ("On α Decay", "On Decay"), ("Is 1 < 2?", "Is 1 > 2?"),
        (r"When $n \leq p$", r"When $n \geq p$"), ("Is a = b?", "Is a ≠ b?"),
    ],
)  # fmt: skip
def test_titles_that_differ_in_a_letter_or_a_comparison_are_two(one: str, other: str) -> None:
    assert title_id(one) != title_id(other)


def test_arrows_and_words_in_angle_brackets_compare_nothing() -> None:
    assert title_id("From <think> A -> B <=> C") == title_id("From think: A B C")


OLD_LATEX = [
    (r"Na\"{\i}ve Bayes by \O ystein", "Naïve Bayes by Øystein"),
    (r"$\alpha$-Divergence of Nets", "α-divergence of nets"),
    (r"Schr\"odinger Maps", "Schrödinger maps"),
]


@pytest.mark.parametrize(("raw", "plain"), OLD_LATEX)
@pytest.mark.parametrize("by", ["id", "key"])
def test_a_library_of_before_knows_its_papers_by_their_plain_titles(
    raw: str, plain: str, by: str, shelf: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    import rag.keyword_fields

    # What the title was folded to: LaTeX's commands left out.
    former = title_id(re.sub(r"\\[a-zA-Z]+\s*|\\.", "", raw))
    text = r"Nets of G\"odel fold. It saves 3\% of all points that there are in the world."
    stored = Paper(paper_id=former if by == "id" else "2403.03507", title=raw, abstract=text, seen_on=("page",))
    with monkeypatch.context() as before:
        before.setattr(rag.keyword_fields, "keys", lambda one: (f"id:{one.paper_id}", f"title:{former}"))
        put_as_it_is(shelf, stored)
    record = paper(
        plain, "Nets of Gödel fold. It saves 3% of all points that there are in the world.", seen_on=("page",)
    )
    report = add(shelf, [record])
    assert (report.new, report.changed) == (0, 1)
    (known,) = shelf.papers()
    assert (known.paper_id, known.title, known.abstract) == (stored.paper_id, plain, record.abstract)
    assert add(shelf, [record]).unchanged == 1 and shelf.verify() == []


def test_a_title_that_was_folded_with_another_is_no_longer_its_paper(shelf: Library) -> None:
    text = "Nets fold. It saves 3 points of all that there are in the world."
    former = title_id("Is 1 2?")
    with_one_id = Paper(paper_id=former, title="Is 1 < 2?", abstract=text)
    add(shelf, [with_one_id])
    assert add(shelf, [paper("Is 1 > 2?", text)]).new == 1
    again = paper("Is 1 < 2?", text)
    assert add(shelf, [again]).new == 0 and add(shelf, [again]).unchanged == 1 and len(list(shelf.papers())) == 2
    assert shelf.get(again.paper_id) == shelf.get(former)


def test_a_paper_is_found_by_an_earlier_title_as_it_was_folded_before(shelf: Library) -> None:
    text = "Nets fold. It saves 3 points of all that there are in the world."
    add(shelf, [arxiv("2403.00001", "Folding by a Norm", text, aliases=(title_id("1 Norm Folding"),))])
    assert add(shelf, [paper(r"$\ell$1 Norm Folding", text)]).new == 0


def test_a_title_alone_no_longer_in_latex_is_changed(shelf: Library) -> None:
    text = "Nets fold. It saves 3 points."
    latex, plain = arxiv("2403.00001", "Fold Nets"), arxiv("2403.00002", "G\u00f6del Nets", text)
    add(shelf, [latex])
    put_as_it_is(shelf, replace(plain, title=r"G\"odel {Nets}"))
    assert add(shelf, [plain, latex]).changed == 1
    assert shelf.get("2403.00002").title == "G\u00f6del Nets"  # type: ignore[union-attr]


def test_titles_without_letters_are_not_all_one_paper() -> None:
    assert title_id("???") != title_id("!!!")


# Between runs


def test_a_paper_known_by_title_gains_what_its_arxiv_record_says_and_keeps_its_id(shelf: Library) -> None:
    bare = paper("Fold Nets", "Nets fold. It saves 3 points.")
    add(shelf, [bare])
    full = arxiv(
        "2403.03507v2",
        "Fold  nets",
        published=date(2024, 3, 5),
        authors=("A. Lovelace",),
        url="https://arxiv.org/abs/2403.03507",
    )
    report = add(shelf, [full])
    assert (report.new, report.refreshed, report.n_passages) == (0, 1, 0)
    (known,) = shelf.papers()
    assert (
        known.paper_id == bare.paper_id
        and known.aliases == ("2403.03507", "2403.03507v2")
        and known.arxiv_id == "2403.03507"
    )
    assert (known.published, known.authors, known.link) == (full.published, full.authors, full.url)
    for name in (bare.paper_id, "2403.03507", "arXiv:2403.03507v1", "https://hf.co/papers/2403.03507"):
        assert shelf.get(name) == known
    assert [add(shelf, [record]).unchanged for record in (bare, full)] == [1, 1] and shelf.verify() == []


def test_a_paper_known_by_its_arxiv_id_takes_in_a_record_with_its_title_alone(shelf: Library) -> None:
    add(shelf, [arxiv("2403.03507", "Fold Nets")])
    report = add(shelf, [paper("Fold nets", "We show that nets fold, and that it saves points.", n_upvotes=7)])
    (known,) = shelf.papers()
    assert (report.new, known.paper_id, known.aliases, known.n_upvotes) == (
        0,
        "2403.03507",
        (title_id("Fold Nets"),),
        7,
    )


def test_two_papers_of_one_title_stay_two_when_their_ids_differ(shelf: Library) -> None:
    add(shelf, [arxiv("2403.00001", "Fold Nets"), arxiv("2403.00002", "Fold Nets")])
    add(
        shelf,
        [arxiv("2403.00002v3", "Fold Nets"), Paper(paper_id="10.1/a", doi="10.1/a", title="Fold Nets", abstract="Z.")],
    )
    add(shelf, [Paper(paper_id="x", doi="10.1/B", title="Fold Nets", abstract="Z.")])
    assert ids(shelf) == {
        frozenset(names) for names in (["2403.00001"], ["2403.00002", "2403.00002v3"], ["10.1/a"], ["x"])
    }
    assert shelf.get(title_id("Fold Nets")) is None


def test_a_title_that_two_papers_have_goes_to_the_one_that_begins_alike_else_stands_alone(shelf: Library) -> None:
    nets = arxiv("2403.00001", "Fold Nets", "We fold nets with care and patience until nothing of them is left to see.")
    maps = arxiv("2403.00002", "Fold Nets", "Maps of nets are folded by a machine that has learned how hikers do it.")
    cut = paper("Fold Nets", maps.abstract[:71], n_upvotes=3)
    add(shelf, [nets, maps])
    assert add(shelf, [cut]).warnings == [] and shelf.get("2403.00002").n_upvotes == 3  # type: ignore[union-attr]
    add(shelf, [arxiv("2403.00003", "Sink Nets"), arxiv("2403.00004", "Sink Nets", "Sinks are nets.")])
    alone = add(shelf, [paper("Sink nets", "Fishing nets sink well.", seen_on=("page.txt",))])
    assert alone.new == 1 and alone.warnings == [
        "page.txt: 2 papers are called “Sink nets” and this record does not say which one it is; it is kept as a paper "
        "of its own"
    ]
    # What such a record joined before, it joins again where its text is revised, and not with another one.
    revised = paper("Fold Nets", "A machine folds maps of nets: it has learned how hikers do that.")
    assert add(shelf, [revised]).new == 0 and shelf.get("2403.00002").aliases == (revised.paper_id,)  # type: ignore[union-attr]
    assert add(shelf, [paper("Fold Nets", "Fishing nets fold badly.")]).new == 1
    assert len(list(shelf.papers())) == 6


def test_a_doi_and_an_arxiv_id_are_one_paper_when_a_record_has_both(shelf: Library) -> None:
    add(
        shelf,
        [arxiv("2403.00001", "Fold Nets"), Paper(paper_id="10.1/a", doi="10.1/a", title="Folding", abstract="Z.")],
    )
    report = add(shelf, [arxiv("2403.00001", "Fold Nets", doi="https://doi.org/10.1/A")])
    assert (report.joined, report.refreshed + report.changed) == (1, 1)
    (known,) = shelf.papers()
    assert known.paper_id == "2403.00001" and "10.1/a" in known.aliases and shelf.verify() == []
    assert shelf.get("2403.00001") == shelf.get("doi:10.1/A") == known


def test_papers_known_apart_are_joined_when_a_record_links_them(shelf: Library) -> None:
    old = paper("Fold Nets", "Nets fold. It saves 3 points.", seen_on=("page",))
    new = arxiv("2403.00001", "Folding of Nets", n_upvotes=4)
    add(shelf, [old])
    add(shelf, [new])
    assert len(ids(shelf)) == 2
    report = add(shelf, [arxiv("2403.00001v1", "Fold Nets")])
    assert report.joined == 1 and shelf.status().n_papers == 1 and shelf.verify() == []
    (known,) = shelf.papers()
    assert {known.paper_id, *known.aliases} == {old.paper_id, "2403.00001", "2403.00001v1"}
    assert known.n_upvotes == 4 and known.seen_on == ("page",)


def test_a_page_with_a_papers_old_title_still_finds_it(shelf: Library) -> None:
    before, now = "Nets are folded with care.", "We show how nets are folded with much care and little loss."
    add(shelf, [arxiv("2403.00001", "Fold Nets", before, seen_on=("api",))])
    add(shelf, [arxiv("2403.00001", "Nets, Folded", now, seen_on=("api",))])
    assert add(shelf, [paper("Fold Nets", before)]).new == 0
    assert ids(shelf) == {frozenset({"2403.00001", title_id("Fold Nets")})}


def test_one_id_on_two_papers_of_a_file_makes_two_papers_and_a_warning(shelf: Library) -> None:
    one = Paper(paper_id="1", title="Fold Nets", abstract="Nets fold.", seen_on=("a.csv",))
    two = Paper(paper_id="1", title="Sink Nets", abstract="Sinks are nets.", seen_on=("a.csv",))
    for run in range(2):
        report = add(shelf, [one, two])
        assert (report.new, report.unchanged) == ((2, 0), (0, 2))[run]
    assert ids(shelf) == {frozenset({"1"}), frozenset({title_id("Sink Nets")})}
    assert report.warnings == []
    elsewhere = replace(two, title="Dry Nets", abstract="Nets dry.", seen_on=("b.csv",))
    assert "has the id '1' of another paper, “Fold Nets”" in add(shelf, [elsewhere]).warnings[0]
    assert len(ids(shelf)) == 3
    # The source of a paper may give it a wholly new text.
    edited = replace(one, title="Unfold Nets", abstract="Nets unfold.")
    assert add(shelf, [edited]).changed == 1 and shelf.get("1").title == "Unfold Nets"  # type: ignore[union-attr]


def test_ids_that_a_source_made_tell_its_papers_of_one_title_apart(shelf: Library) -> None:
    rows = [
        Paper(paper_id=f"d{i}", title="Editorial", abstract=f"Volume {i} begins.", seen_on=("c",)) for i in range(3)
    ]
    assert add(shelf, rows).new == 3 and add(shelf, rows).unchanged == 3
    linked = Paper(paper_id="p9", title="Fold nets", abstract="Nets fold. It saves points: 3.")
    assert add(shelf, [arxiv("2403.00001", "Fold Nets"), linked]).merged == 1


# In any order


def test_chains_within_one_run_end_in_one_paper() -> None:
    chain = [
        paper("Fold Nets", "Nets fold. It saves 3 points."),
        arxiv("2403.00001v1", "Folding"),
        Paper(paper_id="10.1/a", doi="10.1/a", title="Nets", abstract="Nets fold. It saves 3 points."),
        Paper(
            paper_id="m",
            arxiv_id="2403.00001",
            doi="10.1/A",
            title="Fold nets",
            abstract="Nets fold. It saves 3 points.",
        ),
    ]
    for seed in range(12):
        random.Random(seed).shuffle(chain)
        (one,) = merge(chain)
        assert {one.paper_id, *one.aliases} >= {title_id("Fold Nets"), "2403.00001", "10.1/a", "m"}


# Papers by number: each has one title of its own and one text, and may be recorded with any of its ids.
def _record(number: int, has_arxiv: bool, has_doi: bool, old_title: bool, votes: bool) -> Paper:
    title = f"Old Nets {number}" if old_title and has_arxiv else f"Fold Nets {number}"
    return identified(
        Paper(
            paper_id=best_id(
                title, arxiv=f"2403.0000{number}" if has_arxiv else None, doi_=f"10.1/{number}" if has_doi else None
            ),
            title=title,
            abstract=f"Nets of kind {number} fold. It saves {number} points.",
            arxiv_id=f"2403.0000{number}v{number + 1}" if has_arxiv else None,
            doi=f"10.1/{number}" if has_doi else None,
            n_upvotes=number if votes else None,
            seen_on=(f"source {int(has_doi)}",),
        )
    )


class _Shelf:
    """What a library is to the rules of identity, in memory."""

    def __init__(self) -> None:
        self.papers: dict[str, Paper] = {}

    def add(self, window: Sequence[Paper]) -> None:
        wanted = {key for record in window for key in lookup_keys(record)}
        known = [p for p in self.papers.values() if wanted.intersection(keys(p))]
        for one in same(known, window)[0]:
            for gone in one.known:
                del self.papers[gone.paper_id]
            found = merged(one)
            assert found.paper_id not in self.papers
            self.papers[found.paper_id] = found

    def facts(self) -> set[tuple[object, ...]]:
        """All that does not say which id came first and which title was read last."""
        return {
            (
                frozenset({p.paper_id, *p.aliases, title_id(p.title)}),
                p.abstract,
                p.arxiv_id,
                p.doi,
                p.n_upvotes,
                p.seen_on,
            )
            for p in self.papers.values()
        }


_RECORDS = st.lists(
    st.builds(_record, st.integers(0, 3), st.booleans(), st.booleans(), st.booleans(), st.booleans()),
    min_size=1,
    max_size=10,
)


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    records=_RECORDS,
    order=st.randoms(use_true_random=False),
    cuts=st.lists(st.integers(1, 4), min_size=10, max_size=10),
)
def test_any_order_in_any_number_of_runs_ends_in_the_same_papers(
    records: list[Paper], order: random.Random, cuts: list[int]
) -> None:
    at_once, later = _Shelf(), _Shelf()
    at_once.add(records)
    shuffled = list(records)
    order.shuffle(shuffled)
    for size in cuts:
        later.add(shuffled[:size])
        shuffled = shuffled[size:]
    later.add(shuffled)
    assert later.facts() == at_once.facts()
    before = later.papers.keys()
    later.add(records)
    assert later.facts() == at_once.facts() and later.papers.keys() == before


# One title, many papers

FISH = "Fishing nets are mended by hand in the harbour before the boats leave for the winter season."
MAPS = "A machine folds paper maps along creases that hikers have drawn while they were resting outdoors."
SOUP = "We cook onion soup for large crowds and measure how much butter each of the kitchens consumes."
MAPS_REVISED = "We present a machine that folds paper maps along creases drawn by hikers while resting outdoors."


@pytest.mark.parametrize("bare_first", [False, True])
def test_a_title_alone_with_another_text_is_a_paper_of_its_own_and_both_are_named(
    shelf: Library, bare_first: bool
) -> None:
    full = arxiv("2403.00001", "Introduction", FISH, authors=("A. Lovelace",), published=date(2024, 3, 5))
    bare = paper("Introduction", f"{MAPS} It folds ever so many of them.", seen_on=("page.txt",))
    first, second = (bare, full) if bare_first else (full, bare)
    add(shelf, [first])
    report = add(shelf, [second])
    assert report.new == 1 and len(report.warnings) == 1
    assert "2403.00001" in report.warnings[0] and bare.paper_id in report.warnings[0]
    known, other = shelf.get("2403.00001"), shelf.get(bare.paper_id)
    assert known is not None and other is not None
    assert (known.abstract, known.authors) == (FISH, ("A. Lovelace",))
    assert (other.abstract, other.authors, other.published) == (bare.abstract, (), None)
    again = add(shelf, [full, bare])
    assert (again.unchanged, again.warnings) == (2, []) and shelf.verify() == []


def test_two_titles_alone_are_two_papers_where_the_texts_are_unlike(shelf: Library) -> None:
    one, two = paper("Survey", FISH), paper("Survey", SOUP)
    report = add(shelf, [one, two])
    assert report.new == 2 and one.paper_id in report.warnings[0] and f"{one.paper_id}-" in report.warnings[0]
    assert [add(shelf, [record]).unchanged for record in (two, one)] == [1, 1]
    assert {p.abstract for p in shelf.papers()} == {FISH, SOUP}


def test_a_hundred_papers_of_one_title_are_known_again(shelf: Library) -> None:
    names = [f"{chr(97 + i // 10) * 5}{chr(97 + i % 10) * 5}" for i in range(100)]
    rows = [paper("Survey", f"{name} {name[::-1]} {name.upper()}x {name[5:]}.") for name in names]
    assert add(shelf, rows).new == 100
    assert [add(shelf, [row]).unchanged for row in rows[::20]] == [1] * 5


def test_a_revised_abstract_is_still_its_papers(shelf: Library) -> None:
    add(shelf, [arxiv("2403.00001", "Survey", MAPS), paper("Report", MAPS)])
    report = add(shelf, [paper("Survey", MAPS_REVISED), paper("Report", MAPS_REVISED)])
    assert (report.new, report.warnings) == (0, []) and shelf.status().n_papers == 2


_SURVEYS = [
    Paper(paper_id="2403.00001", arxiv_id="2403.00001", title="Survey", abstract=FISH),
    Paper(paper_id="2403.00002", arxiv_id="2403.00002", title="Survey", abstract=MAPS),
    Paper(paper_id="10.1/fish", doi="10.1/fish", title="Survey", abstract=FISH),
    Paper(paper_id="10.1/maps", doi="10.1/maps", title="Survey", abstract=MAPS),
    Paper(paper_id=title_id("Survey"), title="Survey", abstract=f"{SOUP} Then we cook it once more, for the crowds."),
]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(order=st.permutations(_SURVEYS), cuts=st.lists(st.integers(1, 5), min_size=5, max_size=5))
def test_papers_of_one_title_keep_their_dois_and_texts_in_any_order(order: list[Paper], cuts: list[int]) -> None:
    shelf = _Shelf()
    for size in cuts:
        shelf.add(order[:size])
        order = order[size:]
    found = {(p.arxiv_id, p.doi, p.abstract) for p in shelf.papers.values()}
    assert found == {
        ("2403.00001", "10.1/fish", FISH), ("2403.00002", "10.1/maps", MAPS), (None, None, _SURVEYS[4].abstract),
    }  # fmt: skip


def test_a_doi_that_two_arxiv_papers_claim_goes_where_its_text_is() -> None:
    claims = [
        arxiv("2403.00001", "One", FISH, doi="10.1/a"),
        arxiv("2403.00002", "Two", MAPS, doi="10.1/a"),
        Paper(paper_id="10.1/a", doi="10.1/a", title="Two of them", abstract=MAPS, n_upvotes=7),
    ]
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        found = {p.arxiv_id: p.n_upvotes for p in merge([claims[i] for i in order])}
        assert found == {"2403.00001": None, "2403.00002": 7}


@pytest.mark.parametrize("order", [(1, 3), (3, 1), (1, 3, 2), (2, 1, 3), (3, 2, 1)])
@pytest.mark.parametrize("at_once", [False, True])
def test_the_text_of_the_newest_arxiv_version_stays(shelf: Library, order: tuple[int, ...], at_once: bool) -> None:
    texts = {1: f"{MAPS} It is slow, and it tears one map in ten.", 2: f"{MAPS} It is slow.", 3: MAPS}
    records = [
        arxiv(f"2403.00001v{v}", "Folding", texts[v], url=f"https://arxiv.org/abs/2403.00001v{v}") for v in order
    ]
    for window in [records] if at_once else [[record] for record in records]:
        add(shelf, window)
    (known,) = shelf.papers()
    assert (known.abstract, known.url) == (MAPS, "https://arxiv.org/abs/2403.00001v3")
    assert known.aliases == ("2403.00001v3",) and known.arxiv_id == "2403.00001" and shelf.verify() == []


# LlamaIndex


class _Document:
    def __init__(self, text: str, **metadata: object) -> None:
        self.text, self.metadata = text, metadata


def test_documents_of_any_reader_become_papers(shelf: Library) -> None:
    documents = [
        _Document(
            "Nets are folded. It saves 40%.",
            **{"Title of this paper": "FoldNet", "Authors": "A. Lovelace, C. Babbage", "Date published": "05/24/2024"},
            URL="http://arxiv.org/abs/2405.01234v2",
        ),
        _Document(
            "all of the text",
            title="Warm",
            summary="Weights are reused.",
            doi="https://doi.org/10.1145/AB",
            file_name="w.pdf",
        ),
        _Document("Without a title."),
    ]
    report = add(shelf, from_documents(documents))
    assert isinstance(report, IngestReport) and (report.new, report.n_rejected) == (2, 1)
    assert "no title" in str(report.rejected[0])
    fold, warm = shelf.get("2405.01234"), shelf.get("10.1145/ab")
    assert fold is not None and warm is not None
    assert (fold.title, fold.published, fold.authors) == ("FoldNet", date(2024, 5, 24), ("A. Lovelace", "C. Babbage"))
    assert (warm.abstract, warm.seen_on) == ("Weights are reused.", ("w.pdf",))


def test_a_real_llama_index_document_is_read() -> None:
    core = pytest.importorskip("llama_index.core")
    (one,) = from_documents([core.Document(text="Nets fold.", metadata={"title": "FoldNet", "n_upvotes": 3})])
    assert (one.title, one.abstract, one.n_upvotes, one.paper_id) == ("FoldNet", "Nets fold.", 3, title_id("FoldNet"))
