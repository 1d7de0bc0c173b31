"""BibTeX, RIS and the Atom feed of arXiv: entries with abstracts go in, broken ones lose only themselves."""

from __future__ import annotations

from datetime import date

import pytest

from tests.test_sources_records import only, only_error, read

BIBTEX = r"""% made by hand
@string{jf = "Journal of Folds"}
@comment{nothing to see}

@article{other2023,
  title = {{Folded} Nets: G{\"o}del's $E^{2}$ {GAN}},
  author = {Other, Ann and {\'E}mile Else and others},
  journal = jf,
  abstract = {We fold \emph{nets} (by 40\%).
    They fit -- if a < b.},
  year = 2023, month = apr,
  eprint = {2304.00001v2}, archivePrefix = {arXiv}, primaryClass = {cs.LG},
  doi = {10.1000/Q\_7}
}

@book{bare, title = {No Text}, year = 1999}

@misc{dated, title = "Dated, Too", abstract = "It has a day.", date = {2022-03-04}, url = {https://a.org/p}}
"""


def test_bibtex_entries_give_every_field_with_latex_decoded() -> None:
    portion = read(BIBTEX)
    first, second = portion.papers
    assert first.title == "Folded Nets: Gödel's $E^{2}$ GAN"
    assert first.abstract == "We fold nets (by 40%). They fit – if a < b."
    assert (first.authors, first.n_authors) == (("Ann Other", "Émile Else"), None)
    assert (first.arxiv_id, first.doi) == ("2304.00001", "10.1000/q_7")
    assert (first.published, first.published_inferred) == (date(2023, 4, 1), True)
    assert (second.title, second.published, second.url) == ("Dated, Too", date(2022, 3, 4), "https://a.org/p")
    assert [(error.line, error.n_read) for error in portion.errors] == [(16, 1)]
    assert "no abstract" in str(portion.errors[0])


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("@article{bad, title = {Never closed, abstract = {It is.},\n year = 2020\n", "'bad' does not end"),
        ("@article{bad, title = {A} abstract = {No comma.}}\n", ""),
        ("@article{bad, title = nomacro, abstract = {Undefined.}}\n", "'bad' is no valid BibTeX"),
        ("@article{bad, title = {A}, abstract = {caf\udce9}}\n", "not UTF-8 (byte 0xe9)"),
        ("@article{bad, title = {A}, abstract = {" + "word " * 300_000 + "}}\n", "has more than 1 MB"),
        ("@article{bad, title = {A}, abstract = {" + "word " * 20_000 + "}}\n", "the abstract has 99,999 characters"),
        ("@article{}\n", ""),
    ],
)
def test_a_broken_bibtex_entry_loses_only_itself(bad: str, words: str) -> None:
    good = "@misc{%s, title = {%s}, abstract = {It folds.}}\n"
    portion = read((good % ("a", "A") + bad + good % ("c", "C")).encode("utf-8", "surrogateescape"))
    assert [paper.title for paper in portion.papers] == ["A", "C"]
    assert [error.line for error in portion.errors] == [2] and words in str(portion.errors[0])


def test_names_of_biblatex_in_parts_are_put_together() -> None:
    names = (
        r"family=Beek, given=Jan, prefix=van der, useprefix=true and given={A B}, family={F\"o} and Smith, Jr., John"
        r" and given=\'Elan, family=Oz, suffix=Jr. and {family=no}"
    )
    paper = only(read(f"@misc{{a, title = {{A}}, abstract = {{It folds {{\\textmu}}m.}}, author = {{{names}}}}}\n"))
    assert paper.authors == ("Jan van der Beek", "A B Fö", "John Smith, Jr.", "Élan Oz, Jr.", "family=no")
    assert paper.abstract == "It folds µm."


@pytest.mark.parametrize(
    ("fields", "published", "inferred"),
    [
        ('month = jul # "~10--15", year = 2022', date(2022, 7, 10), False),
        ('month = "10~" # jul, year = 2022', date(2022, 7, 10), False),
        ("month = {jul/aug}, year = 2022", date(2022, 7, 1), True),
        ("month = {March}, day = 4, year = 2022", date(2022, 3, 4), False),
        ("month = 3, day = 4, year = 2022", date(2022, 3, 4), False),
        ("month = 3, year = {2022~}", date(2022, 3, 1), True),
        ("date = {2021~}", date(2021, 1, 1), True),
        ("date = {2021-05-03/2021-06-01}", date(2021, 5, 3), False),
        ("date = {2021-05?/..}", date(2021, 5, 1), True),
        ("date = {unknown}, year = 2020", date(2020, 1, 1), True),
    ],
)
def test_days_of_bibliographies_are_read(fields: str, published: date, inferred: bool) -> None:
    paper = only(read(f"@misc{{a, title = {{A}}, abstract = {{It folds.}}, {fields}}}\n"))
    assert (paper.published, paper.published_inferred) == (published, inferred)


def test_bibtex_on_one_line_and_in_parentheses_is_read() -> None:
    text = "@misc{a, title = {A}, abstract = {It folds.}} @misc(b, title = {B (so)}, abstract = {It folds.})\n"
    assert [paper.title for paper in read(text).papers] == ["A", "B (so)"]


def test_an_arxiv_id_in_any_of_its_places_is_found() -> None:
    for field in (
        "eprint = {hep-th/9901001}",
        "url = {https://arxiv.org/abs/hep-th/9901001v2}",
        "doi = {10.48550/arXiv.hep-th/9901001}",
    ):
        assert only(read("@misc{a, title = {A}, abstract = {It folds.}, %s}\n" % field)).arxiv_id == "hep-th/9901001"  # noqa: UP031


RIS = """TY  - JOUR
TI  - Folded Nets
AU  - Other, Ann
AU  - Else, Bob
PY  - 2023
DA  - 2023/04/05/
DO  - https://doi.org/10.1000/Q7
UR  - https://a.org/p
AB  - We fold nets.
They fit.
ER  -

TY  - BOOK
TI  - No Text
ER  -
TY  - JOUR
T1  - Older Tags
A1  - Other, A.
Y1  - 2001///
N2  - It folds.
ER  -
"""


def test_ris_records_give_every_field() -> None:
    portion = read(RIS)
    first, second = portion.papers
    assert (first.title, first.abstract, first.authors) == (
        "Folded Nets",
        "We fold nets. They fit.",
        ("Ann Other", "Bob Else"),
    )
    assert (first.published, first.doi, first.url) == (date(2023, 4, 5), "10.1000/q7", "https://a.org/p")
    assert (second.title, second.authors, second.published) == ("Older Tags", ("A. Other",), date(2001, 1, 1))
    assert [(error.line, error.n_read) for error in portion.errors] == [(13, 1)]


def test_any_address_of_a_ris_record_may_be_its_paper_on_arxiv() -> None:
    text = (
        "TY  - JOUR\nTI  - A\nAB  - It folds.\nUR  - https://a.org/p\nUR  - https://arxiv.org/abs/2403.03507v2\nER  -\n"
    )
    paper = only(read(text))
    assert (paper.arxiv_id, paper.url) == ("2403.03507", "https://a.org/p")
    assert only(read(text.replace("arxiv.org/abs/2403.03507v2", "doi.org/10.1000/Q7"))).doi == "10.1000/q7"


def test_a_ris_record_without_an_end_loses_only_itself() -> None:
    portion = read(RIS.replace("TI  - No Text\nER  -\n", "TI  - No Text\n") + "TY  - JOUR\nTI  - Cut\n")
    assert len(portion.papers) == 2
    assert [error.line for error in portion.errors] == [13, 21] and "no ER line" in str(portion.errors[0])


FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">
  <title>ArXiv Query</title><id>http://arxiv.org/api/x</id>
  <entry>
    <id>http://arxiv.org/abs/2401.00001v3</id>
    <updated>2024-02-01T00:00:00Z</updated><published>2024-01-02T10:00:00Z</published>
    <title>Folded
  Nets</title>
    <summary>  We fold a &lt; b
  nets.</summary>
    <author><name>Ann Other</name><arxiv:affiliation>Tiny Lab</arxiv:affiliation></author><author><name>Bob Else</name></author>
    <arxiv:doi>10.1000/Q7</arxiv:doi><category term="cs.LG" scheme="x"/>
  </entry>
  <entry><id>http://arxiv.org/abs/2401.00002v1</id><title>No Text</title></entry>
</feed>
"""


def test_an_atom_feed_of_arxiv_gives_every_field() -> None:
    portion = read(FEED)
    (paper,) = portion.papers
    assert (paper.title, paper.abstract) == ("Folded Nets", "We fold a < b nets.")
    assert (paper.arxiv_id, paper.doi, paper.published) == ("2401.00001", "10.1000/q7", date(2024, 1, 2))
    assert (paper.authors, paper.organisation) == (("Ann Other", "Bob Else"), "Tiny Lab")
    assert [(error.line, error.n_read) for error in portion.errors] == [(14, 1)]
    assert read(FEED, categories=("cs",)).n_skipped == 0 and read(FEED, categories=("hep",)).n_skipped == 1


def test_a_cut_feed_keeps_the_entries_before_the_cut() -> None:
    portion = read(FEED[: FEED.index("<entry><id>http://arxiv.org/abs/2401.00002") + 20])
    assert len(portion.papers) == 1 and portion.errors[0].line == 14 and "no XML from here on" in str(portion.errors[0])


def test_a_feed_with_entities_of_its_own_is_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    assert "document type" in str(only_error(read(FEED.replace("<feed", f"{bomb}<feed"))))
