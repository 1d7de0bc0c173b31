"""What `library export` writes, `ingest` reads back as it was: every field, any text."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest import ingest
from ingest.sources.cleaning import plain_text, plain_title
from ingest.sources.files import read_source
from ingest.sources.latex import without_latex
from rag.bibtex import bibtex
from rag.latex import latex
from rag.library import Library
from rag.schema import Paper
from tests.conftest import paper
from tests.test_sources_records import only, read, together
from ui.library_files import write

HARD = [
    "a--b---c ``so'' 'x'' -",
    "x~y \\~{} ~",
    "{a} }b{ {{",
    "\\textasciitilde{} \\textbraceleft \\emph{x}",
    "$5 and $10, $x$$y$",
    "$$a$$ $$a\\$$ $ $$ \\$",
    "\\(a$b\\) \\(c \\[d\\]",
    "$\\{a}$ $\\}$ $a_{b}$",
    "50% #1 a_b a^b & c",
    "One.\n\n@misc{evil,\n\n@misc(x",
    'Two.  Spaces "quoted" {\\"o}',
    "\ue000x\ue001",
    "\\citep{x} \\ref{y} \\par \\\\ \\- \\ x",
    "ends in \\",
    "-$x$- '$x$' \\u{a} \\v a",
    "\\(\\)x$\\) ~",
]
ODD = [
    Paper(
        paper_id="10.1000/(sici)1<2::a>3.0", title="GaLore's  -- Net: {Odd} $E^{2}$ & --", abstract=HARD[9],
        published=date(2024, 5, 24), published_inferred=True, authors=("Ann Other", "Fold, Inc.", "R and D {Lab}", "others"),
        organisation="Q&A -- Lab", organisation_slug="q_a-lab", n_comments=0, n_upvotes=7, doi="10.1000/(sici)1<2::a>3.0",
        url="https://a.org/x_y?a=%20&b={c}|d~e#f", code_url="https://github.com/a/b_c", aliases=("other-1", "{x}"),
        seen_on=("/tmp/a b/{x}.txt", "askpapers sample"),
    ),
    Paper(paper_id="cs/0112017", title="Old", abstract="One.\n\nTwo.", arxiv_id="cs/0112017", seen_on=("x",)),
    Paper(paper_id="many", title="Counted", abstract="It folds.", n_authors=12, seen_on=("x",)),
    Paper(paper_id="and-others", title="Not all", abstract="It folds.", authors=("Ann Other",), seen_on=("x",)),
    Paper(paper_id="bare", title="Bare", abstract="It folds.", url="https://arxiv.org/abs/2401.00001"),
    *(paper(f"Hard {i}", text, seen_on=("x",)) for i, text in enumerate(HARD)),
]  # fmt: skip


def cleaned(papers: list[Paper]) -> list[Paper]:
    """The papers as any reader would have stored them."""
    from dataclasses import replace

    return [replace(one, title=plain_title(one.title), abstract=plain_text(one.abstract)) for one in papers]


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet", ".bib"])
def test_an_export_gives_back_every_field_of_every_paper(suffix: str, sample: Library, tmp_path: Path) -> None:
    papers = [*sample.papers(), *cleaned(ODD)]
    file = tmp_path / f"out{suffix}"
    assert write(file, papers) == len(papers)
    portion = together(read_source(str(file)))
    assert not portion.errors and not portion.warnings
    assert [one.to_dict() for one in portion.papers] == [one.to_dict() for one in papers]


def test_a_library_exported_and_ingested_elsewhere_is_the_same(library: Library, tmp_path: Path) -> None:
    from ingest import add

    add(library, ODD[:4])
    stored = {one.paper_id: one.to_dict() for one in library.papers()}
    assert len(stored) == 4
    for suffix in (".jsonl", ".parquet", ".bib"):
        write(tmp_path / f"out{suffix}", library.papers())
        other = Library.create(tmp_path / suffix)
        ingest(other, [str(tmp_path / f"out{suffix}")])
        assert {one.paper_id: one.to_dict() for one in other.papers()} == stored
        other.close()


def test_a_file_that_is_no_export_is_where_its_papers_were_seen() -> None:
    assert only(read('{"title": "A", "abstract": "It folds."}\n')).seen_on == ("standard input",)
    assert only(read("@misc{a, title = {A}, abstract = {It folds.}}\n")).seen_on == ("standard input",)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(
    st.text(max_size=80)
    | st.lists(
        st.sampled_from(
            "\\ $ { } $$ - -- ` ' ~ ^ _ % & # a b ( ) [ ] @ \" \n\n textbackslash par cite frac 1".split(" ")
        ),
        max_size=25,
    ).map("".join)
)
@example("".join(HARD))
def test_any_abstract_comes_back_from_bibtex(text: str) -> None:
    abstract = plain_text(text)
    flat = abstract.replace("\n", " ")
    assert plain_text(without_latex(latex(flat))) == plain_text(flat)
    if abstract and abstract.casefold().rstrip(".") not in ("-", "n/a", "na", "none"):
        portion = read(
            bibtex([paper("Title", abstract)], abstracts=True) + bibtex([paper("B", "Next.")], abstracts=True)
        )
        assert [one.abstract for one in portion.papers] == [abstract, "Next."]


def test_dates_keep_their_day_and_own_fields_are_named() -> None:
    (text,) = [bibtex(ODD[:1], abstracts=True, every_field=True)]
    assert "date = {2024-05-24}" in text and "askpapers_n_comments = {0}" in text
    assert "askpapers" not in bibtex(ODD[:1], abstracts=True)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("n_comments = {many}", "n_comments must be a whole number"),
        ("aliases = {[x}", "aliases must be a list of texts"),
    ],
)
def test_an_own_field_that_was_spoilt_is_said(field: str, words: str) -> None:
    portion = read("@misc{a, title = {A}, abstract = {It folds.}, askpapers_id = {a}, askpapers_%s}\n" % field)  # noqa: UP031
    assert not portion.papers and words in str(portion.errors[0])
