"""From what a source says of a paper to a `Paper`: days, people, counts, identifiers and addresses, read as people write them.

`make_paper` takes raw values by the name of the field. A record without a title or an abstract is rejected with the reason;
of any other field a value that makes no sense is left out with a warning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from ingest.sources.cells import opened
from ingest.sources.cleaning import LONGEST_ABSTRACT, LONGEST_TITLE, clean_title, plain_text, plain_title
from ingest.sources.dates import best_day, read_day
from ingest.sources.dates import within as within
from ingest.sources.people import MOST_AUTHORS, read_authors
from rag.identity import arxiv_id, best_id, doi
from rag.schema import Paper

# A raw text this many times as long as it may be is not even cleaned.
_RAW = 4
_LONGEST_NAME = 300
_LONGEST_URL = 2_000
_MOST = 1_000_000_000
_NO_ABSTRACT = frozenset({"n/a", "na", "nan", "none", "null", "-", "no abstract", "no abstract available", "abstract"})
# A heading that stands alone before the text.
_FIRST_LINE = re.compile(r"(?:abstract|summary)[.:]?\n\n(?=\S)", re.IGNORECASE)
_NO_COUNT = frozenset({"", "-", "n/a", "na", "nan", "none", "null", "nat", "<na>"})
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class Rejected(Exception):
    """Why a record was not taken."""


class NoPaper(Rejected):
    """A record that has neither title nor abstract: perhaps it is none of a paper."""


def make_paper(raw: Mapping[str, Any], *, path: str, warnings: list[str], strict: bool = False) -> Paper:
    """The paper that raw values by field name describe, seen on `path`; what was left out goes into `warnings`.

    `strict` is for records in the project's own fields: a wrong type there is a mistake to be told. One that brings its
    `paper_id`, too, was exported from a library: what it lacks is not worked out, and where it was seen is what it says, not
    the export. Raises Rejected.
    """
    title, abstract = clean_words(title=raw.get("title"), abstract=raw.get("abstract"))
    if strict:
        _check_types(raw)
    else:
        abstract = abstract[heading.end() :] if (heading := _FIRST_LINE.match(abstract)) else abstract
    published, inferred = _published(raw.get("published"), title, warnings, strict=strict)
    name = _line(raw.get("paper_id"))
    exported = strict and name is not None
    authors, others = read_authors(raw.get("authors"))
    if exported and isinstance(raw.get("authors"), (list, tuple)):
        authors = tuple(author for item in raw["authors"][:MOST_AUTHORS] if (author := _line(item)))
    arxiv, number = _identifiers(raw, title, warnings, guess=not exported)
    organisation, slug = _organisation(raw.get("organisation"), raw.get("organisation_slug"))
    for what, had, has in (
        ("authors", raw.get("authors"), authors),
        ("organisation", raw.get("organisation"), organisation),
    ):
        if not has and _is_something(had) and opened(had) != [] and not (what == "authors" and others):
            warnings.append(f"{what}: nothing to read in {_shown(had)} of “{_short(title)}”")
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
    words = _words(title, "title", plain_title, LONGEST_TITLE)
    return words, _words(abstract, "abstract", plain_text, LONGEST_ABSTRACT)


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
    """The first of several values, or one that tells the same month or year to the day."""
    days: list[tuple[date, bool]] = []
    wrong: list[str] = []
    for item in value if isinstance(value, (list, tuple)) else (value,):
        if item is None or item == "":
            continue
        try:
            found = read_day(item)
        except (ValueError, OverflowError):
            wrong.append(f"the date {_shown(item)} is left out; “{_short(title)}” stays undated")
            continue
        if found is not None:
            days.append(found)
        elif strict:
            raise Rejected(f"published must be a date such as 2024-05-24, found {_shown(item)}")
        elif not isinstance(item, str) or item.strip().casefold() not in _NO_COUNT:
            wrong.append(f"no date in {_shown(item)}; “{_short(title)}” stays undated")
    warnings += wrong if not days else [what.replace("; “", " of “").replace("” stays undated", "”") for what in wrong]
    return best_day(days)


def _identifiers(
    raw: Mapping[str, Any], title: str, warnings: list[str], *, guess: bool
) -> tuple[str | None, str | None]:
    said, said_doi = _line(_as_id(raw.get("arxiv_id"))), _line(_as_id(raw.get("doi")))
    arxiv, number = arxiv_id(said), doi(said_doi)
    if (said or _is_something(raw.get("arxiv_id"))) and arxiv is None:
        warnings.append(f"{_shown(said or raw['arxiv_id'])} is no arXiv id and is left out of “{_short(title)}”")
    if (said_doi or _is_something(raw.get("doi"))) and number is None and arxiv_id(said_doi) is None:
        warnings.append(f"{_shown(said_doi or raw['doi'])} is no DOI and is left out of “{_short(title)}”")
    if not guess:
        return arxiv, number
    hints = (said_doi, _line(_as_id(raw.get("id"))), _line(raw.get("url"), _LONGEST_URL))
    arxiv = arxiv or next((found for hint in hints if (found := arxiv_id(hint))), None)
    return arxiv, number or next((found for hint in hints[1:] if (found := doi(hint))), None)


def _as_id(value: object) -> object:
    """An id that a program took for a number and so cut its zeros: since 2015 arXiv's have five digits after the point."""
    if isinstance(value, float) and 704 <= value < 10_000 and not value.is_integer():
        return f"{value:.5f}".rjust(10, "0") if value >= 1501 else f"{value:.4f}".rjust(9, "0")
    if isinstance(value, list) and value and isinstance(value[0], str):
        return value[0]
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _is_something(value: object) -> bool:
    """Whether a value says something that is no text."""
    return value is not None and value == value and not isinstance(value, str) and value not in ([], {}, ())


def _organisation(value: object, slug: object) -> tuple[str | None, str | None]:
    value = opened(value)
    if isinstance(value, Mapping):
        slug = slug or value.get("name")
        value = value.get("fullname") or value.get("display_name") or value.get("name")
    elif isinstance(value, list):
        first = value[0] if value else None
        value = first.get("name") or first.get("display_name") if isinstance(first, Mapping) else first
    return _line(value), _line(slug)


def _count(value: object, what: str, title: str, warnings: list[str]) -> int | None:
    """A whole number, however it is written: 3, 3.0, "3.0", "1,204"."""
    said = value
    if isinstance(value, str):
        text = value.strip().replace(",", "")
        # "37 pages, 15 figures" is what arXiv calls comments.
        if text.casefold() in _NO_COUNT or (what == "n_comments" and re.search(r"[^\W\d_]{2}", text)):
            return None
        value = float(text) if re.fullmatch(r"-?\d{1,12}(?:\.\d{1,6})?", text, re.ASCII) else said
    elif isinstance(value, Mapping):
        value = next((value[name] for name in ("$numberInt", "$numberLong") if name in value), said)
        value = int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,12}", value, re.ASCII) else value
    if isinstance(value, float) and value == value and abs(value) <= _MOST and value == int(value):
        value = int(value)
    # Comments themselves are not their number.
    is_words = (
        what == "n_comments" and isinstance(value, list) and all(isinstance(one, (str, Mapping)) for one in value)
    )
    if value is None or value != value or is_words:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST:
        warnings.append(f"{what} {_shown(said)} is left out of “{_short(title)}”")
        return None
    return value


def _texts(value: object) -> tuple[str, ...]:
    value = opened(value)
    if isinstance(value, str):
        value = re.split(r"[;|]", value)
    return tuple(text for item in value if (text := _line(item))) if isinstance(value, (list, tuple)) else ()


def _seen_on(value: object, path: str, *, exported: bool) -> tuple[str, ...]:
    """The sources that a record names; the file it stands in where it names none (or is no record of a library)."""
    items = value if isinstance(value, (list, tuple)) else ()
    seen = {text for item in items if (text := _line(item, _LONGEST_URL))}
    return tuple(sorted(seen if seen or (exported and value is not None) else {path}))


def _address(value: object, what: str, title: str, warnings: list[str]) -> str | None:
    value = opened(value)
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str)), None)
    text = _line(value, _LONGEST_URL)
    if text is None:
        if _is_something(value):
            warnings.append(f"{what} {_shown(value)} is no web address and is left out of “{_short(title)}”")
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


def _shown(value: object) -> str:
    """A value in a message: short, and with nothing that a terminal would obey."""
    text = clean_title(str(value)[:200]) if isinstance(value, str) else str(value)[:200]
    return repr(_short(text)) if isinstance(value, str) else _short(text)


def _short(title: str, width: int = 60) -> str:
    return title if len(title) <= width else title[: width - 1].rstrip() + "…"
