"""References to paste: every format is read back by a program that people use."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import bibtexparser
import pytest
import rispy
from bibtexparser.latexenc import latex_to_unicode

from rag.bibtex import bibtex, bibtex_keys
from rag.latex import latex, latex_title
from rag.references import conversation_markdown, csv_text, export, markdown, ris
from rag.schema import Answer, Citation, Claim, Coverage, Paper
from tests.conftest import paper

FULL = Paper(
    paper_id="2401.00001",
    title="FoldNet: Folding 50% of Nets & More in $O(n^2)$",
    abstract="FoldNet costs $5 an hour.\nIt halves $k$ of {them} under snake_case and #1.",
    published=date(2024, 3, 7),
    authors=("Ada Müller", "Brown, Bo"),
    organisation="Q&A Lab",
    arxiv_id="2401.00001",
)
COUNTED = Paper(paper_id="warm", title="Warm starts for cold nets", abstract="We warm.", n_authors=1, n_comments=4)
PUBLISHED = Paper(
    paper_id="10.1000/x_1",
    title="A Study of Nothing",
    abstract="Nothing.",
    published=date(2020, 12, 31),
    authors=("Chen Li",),
    doi="10.1000/x_1",
)


def parsed(text: str) -> list[dict[str, str]]:
    entries: list[dict[str, str]] = bibtexparser.loads(
        text, bibtexparser.bparser.BibTexParser(common_strings=True)
    ).entries
    return entries


def plain(text: str) -> str:
    """A field as a reader of the printed reference sees it."""
    for command, char in {
        r"\textbraceleft{}": "\x01",
        r"\textbraceright{}": "\x02",
        r"\textbackslash{}": "\x03",
    }.items():
        text = text.replace(command, char)
    text = text.replace(r"\$", "$")
    return latex_to_unicode(text).replace("\x01", "{").replace("\x02", "}").replace("\x03", "\\")


# BibTeX


def test_bibtex_gives_every_field_back() -> None:
    full, counted, published = parsed(bibtex([FULL, COUNTED, PUBLISHED], abstracts=True))
    assert (full["ENTRYTYPE"], full["ID"]) == ("misc", "muller2024foldnet")
    assert full["title"] == r"{FoldNet}: Folding 50\% of Nets \& More in $O(n^2)$"
    assert full["author"] == "Ada Müller and Brown, Bo"
    assert (full["year"], full["month"], full["day"]) == ("2024", "March", "7")
    assert (full["eprint"], full["archiveprefix"]) == ("2401.00001", "arXiv")
    assert full["url"] == "https://arxiv.org/abs/2401.00001" and full["organization"] == r"Q\&A Lab"
    assert plain(full["abstract"]) == "FoldNet costs $5 an hour. It halves $k$ of {them} under snake_case and #1."
    assert "primaryclass" not in full and "note" not in full and "doi" not in full
    assert counted["note"] == "1 author" and not counted.keys() & {"author", "year", "month", "eprint", "url"}
    assert (published["ENTRYTYPE"], published["doi"]) == ("article", "10.1000/x_1")


def test_an_arxiv_doi_is_no_journal_and_old_arxiv_ids_name_their_class() -> None:
    first, second = parsed(bibtex([paper("A", doi="10.48550/arXiv.2401.1"), paper("B", arxiv_id="math.GT/0309136")]))
    assert first["ENTRYTYPE"] == "misc" and second["primaryclass"] == "math.GT"


def test_abstracts_are_left_out_unless_asked_for() -> None:
    assert "abstract" not in bibtex([FULL])


def test_keys_are_unique_and_do_not_depend_on_the_order() -> None:
    twins = [paper("Fold: one", authors=("A B",)), paper("Fold: two", authors=("C B",)), FULL, COUNTED]
    keys = bibtex_keys(twins)
    assert len(set(keys)) == 4 and all(key.startswith("bfold-") for key in keys[:2])
    assert bibtex_keys(twins[::-1]) == keys[::-1]
    assert keys[2:] == ["muller2024foldnet", "warmstartscold"]
    assert all(re.fullmatch(r"[a-z0-9-]+", key) for key in bibtex_keys([*twins, paper("深度学习"), paper("The")]))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("between $5 and $10 million", r"between \$5 and \$10 million"),
        ("$k$-means at $5", r"$k$-means at \$5"),
        ("$N = 3$ and $a/b$", "$N = 3$ and $a/b$"),
        (r"\(x_1\) but x_1", r"\(x_1\) but x\_1"),
        ("unclosed $E^{2$", r"unclosed \$E\textasciicircum{}\textbraceleft{}2\$"),
        (r"\input{/etc/passwd}", r"\textbackslash{}input\textbraceleft{}/etc/passwd\textbraceright{}"),
        (r"$\input{x}$", r"\$\textbackslash{}input\textbraceleft{}x\textbraceright{}\$"),
        (r"$\frac{1}{2}$", r"$\frac{1}{2}$"),
        ("~ ^", r"\textasciitilde{} \textasciicircum{}"),
    ],
)
def test_latex_escapes_text_and_keeps_mathematics(text: str, written: str) -> None:
    assert latex(text) == written


def test_only_words_with_capitals_inside_keep_their_case() -> None:
    assert latex_title("Training LLMs with GaLore, a BERT-like 4-bit Net") == (
        "Training {LLMs} with {GaLore}, a {BERT}-like 4-bit Net"
    )


@pytest.mark.parametrize("title", ["}, url = {javascript:alert(1)", "a}\n@misc{evil,", "{{{", "\\}", "100% % comment"])
def test_a_hostile_title_stays_inside_its_field(title: str) -> None:
    (entry,) = parsed(bibtex([paper(title, authors=(title,), organisation=title)], abstracts=True))
    assert entry.keys() <= {"ENTRYTYPE", "ID", "title", "author", "organization", "abstract"}
    assert plain(entry["title"]) == " ".join(title.split())


# The others


def test_ris_gives_every_field_back() -> None:
    full, counted, published = rispy.loads(ris([FULL, COUNTED, PUBLISHED]))
    assert full["title"] == FULL.title and full["authors"] == list(FULL.authors)
    assert (full["type_of_reference"], full["year"], full["date"]) == ("GEN", "2024", "2024/03/07")
    assert full["abstract"] == FULL.abstract.replace("\n", " ")
    assert full["urls"] == ["https://arxiv.org/abs/2401.00001"] and full["accession_number"] == "arXiv:2401.00001"
    assert counted["notes"] == ["1 author"] and "year" not in counted and "authors" not in counted
    assert (published["type_of_reference"], published["doi"]) == ("JOUR", "10.1000/x_1")


def test_a_hostile_abstract_does_not_end_its_record() -> None:
    entries = rispy.loads(ris([paper("A", "One.\nER  - \nTY  - JOUR\nTI  - Evil"), paper("B")]))
    assert [entry["title"] for entry in entries] == ["A", "B"]


def test_csv_gives_every_field_back_and_computes_nothing() -> None:
    evil = paper("=HYPERLINK(1)", "+1", organisation="@x", authors=("-a", "b"), n_comments=3)
    rows = list(csv.DictReader(io.StringIO(csv_text([FULL, evil]), newline="")))
    assert rows[0]["title"] == FULL.title and rows[0]["published"] == "2024-03-07"
    assert rows[0]["authors"] == "Ada Müller; Brown, Bo" and rows[0]["n_comments"] == ""
    cells = [rows[1][name] for name in ("title", "abstract", "organisation", "authors", "n_comments")]
    assert cells == ["'=HYPERLINK(1)", "'+1", "'@x", "'-a; b", "3"]


def test_markdown_is_a_numbered_list_in_which_nothing_is_live() -> None:
    evil = paper("<img src=x onerror=alert(1)> [a](http://x)", url="javascript:alert(1)", n_authors=3)
    first, second = markdown([FULL, evil]).splitlines()
    assert first == (
        r"1. Ada Müller, Brown, Bo. **FoldNet: Folding 50% of Nets \& More in O\(n²\)**. Q\&A Lab. 7 March 2024. "
        "arXiv:2401.00001. <https://arxiv.org/abs/2401.00001>"
    )
    assert second == r"2. 3 authors. **\<img src=x onerror=alert\(1\)\> \[a\]\(http://x\)**. No date."


@pytest.mark.parametrize("form", ["bib", "md", "ris"])
def test_no_papers_are_an_empty_text(form: str) -> None:
    assert export([], form) == ""


# Conversations


def cite(marker: int, of: Paper) -> Citation:
    return Citation.of(of, (0, 3), marker=marker)


def answer(question: str, text: str, *citations: Citation, **fields: object) -> Answer:
    coverage = Coverage(n_papers=3, n_searched=3, first=None, last=None)
    return Answer(question=question, text=text, mode="quoting", citations=citations, coverage=coverage, **fields)  # type: ignore[arg-type]


def test_a_paper_has_one_number_through_the_whole_conversation() -> None:
    answers = [
        answer("What *folds*?", "Folds. [1][2] Warms. [3]", cite(1, FULL), cite(2, FULL), cite(3, COUNTED)),
        answer("And this?", "Nothing [1]; folds [2] [9?] [8].", cite(1, PUBLISHED), cite(2, FULL)),
    ]
    text = conversation_markdown(answers, {FULL.paper_id: FULL})
    assert r"## What \*folds\*?" in text and "Folds. [1] Warms. [2]" in text
    assert "Nothing [3]; folds [1] [9: no such source] [8: no such source]." in text
    references = text.split("## References\n\n")[1].splitlines()
    assert [line[:2] for line in references] == ["1.", "2.", "3."]
    assert "Ada Müller" in references[0] and "Warm starts" in references[1] and "31 December 2020" in references[2]


def test_doubted_claims_notes_and_hostile_text_are_shown_as_text() -> None:
    claim = Claim(text="It flies [1].", citations=(1,), support="not_found", reason="no such figure")
    text = conversation_markdown(
        [
            answer(
                "q",
                "<script>x</script> [a](javascript:x)\n\n[1]: http://evil",
                cite(1, FULL),
                claims=(claim,),
                notes=("since 2024",),
            )
        ]
    )
    assert "<script" not in text and "](" not in text.split("## References")[0] and "[1]:" not in text
    assert "*since 2024*" in text and "*Not found in the source (no such figure):* “It flies [1].”" in text


def test_a_conversation_without_sources_has_no_references() -> None:
    assert conversation_markdown([answer("q", "Nothing here answers that.")]) == (
        "# Conversation\n\n## q\n\nNothing here answers that.\n"
    )
