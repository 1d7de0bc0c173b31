"""Reads papers from JSON Lines: one object a line, with at least a title and an abstract.

Fields are those of `rag.Paper` (`title`, `abstract`, `published` as YYYY-MM-DD, `n_authors`, `organisation`, …);
`paper_id` may be left out, then it comes from the arXiv id, the DOI or the title. A line that cannot be read is
rejected by its number, the others are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date
from typing import Any

from ingest.sources.reading import Portion
from ingest.titles import title_id
from rag.errors import SourceError
from rag.schema import Paper

PORTION = 1_000
_KNOWN = {field.name for field in fields(Paper)}
_TEXTS = ("paper_id", "organisation", "organisation_slug", "arxiv_id", "doi", "url", "code_url")
_COUNTS = ("n_authors", "n_comments", "n_upvotes")
_LISTS = ("authors", "aliases", "seen_on")


def looks_like_records(text: str) -> bool:
    """Whether the first line with text is a JSON object."""
    first = next((line for line in text.split("\n", 100) if line.strip()), "")
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        return first.lstrip().startswith("{") and '"title"' in first


def read_records(lines: Iterable[str], *, path: str) -> Iterator[Portion]:
    """Papers of a JSON Lines file, in portions of up to `PORTION`; `path` goes into `Paper.seen_on` and messages."""
    papers: list[Paper] = []
    errors: list[SourceError] = []
    n_read = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            papers.append(_paper(line, path))
            n_read += 1
        except _Rejected as why:
            errors.append(SourceError(str(why), path=path, line=number, n_read=n_read))
        if len(papers) >= PORTION:
            yield Portion(path=path, papers=tuple(papers), errors=tuple(errors))
            papers, errors = [], []
    if papers or errors or not n_read:
        if not n_read and not errors:
            errors = [SourceError("the file is empty", path=path, line=1)]
        yield Portion(path=path, papers=tuple(papers), errors=tuple(errors))


class _Rejected(Exception):
    """Why a line was not taken."""


def _paper(line: str, path: str) -> Paper:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise _Rejected(f"not JSON ({error})") from None
    if not isinstance(record, dict):
        raise _Rejected(f"expected an object, found {type(record).__name__}")
    values: dict[str, Any] = {name: record[name] for name in _KNOWN if record.get(name) is not None}
    for name in ("title", "abstract"):
        if not isinstance(values.get(name), str) or not values[name].strip():
            raise _Rejected(f"no {name}")
        values[name] = values[name].strip()
    _check_types(values)
    if "published" in values:
        values["published"] = _day(values["published"])
    for name in _LISTS:
        values[name] = tuple(values.get(name, ()))
    values["seen_on"] = tuple(sorted({*values["seen_on"], path}))
    values.setdefault("paper_id", values.get("arxiv_id") or values.get("doi") or title_id(values["title"]))
    return Paper(**values)


def _check_types(values: dict[str, Any]) -> None:
    for name in _TEXTS:
        if name in values and not isinstance(values[name], str):
            raise _Rejected(f"{name} must be text, found {values[name]!r}")
    for name in _COUNTS:
        if name in values and (not isinstance(values[name], int) or isinstance(values[name], bool) or values[name] < 0):
            raise _Rejected(f"{name} must be a whole number of at least 0, found {values[name]!r}")
    for name in _LISTS:
        value = values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise _Rejected(f"{name} must be a list of texts, found {value!r}")
    if not isinstance(values.get("published_inferred", False), bool):
        raise _Rejected(f"published_inferred must be true or false, found {values['published_inferred']!r}")


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise _Rejected(f"published must be a date such as 2024-05-24, found {value!r}") from None
