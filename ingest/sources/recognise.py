"""Tells what a file is by its beginning, never by its name."""

from __future__ import annotations

import re
from typing import Literal

from ingest.sources.hf_page import looks_like_page
from ingest.sources.json_stream import NotJson, load
from ingest.sources.mhtml import looks_like_mhtml
from ingest.sources.shapes import rank_of

Kind = Literal[
    "empty",
    "page",
    "html",
    "mhtml",
    "atom",
    "json",
    "json lines",
    "table",
    "parquet",
    "bibtex",
    "ris",
    "binary",
    "unknown",
]

HEAD = 1 << 17
_EXPORT = "export what it says as BibTeX, RIS, CSV or JSON Lines"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", f"this is a PDF; {_EXPORT}"),
    (b"{\\rtf", f"this is an RTF document; {_EXPORT}"),
    (b"%!PS", f"this is a PostScript file; {_EXPORT}"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", f"this is an old Office document; {_EXPORT}"),
    (b"SQLite format 3\x00", f"this is an SQLite database; {_EXPORT}"),
    (b"7z\xbc\xaf\x27\x1c", "this is a 7z archive; unpack it first"),
    (b"Rar!\x1a\x07", "this is a RAR archive; unpack it first"),
    (b"\xfd7zXZ\x00", "this is packed with xz; unpack it first (.gz and .zst are read as they are)"),
    (b"BZh91AY&SY", "this is packed with bzip2; unpack it first (.gz and .zst are read as they are)"),
    (b"\x89PNG\r\n", "this is an image (PNG)"),
    (b"\xff\xd8\xff", "this is an image (JPEG)"),
    (b"GIF87a", "this is an image (GIF)"),
    (b"GIF89a", "this is an image (GIF)"),
    (b"II*\x00", "this is an image (TIFF)"),
    (b"\x89HDF\r\n", "this is an HDF5 file; save it as Parquet or JSON Lines"),
    (b"ARROW1\x00", "this is an Arrow file; save it as Parquet"),
    (b"\x93NUMPY", "this is a NumPy array, no papers"),
    (b"\x7fELF", "this is a program"),
    (b"\x80\x04\x95", "this is a Python pickle, which is never opened; save it as JSON Lines"),
    (b"\x80\x05\x95", "this is a Python pickle, which is never opened; save it as JSON Lines"),
)
_UTF16 = "this looks like UTF-16 without a byte order mark; save it as UTF-8"
_ZIP, _ZIP_HEADER = b"PK\x03\x04", 30
_BIBTEX = re.compile(r"^[ \t]*@[A-Za-z]+[ \t]*[{(]", re.MULTILINE)
_RIS = re.compile(r"^TY  ?- ?", re.MULTILINE)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|div|article|main|section|script|meta)\b", re.IGNORECASE)


def binary_kind(head: bytes) -> str | None:
    """What to say of a file that is no text; None when nothing is known of it."""
    for magic, message in _MAGIC:
        if head.startswith(magic):
            return message
    if head.startswith(_ZIP) and len(head) >= _ZIP_HEADER:
        if b"[Content_Types].xml" in head or b"word/" in head[:4096] or b"xl/" in head[:4096]:
            return f"this is an Office document; {_EXPORT}"
        return "this is a zip archive; unpack it first"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "this is an image (WebP)"
    if head[257:262] == b"ustar":
        return "this is a tar archive; unpack it first"
    return _UTF16 if _looks_like_utf16(head[:2_000]) else None


def _looks_like_utf16(head: bytes) -> bool:
    """Whether every second byte is a NUL, nearly, and hardly another one: Latin letters of two bytes each."""
    half = len(head) // 2
    even, odd = head[0 : 2 * half : 2].count(0), head[1 : 2 * half : 2].count(0)
    more, fewer = max(even, odd), min(even, odd)
    return half >= 8 and more >= 0.7 * half and fewer <= 0.05 * half


def kind_of(head: bytes, *, mapping: tuple[tuple[str, str], ...] = ()) -> Kind:
    """The kind of a file from its first `HEAD` bytes, which are unpacked and UTF-8."""
    if not head:
        return "empty"
    if head[:4] == b"PAR1":
        return "parquet"
    if binary_kind(head) is not None:
        return "binary"
    text = head.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    begin = text.lstrip()
    if not begin:
        return "empty"
    if begin[0] == "<" and (kind := _markup(begin)):
        return kind
    if begin[0] in "[{" and (kind := _json(begin, mapping)):
        return kind
    if looks_like_mhtml(begin):
        return "mhtml"
    if looks_like_page(text):
        return "page"
    if _RIS.search(text[:20_000]):
        return "ris"
    if (match := _BIBTEX.search(text)) and not _is_table(text[: match.start()], mapping):
        return "bibtex"
    return "table" if _is_table(text, mapping) else "unknown"


def _markup(text: str) -> Kind | None:
    start = text[:4_000]
    if re.search(r"<(?:\w+:)?feed\b", start) and "http://www.w3.org/2005/Atom" in start:
        return "atom"
    return "html" if _HTML.search(start) else None


def _json(text: str, mapping: tuple[tuple[str, str], ...]) -> Kind | None:
    if text[0] == "[":
        return "json" if re.match(r"\[\s*(?:[\[{\]\"]|$)", text) else None
    if not re.match(r"\{\s*(?:[\"}]|$)", text):
        return None
    first, line_end, rest = text.partition("\n")
    following = rest.lstrip()[:1]
    if not line_end:
        # One line, perhaps of a megabyte: {"papers": [{…}]} and {"title": …} are told apart where records are cut.
        return "json"
    try:
        record = load(first)
    except NotJson:
        # A first line that is damaged among whole ones, or an object written over many lines.
        return "json lines" if following == "{" and len(first) > 1 else "json"
    rank = rank_of(record, mapping) if isinstance(record, dict) else 0
    if following == "{":
        return "json" if not rank and _holds_papers(record) else "json lines"
    return "json lines" if not following and rank == 2 else "json"


def _holds_papers(record: object) -> bool:
    """Whether a line is no record, but a reply of an API with a list of papers in it."""
    values = list(record.values()) if isinstance(record, dict) else []
    values += [one for value in values if isinstance(value, dict) for one in value.values()]
    lists = [value for value in values if isinstance(value, list)]
    return any(isinstance(one, dict) and rank_of(one) == 2 for some in lists for one in some[:3])


def _is_table(text: str, mapping: tuple[tuple[str, str], ...]) -> bool:
    from ingest.sources.tables import sniff

    return sniff(text, mapping) is not None
