"""Files, folders and streams: what is packed, what is no file, what is too much, and what a file really is."""

from __future__ import annotations

import gzip
import io
import json
import os
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from ingest.sources import gathering, streams
from ingest.sources.files import read_source
from ingest.sources.reading import Portion
from rag.errors import SourceError
from tests.test_hf_page import FOLD, byline, bylined
from tests.test_sources_bibliography import BIBTEX, FEED, RIS
from tests.test_sources_html import entry, page
from tests.test_sources_records import GOOD, SNAPSHOT, lines, only, only_error, read, together
from tests.test_sources_tables import ZOTERO

PAGE = bylined(FOLD, byline())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "folder"
    root.mkdir()
    (root / "a.txt").write_text(lines(GOOD))
    return root


def of(path: Path) -> Portion:
    return together(read_source(str(path)))


@pytest.mark.parametrize(
    "text", [PAGE, lines(GOOD), json.dumps([GOOD]), lines(SNAPSHOT), ZOTERO, BIBTEX, RIS, FEED, page([entry()])]
)
def test_every_kind_is_known_by_its_content_packed_or_not(text: str) -> None:
    plain = read(text)
    assert plain.papers
    data = text.encode()
    for packed in (
        gzip.compress(data),
        zstandard.compress(data),
        gzip.compress(zstandard.compress(gzip.compress(data))),
        gzip.compress(data[:50]) + gzip.compress(data[50:]),
        zstandard.compress(data[:50]) + zstandard.compress(data[50:]),
        gzip.compress(data) + b"\0" * 512,
        text.encode("utf-16"),
    ):
        portion = read(packed)
        assert portion.papers == plain.papers
        assert [error.line for error in portion.errors] == [error.line for error in plain.errors]


def test_standard_input_is_not_read_ahead_of_what_is_asked_for() -> None:
    class Endless(io.RawIOBase):
        n_read = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
            line = json.dumps(GOOD | {"title": f"Nets {self.n_read}"}).encode() + b"\n"
            self.n_read += len(line)
            buffer[: len(line)] = line
            return len(line)

    endless = Endless()
    portions: Iterator[Portion] = read_source("-", stdin=endless)  # type: ignore[arg-type]
    first, second = next(portions), next(portions)
    assert len(first.papers) == len(second.papers) == 1_000 and endless.n_read < 1 << 20


def test_memory_does_not_grow_with_the_length_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "PORTION", 200)
    record = json.dumps(SNAPSHOT)
    peaks = []
    for n in (1_500, 4_500):
        text = gzip.compress("".join(record.replace("0805.00123", f"0805.{i:05}") + "\n" for i in range(n)).encode())
        tracemalloc.start()
        assert sum(len(portion.papers) for portion in read_source("-", stdin=io.BytesIO(text))) == n
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_packed_file_that_is_cut_off_keeps_what_came_before(pack: object) -> None:
    text = "".join(json.dumps(GOOD | {"title": f"Nets {os.urandom(30).hex()}"}) + "\n" for _ in range(5_000))
    data = pack(text.encode())  # type: ignore[operator]
    portion = read(data[: len(data) // 2])
    assert 100 < len(portion.papers) < 5_000
    assert "cut off" in str(portion.errors[-1]) and portion.errors[-1].n_read == len(portion.papers)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_bomb_is_left_with_little_memory_used(pack: object, layers: int) -> None:
    bomb = b"x" * (80 << 20)
    for _ in range(layers):
        bomb = pack(bomb)  # type: ignore[operator]
    tracemalloc.start()
    error = only_error(read(bomb))
    assert "this is a decompression bomb (" in str(error) and "more than 300 times its size" in str(error)
    assert tracemalloc.get_traced_memory()[1] < 100 << 20
    tracemalloc.stop()


def test_too_many_layers_are_refused() -> None:
    data = lines(GOOD).encode()
    for _ in range(5):
        data = gzip.compress(data)
    assert "packed more than 4 times over" in str(only_error(read(data)))


def test_damaged_packing_is_one_error() -> None:
    for data in (gzip.compress(b"x" * 99)[:10] + b"\x07" * 50, zstandard.compress(b"x" * 99)[:6] + b"\xff" * 50):
        assert "from here on" in str(only_error(read(data)))


def test_a_line_without_end_is_rejected_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LONGEST_LINE", 1 << 20)
    data = lines(GOOD).encode() + b'{"title": "' + b"x" * (20 << 20) + b"\n" + lines(GOOD).encode()
    stream = streams.ByteStream.over(io.BytesIO(data))
    tracemalloc.start()
    found = [(number, len(line)) for number, line in streams.numbered_lines(stream)]
    assert found[1] == (2, (1 << 20) + 1) and found[2][0] == 3
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def zipped(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "x" * 100)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "this is a PDF; export"),
        (zipped("papers.txt"), "this is a zip archive; unpack it"),
        (zipped("word/document.xml"), "this is an Office document; export"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "this is an image (PNG)"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "this is an image (JPEG)"),
        (b"SQLite format 3\x00" + b"\0" * 50, "this is an SQLite database"),
        (b"\x80\x04\x95" + b"\0" * 50, "a Python pickle, which is never opened"),
        (gzip.compress(b"a" * 257 + b"ustar" + b"\0" * 300), "this is a tar archive"),
        (b"some\x00thing", "this is not text from here on (a NUL byte)"),
        (b"", "the file is empty"),
        (gzip.compress(b""), "the file is empty"),
        (b" \n\t\n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        ("Caf\xe9 Nets".encode("utf-16"), "read as UTF-16, not UTF-8"),
        (
            "title,abstract\nCaf\xe9,It folds.\n".encode("utf-16-le"),
            "this looks like UTF-16 without a byte order mark; save",
        ),
        (lines(GOOD).encode("utf-16-be"), "this looks like UTF-16 without a byte order mark; save it as UTF-8"),
        (b"<note><to>you</to></note>", "neither a saved Daily Papers page"),
    ],
)
def test_what_is_no_source_is_named(data: bytes, words: str) -> None:
    assert words in str(only_error(read(data)))


def test_links_that_lead_out_of_a_folder_are_not_followed_and_said(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text(lines(GOOD | {"title": "Secret"}))
    (folder / "b").symlink_to(outside / "secret.txt")
    (folder / "c").symlink_to(outside)
    (folder / "d").symlink_to(folder)
    (folder / "e").symlink_to(folder / "a.txt")
    (folder / "f").symlink_to(folder / "nowhere")
    portion = of(folder)
    assert [paper.title for paper in portion.papers] == ["Folded Nets"]
    assert [(Path(error.path).name, "out of the folder" in str(error)) for error in portion.errors] == [
        ("b", True),
        ("c", True),
        ("f", False),
    ]


def test_every_name_in_the_report_of_a_folder_is_a_full_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "b").symlink_to(folder / "nowhere")
    (folder / "c").write_bytes(b"%PDF-1.7")
    monkeypatch.chdir(folder.parent)
    portion = together(read_source("folder"))
    assert portion.papers[0].seen_on == (str(folder.resolve() / "a.txt"),)
    assert [error.path for error in portion.errors] == [str(folder.resolve() / name) for name in ("b", "c")]


def test_a_link_that_is_named_itself_is_read(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert len(of(link).papers) == 1


def test_pipes_and_devices_are_not_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    portion = of(folder)
    assert len(portion.papers) == 1 and "is a pipe, not a file" in str(portion.errors[0])
    assert "is a device, not a file" in str(only_error(together(read_source("/dev/zero"))))


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_file_that_may_not_be_read_is_one_error(folder: Path) -> None:
    (folder / "b.txt").write_text(lines(GOOD))
    (folder / "b.txt").chmod(0)
    portion = of(folder)
    assert len(portion.papers) == 1 and "cannot be read: Permission denied" in str(portion.errors[0])


def test_a_disk_that_fails_keeps_what_came_before() -> None:
    class Failing(io.RawIOBase):
        n = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
            self.n += 1
            if self.n > 3:
                raise OSError(5, "Input/output error")
            line = json.dumps(GOOD | {"title": f"Nets {self.n}"}).encode() + b"\n"
            buffer[: len(line)] = line
            return len(line)

    portion = together(read_source("-", stdin=Failing()))  # type: ignore[arg-type]
    assert len(portion.papers) == 3 and "Input/output error" in str(portion.errors[0])


def test_names_of_files_are_made_fit_to_be_shown(folder: Path) -> None:
    os.rename(folder / "a.txt", os.fsencode(folder) + b"/\xff\x1b[31m\xe2\x80\xae.txt")
    paper = only(of(folder))
    assert paper.seen_on == (f"{folder}/\ufffd\ufffd[31m\ufffd.txt",)


@pytest.mark.parametrize("source", ["/no/such/file", "a\x00b", "x" * 10_000, "~nobody-of-that-name/x"])
def test_a_source_that_does_not_exist_is_a_source_error(source: str) -> None:
    with pytest.raises(SourceError):
        list(read_source(source))


def test_folders_inside_are_walked_and_hidden_ones_left(folder: Path) -> None:
    for name in ("deep/er", ".git", "deep/.cache"):
        (folder / name).mkdir(parents=True)
        (folder / name / "x").write_text(lines(GOOD | {"title": name}))
    assert [paper.title for paper in of(folder).papers] == ["Folded Nets", "deep/er"]
