"""CSV, TSV and Parquet: columns by name, quotes, cells of several lines, torn records."""

from __future__ import annotations

import gzip
import io
from datetime import date
from pathlib import Path

import pytest

from ingest.sources.files import read_source
from ingest.sources.reading import ReadOptions
from tests.test_sources_records import lines, only, only_error, read, together

ZOTERO = (
    '"Key","Item Type","Publication Year","Author","Title","Publication Title","DOI","Url","Abstract Note","Date","Date Added"\n'
    '"AB12","journalArticle","2023","Other, Ann; Else, Bob","Folded Nets, Again","J. of Folds","10.1000/Q7",'
    '"https://a.org/p","We fold ""nets"".\nThey fit.","2023-04-05","2024-01-01 10:00:00"\n'
    '"AB13","book","2020","","No Text","","","","","2020",""\n'
)


def test_a_zotero_export_is_read_and_an_entry_without_an_abstract_rejected_by_its_first_line() -> None:
    portion = read(ZOTERO)
    (paper,) = portion.papers
    assert (paper.title, paper.abstract) == ("Folded Nets, Again", 'We fold "nets". They fit.')
    assert paper.authors == ("Ann Other", "Bob Else") and (paper.published, paper.doi) == (
        date(2023, 4, 5),
        "10.1000/q7",
    )
    assert [(error.line, error.n_read) for error in portion.errors] == [(4, 1)]
    assert "no abstract" in str(portion.errors[0])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_from_the_table(delimiter: str) -> None:
    text = f"Title{delimiter}Summary{delimiter}arxiv_id\nFolds{delimiter}We fold.{delimiter}2401.00001\n"
    paper = only(read(text))
    assert (paper.title, paper.abstract, paper.arxiv_id) == ("Folds", "We fold.", "2401.00001")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-8"])
def test_byte_order_marks_are_understood(encoding: str) -> None:
    paper = only(read("title\tabstract\r\nCafé Nets\tThey fold.\r\n".encode(encoding)))
    assert (paper.title, paper.abstract) == ("Café Nets", "They fold.")


def test_a_mapping_names_columns_and_wins() -> None:
    text = "Heading,Text,title\nFolds,We fold.,x\n"
    paper = only(read(text, mapping=(("title", "Heading"), ("abstract", "Text"))))
    assert (paper.title, paper.abstract) == ("Folds", "We fold.")


def test_an_unknown_column_in_a_mapping_is_one_error_that_lists_the_columns() -> None:
    error = only_error(read("Heading,Text\nA,B\nC,D\n", mapping=(("title", "Name"), ("abstract", "Text"))))
    assert "'Name'" in str(error) and "'Heading', 'Text'" in str(error) and error.line == 1


def test_a_table_without_the_needed_columns_says_what_to_do() -> None:
    error = only_error(read("Heading,Text\nA,B\n"))
    assert "no column for the title; name it with --map title=COLUMN; the columns are 'Heading', 'Text'" in str(error)


@pytest.mark.parametrize(
    ("bad", "words", "n_lines"),
    [
        ("B,one,two,three,four\n", "5 cells where the table has 3 columns", 1),
        ('B,"never closed,2020\n', "", 1),
        ('B,"a cell that\ngoes on and\nis never closed,2020\n', "", 3),
        ('B,"' + "word " * 20_000 + '",2020\n', "the abstract has 99,999 characters", 1),
        ('B,"' + "word " * 2_000_000 + '",2020\n', "a cell is too long", 1),
        ('B,"' + "word,\n" * 40_000 + '",2020\n', "a cell is too long", 40_001),
        ("B,caf\udc81,2020\n", "not UTF-8 (byte 0x81)", 1),
        ("B,caf\udce9 für,2020\n", "not UTF-8 (byte 0xe9)", 1),
        ("B,It\x00folds,2020\n", "a NUL byte stands in this record", 1),
    ],
)
def test_a_torn_record_loses_only_itself(bad: str, words: str, n_lines: int) -> None:
    text = 'title,abstract,year\nA,"It folds,\nwell.",2020\n' + bad + 'C,"It folds.",2021\nD,It folds.,2022\n'
    portion = read(text.encode("utf-8", "surrogateescape"))
    assert [paper.title for paper in portion.papers] == ["A", "C", "D"]
    assert [error.line for error in portion.errors] == [4] and words in str(portion.errors[0])
    assert n_lines == bad.count("\n")


def test_a_tab_separated_file_may_hold_quotes_that_are_just_quotes() -> None:
    portion = read('title\tabstract\n"Fold\tIt folds.\n"B" is next\tIt folds, too.\nC\tIt folds.\n')
    assert [paper.title for paper in portion.papers][-1] == "C" and len(portion.papers) == 3


def test_a_table_that_breaks_off_inside_quotes_says_so() -> None:
    portion = read('title,abstract\nA,It folds.\nB,"It is cut\noff he')
    assert [paper.title for paper in portion.papers] == ["A"]
    assert portion.errors[0].line == 3 and "ends inside quotes" in str(portion.errors[0])


def test_rows_may_leave_out_empty_cells_at_their_end() -> None:
    assert only(read("title,abstract,doi,url\nA,It folds.\n")).title == "A"


def test_prose_with_commas_is_no_table() -> None:
    assert "neither a saved Daily Papers page" in str(
        only_error(read("Dear all, and others,\nplease, find it, here.\n"))
    )


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Ann Other, Bo Li", ["Ann Other", "Bo Li"]),
        ("Jun Ma, Bo Li", ["Jun Ma", "Bo Li"]),
        ("Li Wei, Xu Yi", ["Li Wei", "Xu Yi"]),
        ("Other J, Else A", ["Other J", "Else A"]),
        ("Other I, LI B", ["Other I", "LI B"]),
        ("Ann Other, Bo Li and Jun Ma", ["Ann Other", "Bo Li", "Jun Ma"]),
        ("A. Other, B. Else and others", ["A. Other", "B. Else"]),
        ("Other, Ann", ["Ann Other"]),
        ("Other, Ann M.", ["Ann M. Other"]),
        ("Other, Ann, Else, Bob", ["Ann Other", "Bob Else"]),
        ("van der Other, A. B., Else, J.-P.", ["A. B. van der Other", "J.-P. Else"]),
        ("Other, JK, Else, AB", ["JK Other", "AB Else"]),
        ("de la Other, Ann Maria; Von Else, Bob James", ["Ann Maria de la Other", "Bob James Von Else"]),
        ("de la Other, Ann Maria and Von Else, Bob James", ["Ann Maria de la Other", "Bob James Von Else"]),
    ],
)
def test_commas_part_names_or_turn_them_round(cell: str, names: list[str]) -> None:
    assert list(only(read(f'title,abstract,authors\nA,It folds.,"{cell}"\n')).authors) == names
    assert (
        list(only(read(lines({"headline": 1, "title": "A", "abstract": "It folds.", "authors": cell}))).authors)
        == names
    )


def test_lists_in_a_cell_are_no_letters() -> None:
    paper = only(read("title,abstract,aliases,seen_on\nA,It folds.,x1; y2,page\n"))
    assert (paper.aliases, paper.seen_on) == (("x1", "y2"), ("standard input",))


@pytest.mark.parametrize("day", ["20240524", "20240524T101500Z", "2024-05-24"])
def test_a_day_may_be_written_without_separators(day: str) -> None:
    assert only(read(f"title,abstract,date\nA,It folds.,{day}\n")).published == date(2024, 5, 24)


# Parquet


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table(
        {
            "Title": ["A", "B", None, "D"],
            "abstract": ["It <b>folds</b>.", "Also.", "No title.", "x" * 60_000],
            "published": pyarrow.array([date(2024, 5, 1), None, None, None], pyarrow.date32()),
            "authors": [["Ann Other"], [], None, ["X"]],
            "upvotes": pyarrow.array([3.0, float("nan"), None, 1.0]),
            "categories": ["cs.CL", "cs.LG", "", ""],
        }
    )
    file = tmp_path / "papers.bin"
    pyarrow.parquet.write_table(table, file)
    return file


def test_parquet_is_read_by_columns_with_rows_for_lines(parquet: Path) -> None:
    for portion in (
        together(read_source(str(parquet))),
        read(parquet.read_bytes()),
        read(gzip.compress(parquet.read_bytes())),
    ):
        assert [(p.title, p.abstract, p.n_upvotes) for p in portion.papers] == [
            ("A", "It folds.", 3),
            ("B", "Also.", None),
        ]
        assert portion.papers[0].published == date(2024, 5, 1) and portion.papers[0].authors == ("Ann Other",)
        assert [(error.line, error.n_read) for error in portion.errors] == [(3, 2), (4, 2)]


def test_parquet_takes_mappings_and_categories(parquet: Path) -> None:
    assert [p.title for p in read(parquet.read_bytes(), categories=("cs.LG",)).papers] == ["B"]
    error = only_error(read(parquet.read_bytes(), mapping=(("title", "Name"),)))
    assert "'Name'" in str(error) and "'Title', 'abstract'" in str(error)


def test_a_parquet_file_with_ids_of_its_own_is_no_export(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table({"paper_id": [17], "title": ["A"], "abstract": ["It folds."], "authors": [["Ann Other"]]})
    pyarrow.parquet.write_table(table, tmp_path / "papers")
    paper = only(together(read_source(str(tmp_path / "papers"))))
    assert (paper.n_authors, paper.seen_on) == (1, (str((tmp_path / "papers").resolve()),))


def test_a_cut_parquet_file_is_one_error(parquet: Path) -> None:
    assert "no valid Parquet file" in str(only_error(read(parquet.read_bytes()[:-20])))


def test_a_cell_that_repeats_does_not_grow_a_small_parquet_file_into_a_large_one(tmp_path: Path) -> None:
    import tracemalloc

    import pyarrow
    import pyarrow.parquet

    long = pyarrow.array(["word " * 400_000]).dictionary_encode()
    cells = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 600, pyarrow.int32()), long.dictionary)
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"title": ["A"] * 600, "abstract": cells}), out)
    file = tmp_path / "papers"
    file.write_bytes(out.getvalue())
    before = pyarrow.total_allocated_bytes()
    tracemalloc.start()
    n_errors = sum(len(portion.errors) for portion in read_source(str(file), options=ReadOptions()))
    assert n_errors == 600 and tracemalloc.get_traced_memory()[1] < 50 << 20
    tracemalloc.stop()
    assert pyarrow.total_allocated_bytes() - before < 50 << 20
