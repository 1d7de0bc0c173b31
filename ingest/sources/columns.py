"""Which column of a table, or key of a JSON object, holds which field of a paper.

The usual names are known, whatever their case and punctuation ("Abstract Note", "paper_title"); a mapping by the user wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ingest.sources.cells import opened
from rag.errors import SourceError

# In order: the first column that is there and not empty holds the field. Of `published` all are tried.
_USUAL: dict[str, tuple[str, ...]] = {
    "paper_id": ("paper_id",),
    "title": ("title", "papertitle", "articletitle", "documenttitle", "primarytitle"),
    "abstract": ("abstract", "abstractnote", "summary", "paperabstract", "abstracttext", "notesabstract", "description"),
    "published": (
        "published", "publishedat", "publisheddate", "publicationdate", "datepublished", "publishedonline", "publishedprint",
        "issued", "date", "pdate", "submitted", "submitteddate", "submittedat", "publicationyear", "pubyear", "year", "created",
        "cdate", "updatedate", "updated",
    ),
    "authors": ("authors", "author", "authornames", "authorlist", "authorsparsed", "creators", "creator", "authorships"),
    "n_authors": ("nauthors", "numauthors", "authorcount"),
    "organisation": ("organisation", "organization", "affiliation", "affiliations", "institution", "company"),
    "organisation_slug": ("organisationslug", "organizationslug"),
    "n_comments": ("ncomments", "numcomments", "commentcount", "comments"),
    "n_upvotes": ("nupvotes", "upvotes", "numupvotes", "upvotecount"),
    "arxiv_id": ("arxivid", "arxiv", "eprint"),
    "doi": ("doi",),
    "url": ("url", "link", "urlabs", "absurl", "paperurl", "arxivurl", "entryid", "urls", "urlpdf"),
    "code_url": ("codeurl", "githubrepo", "github", "githuburl", "code", "repository"),
    "published_inferred": ("published_inferred",),
    "aliases": ("aliases",),
    "seen_on": ("seen_on",),
    "id": ("id", "externalid", "identifier", "archiveid"),
    "categories": ("categories", "category", "arxivcategories", "primarycategory", "subjects"),
}  # fmt: skip
FIELDS = tuple(name for name in _USUAL if name not in ("id", "published_inferred", "seen_on"))
_CHOICES = {choice: (field, rank) for field, choices in _USUAL.items() for rank, choice in enumerate(choices)}


def check_mapping(mapping: Iterable[tuple[str, str]]) -> None:
    """Raises SourceError where a mapping names what is no field of a paper."""
    for field, _ in mapping:
        if field not in FIELDS:
            raise SourceError(f"a paper has no field {field!r}; the fields are {', '.join(FIELDS)}", path="--map")


def fields_of(columns: Iterable[str], mapping: Sequence[tuple[str, str]] = ()) -> dict[str, list[str]]:
    """For each field the columns that may hold it, the best first."""
    ranked: dict[str, list[tuple[int, str]]] = {}
    for column in columns:
        known = _CHOICES.get(column) or _CHOICES.get(re.sub(r"[\W_]+", "", column.casefold()))
        if known:
            ranked.setdefault(known[0], []).append((known[1], column))
    found = {field: [column for _, column in sorted(some, key=lambda item: item[0])] for field, some in ranked.items()}
    return found | {field: [column] for field, column in mapping}


def unknown_columns(columns: Sequence[str], mapping: Iterable[tuple[str, str]]) -> str | None:
    """What to say where a mapping names columns that are not there; None when all are."""
    there = set(columns)
    missing = [column for _, column in mapping if column not in there and column.partition(".")[0] not in there]
    if not missing:
        return None
    names = ", ".join(repr(column) for column in columns[:40]) + (", …" if len(columns) > 40 else "")
    return f"--map names the column {missing[0]!r}, which is not there; the columns are {names or 'none'}"


def is_paper(columns: Iterable[str], mapping: Sequence[tuple[str, str]] = ()) -> bool:
    """Whether there are columns for a title and an abstract (or a paper inside, as the Daily Papers API has it)."""
    names = list(columns)
    found = fields_of(names, mapping)
    return ("title" in found and "abstract" in found) or "paper" in names


def pick(record: Mapping[str, Any], fields: Mapping[str, list[str]]) -> dict[str, Any]:
    """Raw values by field. `published` gets every value that is there."""
    raw: dict[str, Any] = {}
    for field, columns in fields.items():
        values = [value for column in columns if (value := _value(record, column)) is not None and value != ""]
        if values:
            raw[field] = values if field == "published" and len(values) > 1 else values[0]
    return raw


def categories_of(value: object) -> tuple[str, ...]:
    """arXiv categories, written as one text or as a list.

    >>> categories_of("cs.CL stat.ML"), categories_of(["cs.CL"])
    (('cs.CL', 'stat.ML'), ('cs.CL',))
    """
    value = opened(value)
    if isinstance(value, str):
        return tuple(part for part in re.split(r"[\s,;|]+", value[:2_000]) if part)
    if isinstance(value, (list, tuple)):
        return tuple(part for item in value[:50] if isinstance(item, str) for part in categories_of(item))
    return ()


def _value(record: Mapping[str, Any], column: str) -> Any:
    if column in record:
        return record[column]
    # "paper.summary" reaches into an object.
    value: Any = record
    for key in column.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
