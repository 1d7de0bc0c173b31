"""Reads papers from BibTeX and RIS, entry by entry: a broken entry loses only itself.

The text is cut into entries here, with the line where each starts; what stands in one is read by bibtexparser and rispy.
LaTeX of names and words is decoded ("G{\\"o}del", "{LLM}s"); mathematics between dollar signs stays LaTeX. An entry that
`library export` wrote (it has an `askpapers_id`) gives back the paper that it was written from, in every field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.sources.columns import pick
from ingest.sources.fields import make_paper
from ingest.sources.gathering import Found, found, portions
from ingest.sources.latex import without_latex
from ingest.sources.people import turned
from ingest.sources.reading import Portion, ReadOptions
from ingest.sources.streams import ByteStream, numbered_lines, wrong_byte
from rag.identity import arxiv_id, doi
from rag.schema import Paper

_ENTRY = re.compile(r"\s*@\s*(?P<type>[A-Za-z]+)\s*[{(]")
_TAG = re.compile(r"(?P<tag>[A-Z][A-Z0-9])  ?-(?: (?P<value>.*))?$")
_LONGEST_ENTRY = 1 << 20
_MOST_STRINGS = 1 << 16
_NO_PAPERS = frozenset({"comment", "preamble", "string"})
_BIBTEX = {
    "title": ["title"],
    "abstract": ["abstract", "annote", "annotation"],
    "authors": ["author"],
    "published": ["date", "day", "year"],
    "doi": ["doi"],
    "arxiv_id": ["arxivid", "arxiv"],
    "id": ["eprint"],
    "url": ["url", "link"],
    "categories": ["primaryclass", "eprintclass"],
    "organisation": ["organization"],
}
# "family=Beek", or with quotes around the whole, as biblatex has it where the value holds a comma.
_PART = re.compile(
    r"\s*\"?\s*(?P<key>family|given|prefix|suffix|useprefix|(?:family|given|prefix|suffix)-i|id|sorting\w*|nosuffix|juniorcomma)"
    r"\s*=(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
_RANGE = re.compile(r"/.*", re.DOTALL)
_OWN = "askpapers_"
_OWN_COUNTS = ("n_authors", "n_comments", "n_upvotes")
_OWN_LISTS = ("authors", "aliases", "seen_on")
_OWN_TEXTS = ("organisation_slug", "url", "code_url", "doi")
_RIS = {
    "title": ["title", "primary_title", "short_title"],
    "abstract": ["abstract", "notes_abstract"],
    "authors": ["authors", "first_authors"],
    "published": ["date", "publication_year", "year"],
    "doi": ["doi"],
    "id": ["accession_number", "id"],
    "url": ["urls"],
}


def read_bibtex(stream: ByteStream, *, path: str, options: ReadOptions) -> Iterator[Portion]:
    """Papers of a BibTeX file, in portions."""
    return portions(_read_bibtex(stream, path), path=path, options=options)


def read_ris(stream: ByteStream, *, path: str, options: ReadOptions) -> Iterator[Portion]:
    """Papers of a RIS file, in portions."""
    return portions(_read_ris(stream, path), path=path, options=options)


def _read_bibtex(stream: ByteStream, path: str) -> Iterator[Found]:
    strings = ""
    for line, text, whole in _entries(stream):
        kind = match["type"].lower() if (match := _ENTRY.match(text)) else ""
        if kind == "string" and len(strings) < _MOST_STRINGS:
            strings += text + "\n"
        if kind in _NO_PAPERS:
            continue
        why = wrong_byte(text)
        if why is None and not whole:
            why = f"the entry {_key(text)} does not end: a brace or a quote is not closed"
        if why is None and len(text) > _LONGEST_ENTRY:
            why = f"the entry {_key(text)} has more than {_LONGEST_ENTRY >> 20} MB"
        record = _parsed(strings, text) if why is None else None
        if record is None:
            yield Found(line=line, why=why or f"the entry {_key(text)} is no valid BibTeX")
            continue
        yield _found_bibtex(line, record, path)


def _found_bibtex(line: int, record: dict[str, str], path: str) -> Found:
    def make(warnings: list[str]) -> Paper:
        raw: dict[str, Any] = pick(record, _BIBTEX)
        for name in ("title", "abstract", "organisation"):
            if name in raw:
                raw[name] = without_latex(raw[name])
        raw["authors"] = _names(raw.get("authors", ""))
        if published := _day(record):
            raw["published"] = published
        for name in ("doi", "url", "arxiv_id", "id"):
            if name in raw:
                raw[name] = re.sub(r"\\(?=[_%&#~])|\\url\b|[{}]", "", raw[name])
        exported = bool(record.get(f"{_OWN}id"))
        if exported:
            raw = _exported(raw, record)
        return make_paper(raw, path=path, warnings=warnings, strict=exported)

    return found(line, make, categories=tuple(record.get("primaryclass", "").split()))


def _day(record: Mapping[str, str]) -> list[str] | str | None:
    """The day of an entry as `read_day` reads it: of a range the first day, without biblatex's marks of doubt."""
    if day := record.get("date", "").strip():
        day = re.sub(r"[~?%]+(?=$|/)", "", day)
        return [_RANGE.sub("", day.replace("~", " ")).strip(), *filter(None, [record.get("year")])]
    year = _plain(record.get("year", ""))
    if not year:
        return None
    # "July 10--15", "10 July", "7", "jul/aug"
    month, day = _plain(record.get("month", "")), _plain(record.get("day", ""))
    name, numbers = re.search(r"[^\W\d_]{3,}", month), re.findall(r"(?<!\d)\d{1,2}(?!\d)", month)
    number = name[0] if name else numbers.pop(0) if numbers else ""
    day = day if day.isdecimal() else numbers[0] if numbers else ""
    if name:
        return f"{day} {number} {year}".strip()
    return "-".join(part for part in (year, number, number and day) if part)


def _plain(text: str) -> str:
    return " ".join(without_latex(text).split())


def _exported(raw: dict[str, Any], record: dict[str, str]) -> dict[str, Any]:
    """What a library's paper was, from the standard fields and askpapers' own."""
    own = {name.removeprefix(_OWN): without_latex(value) for name, value in record.items() if name.startswith(_OWN)}
    paper: dict[str, Any] = {
        name: raw[name] for name in ("title", "abstract", "authors", "organisation", "doi") if name in raw
    }
    paper |= {"paper_id": own["id"], "arxiv_id": raw.get("id"), "published": record.get("date"), "seen_on": []}
    paper |= {name: own[name] for name in _OWN_TEXTS if name in own}
    paper |= {name: int(own[name]) if own[name].isdecimal() else own[name] for name in _OWN_COUNTS if name in own}
    for name in _OWN_LISTS:
        if name in own:
            try:
                paper[name] = json.loads(own[name])
            except (ValueError, RecursionError):
                paper[name] = own[name]  # no list: the record is rejected for it
    return paper | {"published_inferred": own.get("published_inferred") == "true"}


def _names(text: str) -> list[str]:
    """Names between "and"s; one in braces is a whole, whatever stands in it."""
    names, depth, start = [], 0, 0
    for match in re.finditer(r"\\.|[{}]|\s+and\s+", text + " and ", re.DOTALL):
        depth += (match[0] == "{") - (match[0] == "}")
        if depth <= 0 and match[0].strip() == "and":
            names.append(text[start : match.start()].strip())
            start = match.end()
    names.append(text[start:].strip())
    return [_name(name) for name in names if name]


def _name(text: str) -> str:
    if parts := _extended(text):
        given, suffix = parts.get("given") or parts.get("given-i", ""), parts.get("suffix", "")
        name = " ".join(part for part in (given, parts.get("prefix", ""), parts.get("family", "")) if part)
        return f"{name}, {suffix}" if suffix else name
    words = without_latex(text)
    return words if re.fullmatch(r"\{(?:[^{}]|\{[^{}]*\})*\}", text) else turned(words)


def _extended(text: str) -> dict[str, str]:
    """The parts of one of biblatex's extended names ("family=Beek, given=Jan, prefix=van der"); empty where it is none."""
    if not _PART.match(text):
        return {}
    found: dict[str, str] = {}
    start, depth = 0, 0
    for match in re.finditer(r"\\.|[{},]|$", text, re.DOTALL):
        depth += (match[0] == "{") - (match[0] == "}")
        if match[0] in ("", ",") and depth <= 0:
            part = _PART.match(text[start : match.start()])
            if part is None:
                return {}
            found[part["key"].lower()] = without_latex(part["value"].strip().strip('"')).strip()
            start = match.end()
    return found if found.get("family") or found.get("given") else {}


def _entries(stream: ByteStream) -> Iterator[tuple[int, str, bool]]:
    """The text of each entry, the line where it starts, and whether it ends. Text between entries is comment.

    An entry that is not closed ends where the next one begins at the start of a line.
    """
    taken: list[str] = []
    start, depth, size = 0, 0, 0
    for number, data in numbered_lines(stream):
        line = data.decode("utf-8", "surrogateescape")
        begins = _ENTRY.match(line)
        if taken and begins and line.lstrip() == line:
            yield start, "\n".join(taken), False
            taken = []
        if not taken and not begins:
            continue
        if not taken:
            start, depth, size = number, 0, 0
        # A file of one line may hold many entries.
        while line is not None:
            end, depth = _closing(line, depth)
            part = line if end is None else line[:end]
            size += len(part)
            if size <= _LONGEST_ENTRY or not taken:
                taken.append(part)
            if end is None:
                break
            text = "\n".join(taken)
            yield start, text if size <= _LONGEST_ENTRY else text + " " * _LONGEST_ENTRY, True
            taken, start, depth, size = [], number, 0, 0
            following = _ENTRY.search(line, end)
            if following is None:
                break
            line = line[following.start() :]
    if taken:
        yield start, "\n".join(taken), False


def _closing(line: str, depth: int) -> tuple[int | None, int]:
    """Where in a line the entry's last brace stands (after it), and the depth at the line's end."""
    for match in re.finditer(r"\\.|[{}()]", line):
        sign = match[0]
        if sign in "{(" and (sign == "{" or depth == 0):
            depth += 1
        elif sign == "}" or (sign == ")" and depth == 1 and line[match.end() :].strip() == ""):
            depth -= 1
            if depth <= 0:
                return match.end(), 0
    return None, depth


def _parsed(strings: str, text: str) -> dict[str, str] | None:
    """The fields of one entry by lower-case name; None when it cannot be read."""
    import bibtexparser
    from bibtexparser.bparser import BibTexParser

    parser = BibTexParser(common_strings=True, ignore_nonstandard_types=False)
    try:
        entries = bibtexparser.loads(strings + text, parser=parser).entries
    except Exception:  # whatever the parser stumbles over is the entry's fault
        return None
    return {str(name).lower(): str(value) for name, value in entries[0].items()} if len(entries) == 1 else None


def _key(text: str) -> str:
    match = re.match(r"\s*@\s*\w+\s*[{(]\s*(?P<key>[^\s,{}()=\"]{1,80})", text)
    return repr(match["key"]) if match else "without a key"


def _read_ris(stream: ByteStream, path: str) -> Iterator[Found]:
    taken: list[str] = []
    start, size = 0, 0
    for number, data in numbered_lines(stream):
        line = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff").rstrip()
        tag = match["tag"] if (match := _TAG.match(line)) else None
        if tag == "TY":
            if taken:
                yield Found(line=start, why="the record does not end (no ER line)")
            taken, start, size = [], number, 0
        if tag == "TY" or taken:
            size += len(line)
            if size <= _LONGEST_ENTRY:
                taken.append(line)
        if tag == "ER" and taken:
            yield _found_ris(start, taken, size, path)
            taken = []
    if taken:
        yield Found(line=start, why="the file ends inside this record (no ER line)")


def _found_ris(line: int, lines: list[str], size: int, path: str) -> Found:
    why = wrong_byte("".join(lines))
    if size > _LONGEST_ENTRY:
        why = f"the record has more than {_LONGEST_ENTRY >> 20} MB"
    record = _parsed_ris(lines) if why is None else None
    if record is None:
        return Found(line=line, why=why or "the record is no valid RIS")
    raw = pick(record, _RIS)
    raw["published"] = [
        re.sub(
            r"^(\d{4})/(\d{1,2})(?:/(\d{1,2}))?.*$", lambda m: "-".join(part for part in m.groups() if part), str(value)
        ).strip("/ ")
        for name in _RIS["published"]
        if (value := record.get(name))
    ]
    # Of several addresses any may be that of the paper on arXiv or of its DOI.
    addresses = [text for text in record.get("urls") or () if isinstance(text, str)]
    for name, read in (("arxiv_id", arxiv_id), ("doi", doi)):
        if not raw.get(name) and (said := next((text for text in addresses if read(text)), None)):
            raw[name] = said
    return found(line, lambda warnings: make_paper(raw, path=path, warnings=warnings))


def _parsed_ris(lines: list[str]) -> Mapping[str, Any] | None:
    import rispy

    # One space after the tag is common; a text broken over lines goes on without a tag.
    whole: list[str] = []
    for line in lines:
        if match := _TAG.match(line):
            whole.append(f"{match['tag']}  - {match['value'] or ''}")
        elif whole and line.strip():
            whole[-1] += f" {line.strip()}"
    if not whole or not whole[-1].startswith("ER"):
        whole.append("ER  - ")
    try:
        records = rispy.loads("\n".join(whole) + "\n")
    except Exception:  # whatever the parser stumbles over is the record's fault
        return None
    return records[0] if len(records) == 1 else None
