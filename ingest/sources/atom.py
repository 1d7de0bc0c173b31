"""Reads papers from the Atom feed of the arXiv API, saved as it came: entry by entry, with entities switched off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from ingest.sources.fields import make_paper
from ingest.sources.gathering import Found, found, portions
from ingest.sources.reading import Portion, ReadOptions
from ingest.sources.streams import BrokenStream, ByteStream

_ATOM, _ARXIV = "http://www.w3.org/2005/Atom", "http://arxiv.org/schemas/atom"
_FIELDS = {
    f"{_ATOM} id": "id",
    f"{_ATOM} title": "title",
    f"{_ATOM} summary": "abstract",
    f"{_ATOM} content": "content",
    f"{_ATOM} published": "published",
    f"{_ATOM} updated": "updated",
    f"{_ARXIV} doi": "doi",
    f"{_ARXIV} affiliation": "organisation",
}
# More text than this in one field is no abstract; the rest of it is not kept.
_LONGEST = 1 << 20
_MOST = 10_000


def read_atom(stream: ByteStream, *, path: str, options: ReadOptions) -> Iterator[Portion]:
    """Papers of a saved feed, in portions."""
    return portions(_read(stream, path), path=path, options=options, what="feed")


def _read(stream: ByteStream, path: str) -> Iterator[Found]:
    reader = _Reader()
    try:
        for part in stream.chunks():
            reader.parser.Parse(part, False)
            for entry in reader.entries:
                yield _found(entry, path)
            reader.entries.clear()
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        for entry in reader.entries:
            yield _found(entry, path)
        raise BrokenStream(
            f"the feed is no XML from here on ({expat.ErrorString(error.code)})", line=error.lineno
        ) from error
    for entry in reader.entries:
        yield _found(entry, path)


def _found(entry: dict[str, Any], path: str) -> Found:
    raw = {name: value for name, value in entry.items() if value}
    raw.setdefault("abstract", raw.pop("content", None))
    raw.setdefault("published", raw.pop("updated", None))
    if (
        "code" not in raw
        and isinstance(raw.get("id"), str)
        and raw["id"].startswith("http")
        and "arxiv.org/" not in raw["id"]
    ):
        raw["url"] = raw["id"]
    return found(
        entry["line"],
        lambda warnings: make_paper(raw, path=path, warnings=warnings),
        categories=tuple(entry["categories"]),
    )


class _Reader:
    """Collects the entries of a feed as its elements go by."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse
        self._entry: dict[str, Any] | None = None
        self._field: str | None = None
        self._held: list[str] = []
        self._n_held = 0
        self._depth = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > 200:
            raise BrokenStream("elements are nested too deeply", line=self.parser.CurrentLineNumber)
        if name == f"{_ATOM} entry":
            self._entry = {"line": self.parser.CurrentLineNumber, "authors": [], "categories": []}
        elif self._entry is not None:
            if name == f"{_ATOM} category" and len(self._entry["categories"]) < _MOST:
                self._entry["categories"].append(attributes.get("term", ""))
            elif name == f"{_ATOM} author" or (name == f"{_ATOM} name"):
                self._begin("author" if name.endswith(" name") else None)
            elif name in _FIELDS:
                self._begin(_FIELDS[name])

    def _begin(self, field: str | None) -> None:
        self._field, self._held, self._n_held = field, [], 0

    def _text(self, text: str) -> None:
        if self._field is not None and self._n_held <= _LONGEST:
            self._held.append(text)
            self._n_held += len(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._entry is None:
            return
        if name == f"{_ATOM} entry":
            self.entries.append(self._entry)
            self._entry = None
        elif self._field is not None and (name in _FIELDS or name == f"{_ATOM} name"):
            text = "".join(self._held).strip()
            if self._field == "author":
                if len(self._entry["authors"]) < _MOST:
                    self._entry["authors"].append({"name": text})
            else:
                self._entry.setdefault(self._field, text)
            self._field = None

    def _refuse(self, *_: object) -> None:
        raise BrokenStream("the feed declares a document type, which is not read", line=self.parser.CurrentLineNumber)
