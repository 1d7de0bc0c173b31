"""Whatever bytes come: papers are clean, faults are SourceErrors with lines that exist, and nothing is raised."""

from __future__ import annotations

import gzip
import io
import json
import re
import unicodedata
from datetime import date

import pytest
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest.sources.cleaning import LONGEST_ABSTRACT, LONGEST_TITLE, clean_text
from ingest.sources.files import read_source
from ingest.sources.reading import ReadOptions
from rag.errors import SourceError
from rag.schema import Paper
from tests.test_hf_page import FOLD, WARM, byline, bylined
from tests.test_sources_bibliography import BIBTEX, FEED, RIS
from tests.test_sources_html import ARTICLE, entry, page
from tests.test_sources_records import GOOD, SNAPSHOT, lines
from tests.test_sources_tables import ZOTERO

FUZZ = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


def parquet() -> bytes:
    import pyarrow
    import pyarrow.parquet

    out = io.BytesIO()
    table = pyarrow.table({"title": ["A", "B"], "abstract": ["It folds.", "Too."], "authors": [["X"], []]})
    pyarrow.parquet.write_table(table, out)
    return out.getvalue()


VALID = {
    "page": bylined(FOLD, byline(), WARM, byline("tiny-lab The Lab", "Mar 4 12")).encode(),
    "compact": b"Get trending papers in your email inbox!\nSubscribeFold\nIt folds.\nWarm\nIt warms.\n",
    "html": page([entry()], body=ARTICLE).encode(),
    "json lines": lines(GOOD, SNAPSHOT, entry(), GOOD | {"doi": "10.1000/a", "published": "May 2024"}).encode(),
    "json": json.dumps({"papers": [GOOD, entry(), SNAPSHOT]}, indent=1).encode(),
    "csv": ZOTERO.encode(),
    "tsv": b"Title\tSummary\tyear\nA\tIt folds.\t2020\nB\t\"It\nfolds\"\t2021\n",
    "bibtex": BIBTEX.encode(),
    "ris": RIS.encode(),
    "atom": FEED.encode(),
    "parquet": parquet(),
    "gzip": gzip.compress(lines(GOOD, GOOD).encode()),
    "zstd": zstandard.compress(lines(GOOD, GOOD).encode()),
    "utf-16": ZOTERO.encode("utf-16"),
}  # fmt: skip
BITS = [
    b"\x00", b"\xff", b"\xed\xa0\x80", b'"', b"\\", b"{", b"}", b"[", b"]", b"\n", b"\r", b",", b"\t", b"<", b">", b"&lt;",
    b"&#0;", b"<script>", b"\\ud800", b"\\u202e", b"\xe2\x80\xae", b"$", b"@", b"9999-12-31", b"1e999", b"-1", b"NaN", b"null",
    b"TY  - ", b"ER  - ", b"@string{a = b}", b"\xc2\x85", b"\x1f\x8b\x08", b"PAR1", b"\\'{", b"{{" * 40, b"'" * 9, b"0" * 500,
]  # fmt: skip
UNCLEAN = re.compile("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]|<script")
OPTIONS = [
    ReadOptions(),
    ReadOptions(mapping=(("title", "abstract"), ("abstract", "title"))),
    ReadOptions(categories=("cs",)),
    ReadOptions(since=date(2023, 1, 1)),
]
MARKUP = "<b> </b> < > &lt; &amp; b <p> <!-- --> <script> </script> &#8238; \u0338 e \u0301".split(" ")


def check(data: bytes, options: ReadOptions = OPTIONS[0]) -> list[Paper]:
    """Reads bytes and holds what must hold of all bytes."""
    papers: list[Paper] = []
    n_lines = data.count(b"\n") + data.count(b"\r") + 1
    errors: list[SourceError] = []
    for portion in read_source("-", stdin=io.BytesIO(data), options=options):
        papers += portion.papers
        errors += portion.errors
    assert papers or errors or options != OPTIONS[0]
    for error in errors:
        assert error.line is None or 1 <= error.line <= max(n_lines, 10 if is_packed(data) else 1), error
        assert 0 <= error.n_read <= len(papers)
        assert not UNCLEAN.search(str(error)) and "\n" not in str(error), error
    for paper in papers:
        assert 0 < len(paper.title) <= LONGEST_TITLE and 0 < len(paper.abstract) <= LONGEST_ABSTRACT
        for text in (paper.title, paper.abstract):
            assert clean_text(text) == text == text.strip()
            assert unicodedata.is_normalized("NFC", text)
            assert not UNCLEAN.search(text)
        assert "\n" not in paper.title and paper.paper_id and not UNCLEAN.search(paper.paper_id)
        json.dumps(paper.to_dict(), ensure_ascii=False).encode("utf-8")
        assert Paper.from_dict(json.loads(json.dumps(paper.to_dict()))) == paper
    return papers


def is_packed(data: bytes) -> bool:
    return data[:1] in (b"\x1f", b"\x28", b"P", b"\xff", b"\xfe")


@FUZZ
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b"{")
@example(b"[")
@example(b"@a{")
@example(b"TY  - ")
@example(b"a,b\n")
@example(b"\x1f\x8b\x08")
@example(b"\x28\xb5\x2f\xfd")
@example(b"PAR1")
@example(b"PAR1" * 3)
@example(b"\xff\xfe")
@example(b"\xff\xfe\x00\xd8")
def test_any_bytes_end_in_papers_or_errors(data: bytes) -> None:
    check(data)


@pytest.mark.parametrize("kind", sorted(VALID))
def test_a_valid_file_cut_anywhere_ends_in_papers_or_errors(kind: str) -> None:
    data = VALID[kind]
    assert check(data)
    for end in range(1, len(data), max(1, len(data) // 25)):
        check(data[:end])


@FUZZ
@given(
    st.sampled_from(sorted(VALID)),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(BITS) | st.binary(max_size=4)),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(OPTIONS),
)
def test_a_valid_file_with_mistakes_ends_in_papers_or_errors(
    kind: str, changes: list[tuple[float, int, bytes]], options: ReadOptions
) -> None:
    check(changed(VALID[kind], changes), options)


def changed(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """The data with some bytes taken out and others put in."""
    for place, n_out, put in changes:
        at = int(place * len(data))
        data = data[:at] + put + data[at + n_out :]
    return data


@FUZZ
@given(
    st.dictionaries(
        st.sampled_from(
            "title abstract published year authors doi arxiv_id url n_upvotes organisation id categories paper versions".split()
        ),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats()
            | st.text(max_size=30)
            | st.sampled_from(["2401.00001", "10.1/a", "x"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["name", "id", "title"]), inner, max_size=3)
            ),
            max_leaves=5,
        ),
    )
)
def test_any_object_ends_in_a_paper_or_an_error(record: dict[str, object]) -> None:
    check(json.dumps(GOOD | record).encode() + b"\n" + json.dumps(record).encode() + b"\n")


@FUZZ
@given(st.text(max_size=200) | st.lists(st.sampled_from(MARKUP), max_size=30).map("".join))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    clean = clean_text(text)
    assert clean_text(clean) == clean


FOUND = {
    "an encoding of its own in a feed": FEED.replace("UTF-8", "Unull-8").encode(),
    "a feed that says it is UTF-16": FEED.replace("UTF-8", "UTF-16").encode(),
    "a control character in what Parquet's reader says": changed(VALID["parquet"], [(0.125, 0, b"\x00")]),
    "a control character in a title that a message quotes": b"Get trending papers in your email inbox!\nSubscribeF\x0fold\n",
    "a count of thousands of digits": bylined(FOLD, byline("9" * 5_000 + " authors")).encode(),
    "a comment count of thousands of digits": bylined(FOLD, byline(day="Mar 4 " + "9" * 5_000)).encode(),
    "a byline in the year 9999": bylined(FOLD, byline(day="Jul 21, 9999"), WARM, byline(day="Mar 4")).encode(),
    "a tab in quotes that are wrong": b'title\tabstract\tx\n"A"b\t"It\n',
}


@pytest.mark.parametrize("what", sorted(FOUND))
def test_what_was_found_stays_mended(what: str) -> None:
    for options in OPTIONS:
        check(FOUND[what], options)


def test_a_page_that_breaks_off_counts_only_the_papers_that_are_wanted() -> None:
    data = bylined(FOLD, byline(), WARM, byline()).encode().replace(b"Starting", b"St\xd7rting")
    (portion,) = read_source("-", stdin=io.BytesIO(data), options=ReadOptions(since=date(2025, 1, 1)))
    assert (len(portion.papers), portion.n_skipped) == (0, 1) and [error.n_read for error in portion.errors] == [0]
