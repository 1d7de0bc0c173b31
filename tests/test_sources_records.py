"""JSON in all its forms: lines, arrays, replies of APIs, the arXiv snapshot, and what is wrong in them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from ingest.sources.files import read_source
from ingest.sources.reading import Portion, ReadOptions
from rag.errors import SourceError
from rag.schema import Paper

GOOD = {"title": "Folded Nets", "abstract": "We fold nets. Memory falls by 40%."}
SNAPSHOT = {
    "id": "0805.0123", "submitter": "Ann Other", "authors": "Ann Other, B. Oth\\'er", "title": "Folding\n  of nets",
    "comments": "37 pages, 15 figures", "journal-ref": None, "doi": "10.1103/ABC.7", "report-no": None,
    "categories": "cs.LG stat.ML", "license": None, "abstract": "  We fold nets along\ntheir $p_T$ axes.\n",
    "versions": [{"version": "v1", "created": "Mon, 5 May 2008 19:18:42 GMT"}, {"version": "v2", "created": "x"}],
    "update_date": "2010-11-26", "authors_parsed": [["Other", "Ann", ""], ["Othér", "B.", "Jr."]],
}  # fmt: skip


def read(data: bytes | str, **options: Any) -> Portion:
    """Everything that standard input gives, as one portion."""
    stdin = io.BytesIO(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
    return together(read_source("-", stdin=stdin, options=ReadOptions(**options)))


def together(portions: Iterator[Portion]) -> Portion:
    all_ = list(portions)
    return Portion(
        path=all_[0].path if all_ else "",
        papers=tuple(paper for portion in all_ for paper in portion.papers),
        n_skipped=sum(portion.n_skipped for portion in all_),
        warnings=tuple(warning for portion in all_ for warning in portion.warnings),
        errors=tuple(error for portion in all_ for error in portion.errors),
    )


def only(portion: Portion) -> Paper:
    assert not portion.errors, portion.errors
    (paper,) = portion.papers
    return paper


def only_error(portion: Portion) -> SourceError:
    assert not portion.papers
    (error,) = portion.errors
    return error


def lines(*records: object) -> str:
    return "".join(record if isinstance(record, str) else json.dumps(record) + "\n" for record in records)


@pytest.mark.parametrize(
    "text",
    [
        lines(GOOD, GOOD | {"title": "Other"}),
        lines(GOOD, GOOD | {"title": "Other"}).replace("\n", "\r\n"),
        lines(GOOD, GOOD | {"title": "Other"}).replace("\n", "\r"),
        "\ufeff" + lines(GOOD, GOOD | {"title": "Other"}),
        json.dumps([GOOD, GOOD | {"title": "Other"}]),
        json.dumps([GOOD, GOOD | {"title": "Other"}], indent=2),
        json.dumps({"papers": [GOOD, GOOD | {"title": "Other"}], "n": 2}),
        json.dumps({"title": "a feed", "reply": {"n": 2, "items": [GOOD, GOOD | {"title": "Other"}]}}, indent=1),
        json.dumps(GOOD, indent=1) + "\n" + json.dumps(GOOD | {"title": "Other"}, indent=1),
    ],
)
def test_lines_arrays_wrappers_and_objects_in_a_row_are_read_alike(text: str) -> None:
    portion = read(text)
    assert [paper.title for paper in portion.papers] == ["Folded Nets", "Other"]
    assert not portion.errors and not portion.warnings


def test_an_object_with_authors_before_its_title_is_a_paper_and_no_wrapper() -> None:
    record = {"id": "2401.00001v2", "authors": [{"name": "Ann Other"}], "summary": "We fold.", "title": "Folds"}
    paper = only(read(json.dumps(record)))
    assert (paper.arxiv_id, paper.authors, paper.n_authors) == ("2401.00001", ("Ann Other",), 1)


def test_an_entry_of_the_daily_papers_api_gives_every_field() -> None:
    entry = {
        "paper": {
            "id": "2405.00123", "authors": [{"_id": "1", "name": "Ann Other", "hidden": False}, {"name": "H", "hidden": True}],
            "publishedAt": "2024-05-01T10:00:00.000Z", "submittedOnDailyAt": "2024-05-06T00:00:00.000Z", "title": "Folded Nets",
            "summary": "We fold\nnets.", "upvotes": 31, "githubRepo": "https://github.com/other/folds",
            "organization": {"_id": "2", "name": "tiny-lab", "fullname": "The Tiny Lab"},
        },
        "publishedAt": "2024-05-06T00:00:00.000Z", "title": "Folded Nets", "numComments": 4, "submittedBy": {"name": "someone"},
    }  # fmt: skip
    for text in (json.dumps([entry]), json.dumps(entry) + "\n"):
        paper = only(read(text))
        assert (paper.paper_id, paper.abstract, paper.authors) == ("2405.00123", "We fold nets.", ("Ann Other",))
        assert (paper.published, paper.published_inferred) == (date(2024, 5, 1), False)
        assert (paper.n_upvotes, paper.n_comments, paper.code_url) == (31, 4, "https://github.com/other/folds")
        assert (paper.organisation, paper.organisation_slug) == ("The Tiny Lab", "tiny-lab")


def test_a_line_of_the_arxiv_snapshot_gives_the_day_of_its_first_version_and_its_parsed_names() -> None:
    paper = only(read(lines(SNAPSHOT)))
    assert (paper.title, paper.abstract) == ("Folding of nets", "We fold nets along their $p_T$ axes.")
    assert (paper.arxiv_id, paper.doi, paper.published) == ("0805.0123", "10.1103/abc.7", date(2008, 5, 5))
    assert paper.authors == ("Ann Other", "B. Othér Jr.") and paper.n_comments is None


def test_categories_and_since_leave_out_what_is_not_wanted_and_count_it() -> None:
    other = SNAPSHOT | {"id": "0805.0124", "categories": "hep-ph", "title": "Else"}
    text = lines(SNAPSHOT, other, GOOD)
    for wanted in ("cs.LG", "cs", "CS.*", "stat.ML"):
        portion = read(text, categories=(wanted,))
        assert [paper.arxiv_id for paper in portion.papers] == ["0805.0123"] and portion.n_skipped == 2
    assert len(read(text, categories=("cs.LG", "hep-ph")).papers) == 2
    assert read(text, categories=("cs.L",)).n_skipped == 3
    assert len(read(text, since=date(2008, 5, 5)).papers) == 2
    assert read(text, since=date(2008, 5, 6)).n_skipped == 3


def test_other_names_of_fields_are_known() -> None:
    record = {
        "paper_title": "Folded Nets", "Abstract Note": "We fold.", "year": 2021, "author": "Other, Ann; Else, B.",
        "eprint": "arXiv:2101.00001v3", "DOI": "https://doi.org/10.1000/XYZ", "Num Comments": "1,204", "upvotes": 3.0,
        "affiliation": "Tiny Lab", "github": "github.com/other/folds", "link": "http://a.org/p",
    }  # fmt: skip
    paper = only(read(lines(record)))
    assert (paper.published, paper.published_inferred) == (date(2021, 1, 1), True)
    assert paper.authors == ("Ann Other", "B. Else") and (paper.arxiv_id, paper.doi) == ("2101.00001", "10.1000/xyz")
    assert (paper.n_comments, paper.n_upvotes, paper.organisation) == (1204, 3, "Tiny Lab")
    assert (paper.code_url, paper.url) == ("https://github.com/other/folds", "http://a.org/p")


def test_a_mapping_wins_and_reaches_into_objects() -> None:
    record = GOOD | {"name": "Named", "about": {"text": "It is about nets."}}
    paper = only(read(lines(record), mapping=(("title", "name"), ("abstract", "about.text"))))
    assert (paper.title, paper.abstract) == ("Named", "It is about nets.")


def test_a_mapping_to_a_key_that_is_nowhere_is_one_error_that_lists_the_keys() -> None:
    error = only_error(read(lines(GOOD, GOOD, GOOD), mapping=(("title", "Heading"),)))
    assert "'Heading'" in str(error) and "'title', 'abstract'" in str(error)


def test_a_mapping_of_a_field_that_no_paper_has_is_refused() -> None:
    with pytest.raises(SourceError, match="no field 'heading'; the fields are paper_id, title"):
        read(lines(GOOD), mapping=(("heading", "title"),))


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (b'{"title": "caf\xe9", "abstract": "Yes."}\n', "not UTF-8 (byte 0xe9)"),
        (b'{"title": "a\x00b", "abstract": "Yes."}\n', "NUL byte"),
        (b'{"title": "a", "abstract": "Yes.", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "nested too deeply"),
        (b'{"title": "a", "abstract": "Yes.", "x": ' + b"9" * 10_000 + b"}\n", "thousands of digits"),
        (
            b'{"title": "a", "abstract": "' + b"word " * 2_000_000 + b'"}\n',
            "the abstract has 10,000,000 characters; at most",
        ),
        (
            b'{"title": "' + b"word " * 300 + b'", "abstract": "Yes."}\n',
            "the title has 1,499 characters; at most 1,000",
        ),
        (b'{"title": "<b></b>\\u202e", "abstract": "Yes."}\n', "no title"),
        (b'{"title": ["a", "b"], "abstract": "Yes."}\n', "title must be text"),
        (b'{"title": "a", "abstract": "N/A"}\n', "no abstract"),
        (b'{"x": 1}\n', "no title and no abstract; the keys are 'x'"),
        (b'{"title": "a", "abs\n', "not JSON"),
    ],
)
def test_a_bad_line_loses_only_itself(bad: bytes, words: str) -> None:
    good = json.dumps(GOOD).encode() + b"\n"
    portion = read(good + bad + good)
    assert len(portion.papers) == 2
    (error,) = portion.errors
    assert (error.line, error.n_read) == (2, 1) and words in str(error)


@pytest.mark.parametrize("day", ["0000-01-01", "9999-12-31", "2024-02-30", "2124-01-01"])
def test_a_day_that_cannot_be_is_left_out_with_a_warning(day: str) -> None:
    portion = read(lines(GOOD, GOOD | {"title": "Other", "published": day}))
    assert portion.papers[1].published is None and not portion.errors
    assert portion.warnings == (f"standard input:2: the date {day!r} is left out; “Other” stays undated",)


def test_text_is_cleaned_and_addresses_that_are_none_are_left_out() -> None:
    record = {
        "title": "<i>Folded</i>\x00 Nets \ud800", "abstract": "a &lt; b\u202e here",
        "url": "javascript:alert(1)", "arxiv_id": "n/a",
    }  # fmt: skip
    portion = read(lines(record))
    paper = only(portion)
    assert (paper.title, paper.abstract, paper.url, paper.arxiv_id) == ("Folded Nets \ufffd", "a < b here", None, None)
    assert len(portion.warnings) == 2 and "no web address" in portion.warnings[1]


@pytest.mark.parametrize("day", [20240524, 20240524.0, "20240524"])
def test_a_day_may_be_a_number(day: object) -> None:
    paper = only(read(lines(GOOD | {"date": day})))
    assert (paper.published, paper.published_inferred) == (date(2024, 5, 24), False)


@pytest.mark.parametrize("address", ["https://a.org/\x1b[31mx", "https://a.org/\u202ex", "ftp://a.org/x", "file:///x"])
def test_an_address_that_hides_something_or_is_none_of_the_web_is_left_out_with_a_warning(address: str) -> None:
    for name in ("url", "code_url"):
        portion = read(lines(GOOD | {name: address}))
        paper = only(portion)
        assert (paper.url, paper.code_url) == (None, None)
        assert len(portion.warnings) == 1 and portion.warnings[0].startswith(f"standard input:1: {name} ")


def test_one_id_with_two_texts_keeps_both_and_says_so() -> None:
    portion = read(
        lines(GOOD | {"arxiv_id": "2401.00001"}, GOOD | {"arxiv_id": "2401.00001v2", "abstract": "Quite another."})
    )
    assert len(portion.papers) == 2
    assert portion.warnings == ("standard input:2: '2401.00001' is here with another text than in line 1",)


def test_an_array_that_breaks_off_keeps_what_came_before() -> None:
    text = json.dumps([GOOD, GOOD | {"title": "Other"}], indent=0)
    portion = read(text[:-30])
    assert [paper.title for paper in portion.papers] == ["Folded Nets"]
    (error,) = portion.errors
    assert (error.line, error.n_read) == (6, 1) and "ends in the middle" in str(error)


def test_a_bad_object_in_an_array_loses_only_itself() -> None:
    portion = read('[{"title": "A", "abstract": "Yes."},\n{"title": nothing},\n{"title": "B", "abstract": "Yes."}]')
    assert [paper.title for paper in portion.papers] == ["A", "B"] and portion.errors[0].line == 2


def test_an_exported_paper_comes_back_as_it_was() -> None:
    paper = Paper(
        paper_id="p17", title="Folded Nets", abstract="One.\n\nTwo  here.", authors=("Ann Other",), url="https://arxiv.org/abs/2401.00001",
        published=date(2024, 5, 1), published_inferred=True, aliases=("old",), seen_on=("standard input",),
    )  # fmt: skip
    assert only(read(lines(paper.to_dict()))) == paper


def test_a_snapshot_of_any_length_is_read_in_portions() -> None:
    text = "".join(json.dumps(SNAPSHOT | {"id": f"0805.{i:04}"}) + "\n" for i in range(2_500))
    portions = list(read_source("-", stdin=io.BytesIO(text.encode())))
    assert [len(portion.papers) for portion in portions] == [1_000, 1_000, 500]
