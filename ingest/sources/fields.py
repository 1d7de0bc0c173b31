"""From what a source says of a paper to a `Paper`: days, people, counts, identifiers and addresses, read as people write them.

`make_paper` takes raw values by the name of the field. A record without a title or an abstract is rejected with the reason;
of any other field a value that makes no sense is left out with a warning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ingest.sources.cleaning import LONGEST_ABSTRACT, LONGEST_TITLE, clean_text, clean_title
from ingest.sources.people import MOST_AUTHORS, read_authors
from rag.identity import arxiv_id, best_id, doi
from rag.schema import Paper

# A raw text this many times as long as it may be is not even cleaned.
_RAW = 4
_LONGEST_NAME = 300
_LONGEST_URL = 2_000
_MOST = 1_000_000_000
_FIRST_YEAR = 1500
_NO_ABSTRACT = frozenset({"n/a", "na", "nan", "none", "null", "-", "no abstract", "no abstract available", "abstract"})
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}

_YEAR_FIRST = re.compile(
    r"(?P<y>\d{4})(?:[-/.](?P<m>\d{1,2})(?:[-/.](?P<d>\d{1,2}))?)?(?:[T\s/].*)?", re.ASCII | re.DOTALL
)
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[T\s].*)?", re.ASCII | re.DOTALL)
_NUMBERS = re.compile(
    r"(?P<a>\d{1,2})(?P<sep>[-/.])\s?(?P<b>\d{1,2})[-/.]\s?(?P<y>\d{4})(?:[T\s].*)?", re.ASCII | re.DOTALL
)
_WORDS = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)??(?:(?P<d1>\d{1,2})(?:st|nd|rd|th)?\.?[\s-]+)?(?P<m>[A-Za-z]{3,9})\.?"
    r"(?:[\s-]+(?P<d2>\d{1,2})(?:st|nd|rd|th)?(?=[\s,]))?,?[\s-]+(?P<y>\d{4})(?:\s.*)?",
    re.ASCII | re.DOTALL,
)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class Rejected(Exception):
    """Why a record was not taken."""


def make_paper(raw: Mapping[str, Any], *, path: str, warnings: list[str], strict: bool = False) -> Paper:
    """The paper that raw values by field name describe, seen on `path`; what was left out goes into `warnings`.

    `strict` is for records in the project's own fields: a wrong type there is a mistake to be told. One that brings its
    `paper_id`, too, was exported from a library: what it lacks is not worked out, and where it was seen is what it says, not
    the export. Raises Rejected.
    """
    title, abstract = clean_words(title=raw.get("title"), abstract=raw.get("abstract"))
    if strict:
        _check_types(raw)
    published, inferred = _published(raw.get("published"), title, warnings, strict=strict)
    name = _line(raw.get("paper_id"))
    exported = strict and name is not None
    authors, others = read_authors(raw.get("authors"))
    if exported and isinstance(raw.get("authors"), (list, tuple)):
        authors = tuple(author for item in raw["authors"][:MOST_AUTHORS] if (author := _line(item)))
    arxiv, number = _identifiers(raw, title, warnings, guess=not exported)
    organisation, slug = _organisation(raw.get("organisation"), raw.get("organisation_slug"))
    n_authors = _count(raw.get("n_authors"), "n_authors", title, warnings)
    if n_authors is None and authors and not others and not exported:
        n_authors = len(authors)
    return Paper(
        paper_id=name or best_id(title, arxiv=arxiv, doi_=number),
        title=title,
        abstract=abstract,
        published=published,
        published_inferred=published is not None and (inferred or raw.get("published_inferred") is True),
        authors=authors,
        n_authors=n_authors,
        organisation=organisation,
        organisation_slug=slug,
        n_comments=_count(raw.get("n_comments"), "n_comments", title, warnings),
        n_upvotes=_count(raw.get("n_upvotes"), "n_upvotes", title, warnings),
        arxiv_id=arxiv,
        doi=number,
        url=_address(raw.get("url"), "url", title, warnings),
        code_url=_address(raw.get("code_url"), "code_url", title, warnings),
        aliases=_texts(raw.get("aliases")),
        seen_on=_seen_on(raw.get("seen_on"), path, exported=exported),
    )


def clean_words(*, title: object, abstract: object) -> tuple[str, str]:
    """Title and abstract as they are stored. Raises Rejected where one is missing, no text or endless."""
    words = _words(title, "title", clean_title, LONGEST_TITLE)
    return words, _words(abstract, "abstract", clean_text, LONGEST_ABSTRACT)


def read_day(value: object) -> tuple[date, bool] | None:
    """A day as sources write it, and whether the day (or month) had to be filled in; None when there is none.

    Raises ValueError for a day that does not exist or lies outside of 1500 and two years from now.

    >>> read_day("2024-05-24T10:00:00Z"), read_day("May 2024"), read_day("soon")
    ((datetime.date(2024, 5, 24), False), (datetime.date(2024, 5, 1), True), None)
    """
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return within(value), False
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        # A year, a day without separators, or seconds or milliseconds since 1970.
        if value >= 100_000_000:
            seconds = value // 1000 if value >= 100_000_000_000 else value
            return within(date(1970, 1, 1) + timedelta(days=min(seconds // 86_400, 2_900_000))), False
        value = f"{value:04}" if value >= 0 else ""
    if not isinstance(value, str) or len(value) > 100:
        return None
    text = value.strip()
    if match := _COMPACT.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
        return _day(int(match["y"]), int(match["m"] or 0), int(match["d"] or 0))
    if match := _NUMBERS.fullmatch(text):
        a, b = int(match["a"]), int(match["b"])
        if match["sep"] == "." or a > 12:
            return _day(int(match["y"]), b, a)
        # 05/24/2024 can be read in one way only, 05/04/2024 in two: then the year is all that is sure.
        return _day(int(match["y"]), a, b) if b > 12 else _day(int(match["y"]), a if a == b else 0, b if a == b else 0)
    match = _WORDS.fullmatch(text)
    month = _MONTHS.get(match["m"][:3].lower()) if match else None
    return _day(int(match["y"]), month, int(match["d1"] or match["d2"] or 0)) if match and month else None


def _words(value: object, what: str, clean: Any, longest: int) -> str:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is not None and not isinstance(value, str):
        raise Rejected(f"{what} must be text, found {_shown(value)}")
    text = value or ""
    if len(text) > longest * _RAW:
        raise Rejected(f"the {what} has {len(text):,} characters; at most {longest:,} are taken")
    text = clean(text)
    if not text or (what == "abstract" and text.casefold().rstrip(".") in _NO_ABSTRACT):
        raise Rejected(f"no {what}")
    if len(text) > longest:
        raise Rejected(f"the {what} has {len(text):,} characters; at most {longest:,} are taken")
    return str(text)


def _published(value: object, title: str, warnings: list[str], *, strict: bool) -> tuple[date | None, bool]:
    """Of several values the first that is a whole day, else the first that is a month or a year."""
    partial: date | None = None
    for item in value if isinstance(value, (list, tuple)) else (value,):
        if item is None or item == "":
            continue
        try:
            found = read_day(item)
        except (ValueError, OverflowError):
            warnings.append(f"the date {_shown(item)} is left out; “{_short(title)}” stays undated")
            continue
        if found is None:
            if strict:
                raise Rejected(f"published must be a date such as 2024-05-24, found {_shown(item)}")
            warnings.append(f"no date in {_shown(item)}; “{_short(title)}” stays undated")
        elif not found[1]:
            return found[0], False
        else:
            partial = partial or found[0]
    return partial, partial is not None


def _identifiers(
    raw: Mapping[str, Any], title: str, warnings: list[str], *, guess: bool
) -> tuple[str | None, str | None]:
    said, said_doi = _line(raw.get("arxiv_id")), _line(raw.get("doi"))
    arxiv, number = arxiv_id(said), doi(said_doi)
    if said and arxiv is None:
        warnings.append(f"{_shown(said)} is no arXiv id and is left out of “{_short(title)}”")
    if said_doi and number is None and arxiv_id(said_doi) is None:
        warnings.append(f"{_shown(said_doi)} is no DOI and is left out of “{_short(title)}”")
    if not guess:
        return arxiv, number
    hints = (said_doi, _line(raw.get("id")), _line(raw.get("url"), _LONGEST_URL))
    arxiv = arxiv or next((found for hint in hints if (found := arxiv_id(hint))), None)
    return arxiv, number or next((found for hint in hints[1:] if (found := doi(hint))), None)


def _organisation(value: object, slug: object) -> tuple[str | None, str | None]:
    if isinstance(value, Mapping):
        slug = slug or value.get("name")
        value = value.get("fullname") or value.get("display_name") or value.get("name")
    elif isinstance(value, list):
        value = value[0] if value and isinstance(value[0], str) else None
    return _line(value), _line(slug)


def _count(value: object, what: str, title: str, warnings: list[str]) -> int | None:
    if isinstance(value, str):
        text = value.strip().replace(",", "")
        if not text.isdecimal() or len(text) > 10:
            return None  # "37 pages, 15 figures" is what arXiv calls comments
        value = int(text)
    if isinstance(value, float) and value == value and abs(value) <= _MOST and value == int(value):
        value = int(value)
    if value is None or isinstance(value, (bool, Mapping, list)):
        return None
    if not isinstance(value, int) or not 0 <= value <= _MOST:
        warnings.append(f"{what} {_shown(value)} is left out of “{_short(title)}”")
        return None
    return value


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = re.split(r"[;|]", value)
    return tuple(text for item in value if (text := _line(item))) if isinstance(value, (list, tuple)) else ()


def _seen_on(value: object, path: str, *, exported: bool) -> tuple[str, ...]:
    """The sources that a record names; the file it stands in where it names none (or is no record of a library)."""
    items = value if isinstance(value, (list, tuple)) else ()
    seen = {text for item in items if (text := _line(item, _LONGEST_URL))}
    return tuple(sorted(seen if seen or (exported and value is not None) else {path}))


def _address(value: object, what: str, title: str, warnings: list[str]) -> str | None:
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str)), None)
    text = _line(value, _LONGEST_URL)
    if text is None:
        return None
    if _UNSEEN.search(str(value).strip()):
        warnings.append(f"{what} {_shown(text)} holds control characters and is left out of “{_short(title)}”")
        return None
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
    except ValueError:
        good = False
    if not good and re.match(r"(?:www\.|github\.com/|arxiv\.org/)[^\s]+$", text):
        return f"https://{text}"
    if not good:
        warnings.append(f"{what} {_shown(text)} is no web address and is left out of “{_short(title)}”")
    return text if good else None


def _line(value: object, longest: int = _LONGEST_NAME) -> str | None:
    if not isinstance(value, str) or len(value) > longest * _RAW:
        return None
    text = clean_title(value)
    return text if 0 < len(text) <= longest else None


def _check_types(raw: Mapping[str, Any]) -> None:
    """Fields of the project's own format say what they are, or the record is a mistake."""
    for name in ("paper_id", "organisation_slug", "arxiv_id", "doi", "url", "code_url"):
        if not isinstance(raw.get(name, ""), (str, type(None))):
            raise Rejected(f"{name} must be text, found {_shown(raw[name])}")
    for name in ("n_authors", "n_comments", "n_upvotes"):
        value = raw.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST):
            raise Rejected(f"{name} must be a whole number from 0 to {_MOST:,}, found {_shown(value)}")
    for name in ("aliases", "seen_on"):
        value = raw.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise Rejected(f"{name} must be a list of texts, found {_shown(value)}")
    if not isinstance(raw.get("published_inferred") or False, bool):
        raise Rejected(f"published_inferred must be true or false, found {_shown(raw['published_inferred'])}")


def _day(year: int, month: int, day: int) -> tuple[date, bool]:
    return within(date(year, month or 1, (day if month else 0) or 1)), not (month and day)


def within(day: date) -> date:
    """The day, if a paper can be of it. Raises ValueError."""
    if not date(_FIRST_YEAR, 1, 1) <= day <= date.today() + timedelta(days=731):
        raise ValueError(day)
    return day


def _shown(value: object) -> str:
    """A value in a message: short, and with nothing that a terminal would obey."""
    text = clean_title(str(value)[:200]) if isinstance(value, str) else str(value)[:200]
    return repr(_short(text)) if isinstance(value, str) else _short(text)


def _short(title: str, width: int = 60) -> str:
    return title if len(title) <= width else title[: width - 1].rstrip() + "…"
