"""What other programs nest, wherever it was saved: as JSON, as JSON Lines, in cells of a table, in Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.files import read_source
from ingest.sources.reading import Portion
from rag.schema import Paper
from tests.test_sources_records import GOOD, SNAPSHOT, lines, only, read, together
from ui.library_files import write

WORDS = {"title": "Folded Nets", "abstract": "We fold nets twice."}


def parquet(records: list[dict[str, Any]], **how: Any) -> bytes:
    import pyarrow
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(records), out, **how)
    return out.getvalue()


def everywhere(record: dict[str, Any]) -> Iterable[Portion]:
    """The record read as JSON (alone, in a list), as a line, and from Parquet."""
    yield read(json.dumps([record]))
    yield read(json.dumps({"status": "ok", "items": [record, record | {"title": None}]}))
    yield read(lines(record, record))
    yield read(parquet([record]))


def first(portion: Portion) -> Paper:
    assert portion.papers, portion.errors
    return portion.papers[0]


# Shapes


def test_openalex_gives_its_abstract_from_the_places_of_its_words() -> None:
    work = {
        "id": "https://openalex.org/W7", "doi": None, "display_name": "Folded Nets", "publication_date": "2024-03-06",
        "abstract_inverted_index": {"fold": [1, 4], "We": [0, 3], "nets.": [2, 5]},
        "authorships": [{"author": {"display_name": "Ann Other"}, "raw_author_name": "Other, A."}],
        "primary_location": {"landing_page_url": "https://arxiv.org/abs/2403.01234"},
    }  # fmt: skip
    for portion in everywhere(work):
        paper = first(portion)
        assert (paper.title, paper.abstract) == ("Folded Nets", "We fold nets. We fold nets.")
        assert (paper.authors, paper.published) == (("Ann Other",), date(2024, 3, 6))
        assert paper.arxiv_id == "2403.01234"


@pytest.mark.parametrize("name", ["externalIds", "externalids"])
def test_semantic_scholar_gives_its_ids_in_any_case(name: str) -> None:
    record = WORDS | {name: {"ArXiv": "2403.01234", "DOI": "10.1000/F7", "CorpusId": 3}, "year": 2024}
    for portion in everywhere(record):
        assert (first(portion).arxiv_id, first(portion).doi) == ("2403.01234", "10.1000/f7")


def test_crossref_gives_people_and_the_day_of_publication_without_a_heading() -> None:
    work = {
        "DOI": "10.1000/F7", "title": ["Folded Nets"], "published": {"date-parts": [[2024, 2]]},
        "created": {"date-parts": [[2024, 1, 15]], "date-time": "2024-01-15T10:00:00Z"},
        "author": [{"given": "Ann", "family": "Other", "affiliation": []}],
        "abstract": "<jats:title>Abstract</jats:title><jats:p>We fold nets.</jats:p>",
    }  # fmt: skip
    for portion in everywhere(work):
        paper = first(portion)
        assert (paper.abstract, paper.authors, paper.doi) == ("We fold nets.", ("Ann Other",), "10.1000/f7")
        assert (paper.published, paper.published_inferred) == (date(2024, 2, 1), True)
        assert not portion.warnings
    del work["published"]
    assert first(read(json.dumps([work]))).published == date(2024, 1, 15)


def test_csl_gives_particles_whole_names_and_the_day_of_issue() -> None:
    item = WORDS | {
        "author": [{"family": "Beek", "given": "Jan", "non-dropping-particle": "van der"}, {"literal": "Fold Team, Inc."}],
        "issued": {"date-parts": [["2023", 3, 22]]}, "accessed": {"date-parts": [["2024", 5, 1]]},
    }  # fmt: skip
    paper = only(read(json.dumps([item])))
    assert paper.authors == ("Jan van der Beek", "Fold Team, Inc.") and paper.published == date(2023, 3, 22)


def test_zotero_gives_authors_without_editors_from_either_of_its_forms() -> None:
    item = {
        "itemType": "preprint", "title": "Folded Nets", "abstractNote": "We fold.", "archiveID": "arXiv:2403.01234",
        "creators": [
            {"creatorType": "author", "firstName": "Ann", "lastName": "Other"}, {"creatorType": "author", "name": "Fold Team"},
            {"creatorType": "editor", "firstName": "Ed", "lastName": "Itor"},
        ],
    }  # fmt: skip
    saved = [{"config": {}, "collections": {}, "items": [item]}, [{"key": "A", "meta": {"n": 1}, "data": item}]]
    for form in saved:
        paper = only(read(json.dumps(form)))
        assert (paper.authors, paper.arxiv_id) == (("Ann Other", "Fold Team"), "2403.01234")


def test_openreview_gives_what_stands_under_value() -> None:
    content = {
        "title": {"value": "Folded Nets"},
        "abstract": {"value": "We fold."},
        "authors": {"value": ["Ann Other"]},
    }
    note = {"id": "q7", "pdate": 1705406400000, "cdate": 1695350400000, "content": content}
    for portion in (read(json.dumps({"notes": [note], "count": 1})), read(lines(note, note)), read(parquet([note]))):
        paper = first(portion)
        assert (paper.title, paper.abstract, paper.authors) == ("Folded Nets", "We fold.", ("Ann Other",))
        assert paper.published == date(2024, 1, 16) and not portion.errors
    mapped = read(
        json.dumps({"notes": [note], "count": 1}), mapping=(("title", "content.title.value"), ("abstract", "id"))
    )
    assert (only(mapped).title, only(mapped).abstract) == ("Folded Nets", "q7")


def test_rows_of_hugging_face_are_records_and_its_features_are_not() -> None:
    reply = {
        "features": [{"feature_idx": 0, "name": "title", "type": {"dtype": "string"}}],
        "rows": [{"row_idx": 0, "row": WORDS, "truncated_cells": []}],
    }
    assert only(read(json.dumps(reply))).title == "Folded Nets"


def test_the_snapshot_and_daily_papers_are_the_same_in_parquet() -> None:
    (paper,) = read(parquet([SNAPSHOT])).papers
    (other,) = read(lines(SNAPSHOT)).papers
    assert paper == other and paper.published == date(2008, 5, 5) and paper.authors == ("Ann Other", "B. Othér Jr.")
    entry = {
        "paper": {"id": "2405.00123", "title": "A", "summary": "It folds.", "authors": [{"name": "Ann Other"}]},
        "numComments": 4,
    }
    daily = only(read(parquet([entry])))
    assert (daily.arxiv_id, daily.authors, daily.n_comments) == ("2405.00123", ("Ann Other",), 4)


def test_parsed_names_alone_are_names_in_parquet_and_in_a_cell() -> None:
    parsed = [["Other", "Ann", ""], ["Else", "B.", "Jr."]]
    assert only(read(parquet([WORDS | {"authors_parsed": parsed}]))).authors == ("Ann Other", "B. Else Jr.")
    assert only(read(f'title,abstract,authors_parsed\nA,It folds.,"{parsed}"\n')).authors == (
        "Ann Other",
        "B. Else Jr.",
    )


@pytest.mark.parametrize(
    "people",
    [
        [{"first": "Ann", "last": "Other"}, {"first": "Bo", "middle": ["C."], "last": "Else", "suffix": "Jr."}],
        [{"firstName": "Ann", "lastName": "Other"}, {"forename": "Bo C.", "surname": "Else", "suffix": "Jr."}],
        [{"author": {"display_name": "Ann Other"}}, {"full_name": "Bo C. Else Jr."}],
        {"author": [{"@pid": "1", "text": "Ann Other"}, {"text": "Bo C. Else Jr."}]},
    ],
)
def test_names_are_put_together_from_their_parts(people: Any) -> None:
    assert only(read(lines(WORDS | {"authors": people}))).authors == ("Ann Other", "Bo C. Else Jr.")


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("['Ann Other', 'Bo Else']", ("Ann Other", "Bo Else")),
        ("['Ann Other'\n 'Bo Else']", ("Ann Other", "Bo Else")),
        ('[""Ann O\'Ther"", ""Bo Else""]', ("Ann O'Ther", "Bo Else")),
        ("array(['Ann Other', 'Bo Else'], dtype=object)", ("Ann Other", "Bo Else")),
        ("[{'name': 'Ann Other', 'id': nan}, {'name': 'Bo Else', 'id': None}]", ("Ann Other", "Bo Else")),
        ('[{""name"": ""Ann Other""}]', ("Ann Other",)),
        ("['Other, Ann']", ("Ann Other",)),
        ("[]", ()),
    ],
)
def test_a_list_in_a_cell_is_a_list(cell: str, names: tuple[str, ...]) -> None:
    paper = only(read(f'title,abstract,authors\nA,It folds.,"{cell}"\n'))
    assert (paper.authors, paper.n_authors) == (names, len(names) or None)


def test_categories_in_a_cell_are_a_list() -> None:
    text = "title,abstract,categories\nA,It folds.,\"['cs.CL', 'stat.ML']\"\n"
    assert len(read(text, categories=("cs.CL",)).papers) == len(read(text, categories=("stat",)).papers) == 1


# Files of a whole


FOLD = {"title": "A", "abstract": "It folds.", "year": 2023}
BEND = {"title": "B", "abstract": "It bends.", "year": 2024}


def frame(**columns: list[Any]) -> dict[str, Any]:
    return {name: {str(i): value for i, value in enumerate(values)} for name, values in columns.items()}


@pytest.mark.parametrize(
    "saved",
    [
        frame(title=["A", "B"], abstract=["It folds.", "It bends."], year=[2023, 2024]),
        {"columns": ["title", "abstract", "year"], "index": [0, 1], "data": [[*FOLD.values()], [*BEND.values()]]},
        {"title": ["A", "B"], "abstract": ["It folds.", "It bends."], "year": [2023, 2024]},
        {"p1": FOLD, "p2": BEND},
        {
            "schema": {"fields": [{"name": "title", "type": "string"}], "primaryKey": ["index"]},
            "data": [FOLD, BEND],
        },
    ],
)  # fmt: skip
@pytest.mark.parametrize("indent", [None, 1])
def test_tables_that_pandas_writes_as_json_are_read_in_every_form(saved: Any, indent: int | None) -> None:
    portion = read(json.dumps(saved, indent=indent))
    assert [(paper.title, paper.abstract) for paper in portion.papers] == [("A", "It folds."), ("B", "It bends.")]
    assert [paper.published for paper in portion.papers] == [date(2023, 1, 1), date(2024, 1, 1)]
    assert not portion.errors and not portion.warnings


def test_a_table_by_columns_that_is_longer_than_the_look_ahead_is_read() -> None:
    n = 3_000
    saved = frame(title=[f"Paper {i} {'x' * 60}" for i in range(n)], abstract=["It folds."] * (n - 1) + [None])
    portion = read(json.dumps(saved))
    assert len(portion.papers) == n - 1 and str(portion.errors[0]).count("row 3000: no abstract") == 1


def test_rows_without_names_are_told_what_to_do() -> None:
    (error,) = read(json.dumps([["A", "It folds."], ["B", "It bends."]])).errors
    assert "the rows have no names of columns" in str(error)


def test_objects_beside_the_papers_are_not_counted_as_papers() -> None:
    reply = {
        "meta": {"count": 2, "description": "a list"},
        "facets": [{"k": 1}, {"k": 2}],
        "results": [GOOD, GOOD | {"title": "B"}],
    }
    portion = read(json.dumps(reply))
    assert len(portion.papers) == 2 and not portion.errors


def test_a_record_among_papers_that_is_none_is_rejected_and_so_is_one_with_a_title_alone() -> None:
    portion = read(json.dumps({"meta": {"n": 1}, "results": [{"k": 1}, GOOD, {"k": 2}, {"title": "Alone"}]}))
    assert len(portion.papers) == 1
    assert ["no title and no abstract" in str(e) for e in portion.errors] == [True, True, False]
    assert len(read(json.dumps([{"k": 1}, GOOD])).errors) == 1


def test_a_file_without_papers_says_what_its_objects_have() -> None:
    (error,) = read(json.dumps({"hits": [{"k": 1}]})).errors
    assert "the keys are 'k'" in str(error)


def test_one_reply_a_line_is_read() -> None:
    portion = read(lines({"meta": {"n": 1}, "results": [GOOD]}, {"meta": {"n": 2}, "results": [GOOD | {"title": "B"}]}))
    assert [paper.title for paper in portion.papers] == ["Folded Nets", "B"] and not portion.errors


# Values that cost only their field


@pytest.mark.parametrize(
    ("value", "count"),
    [(5.0, 5), ("5.0", 5), ("1,204", 1204), ("1,204.0", 1204), (None, None), ("nan", None), ("", None)],
)
def test_counts_are_whole_numbers_however_they_are_written(value: Any, count: int | None) -> None:
    portions = [read(lines(WORDS | {"n_comments": value, "n_upvotes": value}))]
    if isinstance(value, str):
        portions.append(read(f'title,abstract,n_comments,n_upvotes\nA,It folds.,"{value}","{value}"\n'))
    for portion in portions:
        paper = only(portion)
        assert (paper.n_comments, paper.n_upvotes) == (count, count) and not portion.warnings


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("n_comments", 3.5, "n_comments 3.5 is left out"), ("n_upvotes", "many", "n_upvotes 'many' is left out"),
        ("n_upvotes", -1, "n_upvotes -1 is left out"), ("doi", 123, "'123' is no DOI"),
        ("published", "soon", "no date in 'soon'"),
        ("n_upvotes", float("inf"), "n_upvotes inf is left out"), ("url", 7, "url 7 is no web address"),
        ("arxiv_id", "x", "'x' is no arXiv id"),
    ],
)  # fmt: skip
def test_a_value_that_makes_no_sense_costs_its_field_alone_under_any_name(field: str, value: Any, words: str) -> None:
    portion = read(lines(WORDS | {field: value}))
    assert getattr(only(portion), field) is None
    assert len(portion.warnings) == 1 and words in portion.warnings[0]


@pytest.mark.parametrize(
    ("number", "name"), [(2403.03507, "2403.03507"), (2403.035, "2403.03500"), (912.345, "0912.3450")]
)
def test_an_arxiv_id_that_became_a_number_is_one_again(number: float, name: str) -> None:
    assert only(read(lines(WORDS | {"arxiv_id": number}))).arxiv_id == name


def test_only_a_record_with_every_sign_of_an_export_is_held_to_its_types() -> None:
    own = Paper(paper_id="p7", title="A", abstract="It folds.", seen_on=("x",)).to_dict()
    portion = read(
        lines(own | {"n_comments": 3.0}, {"paper_id": "p8", "title": "B", "abstract": "It folds.", "n_comments": 3.0})
    )
    assert [(paper.title, paper.n_comments) for paper in portion.papers] == [("B", 3)]
    assert "n_comments must be a whole number" in str(portion.errors[0])


def test_a_table_of_a_spreadsheet_without_utf_8_is_read_with_one_warning() -> None:
    text = "title;abstract\nGröße;„Sie“ – faltet.\nB;It folds.\nCafé;Ça plie.\n"
    portion = read(text.encode("cp1252"))
    assert [paper.title for paper in portion.papers] == ["Größe", "B", "Café"]
    assert portion.papers[0].abstract == "„Sie“ – faltet." and not portion.errors
    (warning,) = portion.warnings
    assert "Windows-1252" in warning and warning.startswith("standard input:2: ")


def test_bytes_of_other_scripts_are_not_taken_for_windows_1252() -> None:
    portion = read("title,abstract\n折叠网络的方法,它很好\nB,It folds.\n".encode("gb18030"))
    assert [paper.title for paper in portion.papers] == ["B"] and "not UTF-8" in str(portion.errors[0])


# Parquet in several row groups


@pytest.mark.parametrize("size", [1, 100, 700])
def test_lists_go_on_from_one_row_group_to_the_next(size: int) -> None:
    records = [{"title": f"P{i}", "abstract": "It folds.", "authors": [f"Ann {i}", "Bo Else"]} for i in range(1_500)]
    portion = read(parquet(records[: 300 if size == 1 else None], row_group_size=size))
    assert not portion.errors and len(portion.papers) == (300 if size == 1 else 1_500)
    assert portion.papers[-1].authors == (f"Ann {len(portion.papers) - 1}", "Bo Else")


def test_an_export_of_thousands_of_papers_comes_back_from_parquet(tmp_path: Path) -> None:
    papers = [
        Paper(
            paper_id=f"p{i}", title=f"Folds {i}", abstract=f"We fold net {i}.", authors=(f"Ann {i}", "Bo Else"), n_authors=2,
            aliases=(f"old-{i}",) if i % 3 else (), seen_on=("a", "b"), n_comments=i, published=date(2024, 1, 1 + i % 28),
        )
        for i in range(2_500)
    ]  # fmt: skip
    assert write(tmp_path / "out.parquet", papers) == 2_500
    portion = together(read_source(str(tmp_path / "out.parquet")))
    assert not portion.errors and not portion.warnings and list(portion.papers) == papers
