"""Reads papers from Hugging Face: the Daily Papers of some days, a week or a month, or a search.

    hf:daily?days=7                         the last 7 days (of the calendar in UTC, today too), newest first
    hf:daily?date=2026-11-18                one day
    hf:daily?week=2026-W47   ?month=2026-11
    hf:search?q=optimizer memory&limit=50   what Hugging Face finds, at most 120

These are the replies behind `HfApi.list_daily_papers` and `HfApi.list_papers`, from huggingface_hub's own address
(HF_ENDPOINT) and over its session. The two methods themselves are not called: they wait for a reply for ever, end at the
first record that is not as they expect, take 0 upvotes for unknown, prefer the outer record's text to the abstract, leave
out code link and organisation where they stand in the inner record, and tell the service about the programs around them.

The abstract is the inner record's `summary`, never the `ai_summary`. A day is one request, and one more for each full page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ingest.sources.fields import Rejected, make_paper
from ingest.sources.gathering import wanted
from ingest.sources.http_get import Getter, HttpProblem, Reply, shown
from ingest.sources.reading import Portion, ReadOptions
from rag.errors import SourceError
from rag.identity import arxiv_id
from rag.schema import Paper

FORMS = (
    "hf:daily?days=7, hf:daily?date=2026-11-18, hf:daily?week=2026-W47, hf:daily?month=2026-11 or "
    "hf:search?q=WORDS&limit=50"
)
DEFAULT_DAYS, MOST_DAYS = 7, 366
DEFAULT_FOUND, MOST_FOUND = 50, 120
# Asked for in one request. A page is taken for full at the service's own default already: it may give no more.
_PAGE, _FULL_PAGE, _MOST_PAGES = 100, 50, 40
_WEEK = re.compile(r"\d{4}-W(0[1-9]|[1-4]\d|5[0-3])")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """One list to ask for: the path, its parameters, and what it is called in messages."""

    name: str
    path: str
    params: Mapping[str, str]
    paged: bool = True


def read_hf(
    spec: str, *, options: ReadOptions | None = None, today: date | None = None, getter: Getter | None = None
) -> Iterator[Portion]:
    """A portion for each day (week, month, search).

    Raises SourceError when the spec is of no known form, and when nothing could be read at all. Trouble after the first
    day is an error of the last portion: what was read stands. `today` and `getter` are for tests.
    """
    requests = _requests(spec, today or datetime.now(UTC).date())
    options = options or ReadOptions()
    if options.categories:
        raise SourceError("Hugging Face knows no arXiv categories; leave --category out", path=spec)
    if getter is None:
        from ingest.sources.http_open import hub_open

        getter = Getter(hub_open)
    return _read(spec, requests, options, getter)


def check_hf(spec: str) -> None:
    """Raises SourceError when the spec is of no known form; asks nobody."""
    _requests(spec, datetime.now(UTC).date())


def _read(spec: str, requests: list[_Request], options: ReadOptions, getter: Getter) -> Iterator[Portion]:
    from huggingface_hub import HfApi

    endpoint = str(HfApi().endpoint).rstrip("/")
    n_read = n_done = 0
    for request in requests:
        try:
            for records in _pages(getter, endpoint, request):
                portion = _portion(spec, request.name, records, options, n_read)
                n_read += len(portion.papers)
                n_done += 1
                yield portion
        except HttpProblem as problem:
            if not n_done:
                raise SourceError(f"{problem}; the library stays as it was", path=spec) from problem
            why = f"{request.name}: {problem}; what was read before stays, run the same command again to go on"
            yield Portion(path=spec, errors=(SourceError(why, path=spec, n_read=n_read),))
            return


def _pages(getter: Getter, endpoint: str, request: _Request) -> Iterator[list[Any]]:
    """The records of a list, page by page; a page that brings nothing new ends it."""
    seen: set[str] = set()
    full = _FULL_PAGE
    for page in range(_MOST_PAGES):
        params = {**request.params, "limit": str(_PAGE), "p": str(page)} if request.paged else request.params
        url = f"{endpoint}{request.path}?{urlencode({k: v for k, v in params.items() if (k, v) != ('p', '0')})}"
        records = getter.get(url, accept="application/json", read=_records)
        fresh = []
        for record in records:
            if (key := json.dumps(_id_of(record))) not in seen:
                seen.add(key)
                fresh.append(record)
        if fresh or not page:
            yield fresh
        if not request.paged or len(records) < full or not fresh:
            return
        full = len(records)


def _records(reply: Reply) -> list[Any]:
    try:
        records = json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise HttpProblem(f"{reply.host} sent something that is not JSON", again=True) from error
    if not isinstance(records, list):
        raise HttpProblem(f"{reply.host} sent JSON that is no list of papers")
    return records


def _portion(spec: str, name: str, records: list[Any], options: ReadOptions, n_before: int) -> Portion:
    papers: list[Paper] = []
    errors: list[SourceError] = []
    warnings: list[str] = []
    n_skipped = 0
    source = "hf:" + spec.removeprefix("hf:").partition("?")[0]
    for number, record in enumerate(records, 1):
        try:
            paper = make_paper(_raw(record), path=source, warnings=warnings)
        except Rejected as why:
            where = f"{name}, record {number}{_called(record)}"
            errors.append(SourceError(f"{where}: {why}", path=spec, n_read=n_before + len(papers)))
            continue
        if wanted(paper, (), options):
            papers.append(paper)
        else:
            n_skipped += 1
    placed = tuple(f"{spec}: {warning}" for warning in warnings)
    return Portion(path=spec, papers=tuple(papers), n_skipped=n_skipped, warnings=placed, errors=tuple(errors))


def _raw(record: object) -> dict[str, Any]:
    """The values of a record under the names of a paper's fields; of a field that is spoilt `make_paper` leaves out the value."""
    if not isinstance(record, dict):
        raise Rejected(f"expected an object, found {type(record).__name__}")
    inner = record.get("paper", record)
    if not isinstance(inner, dict):
        raise Rejected(f"paper must be an object, found {type(inner).__name__}")
    said = {**record, **{name: value for name, value in inner.items() if value is not None}}
    for name in ("title", "summary"):
        if not isinstance(said.get(name) or "", str):
            raise Rejected(f"{name} must be text, found {type(said[name]).__name__}")
    authors = said.get("authors")
    if isinstance(authors, list):
        authors = [one for one in authors if not (isinstance(one, dict) and one.get("hidden"))]
    number = said.get("id")
    return {
        "title": said.get("title"),
        "abstract": said.get("summary"),
        "published": said.get("publishedAt"),
        "authors": authors,
        "organisation": said.get("organization"),
        "n_comments": said.get("numComments"),
        "n_upvotes": said.get("upvotes"),
        "arxiv_id": arxiv_id(number) if isinstance(number, str) else number,
        "code_url": said.get("githubRepo"),
    }


def _id_of(record: object) -> object:
    """What tells records of a list apart: the id, else the whole."""
    inner = record.get("paper", record) if isinstance(record, dict) else record
    return inner.get("id") or record if isinstance(inner, dict) else record


def _called(record: object) -> str:
    found = _id_of(record)
    return f" ({shown(found, 40)})" if isinstance(found, str) and found.strip() else ""


def _requests(spec: str, today: date) -> list[_Request]:
    kind, _, query = spec.removeprefix("hf:").partition("?")
    # A plus sign is a plus sign ("SmoothQuant+"): people write specs, not browsers.
    pairs = parse_qsl(query.replace("+", "%2B"), keep_blank_values=True, max_num_fields=20) if query else []
    said = {name: value.strip() for name, value in pairs}
    if kind == "daily" and len(pairs) <= 1 and said.keys() <= {"days", "date", "week", "month"}:
        return _daily(spec, said, today)
    if kind == "search" and len(pairs) == len(said) and said.keys() <= {"q", "limit"} and said.get("q"):
        limit = _number(spec, "limit", said.get("limit", str(DEFAULT_FOUND)), MOST_FOUND)
        params = {"q": said["q"], "limit": str(limit)}
        return [_Request(name=f"search {said['q']!r}", path="/api/papers/search", params=params, paged=False)]
    raise SourceError(f"this form is not known; write {FORMS}", path=spec)


def _daily(spec: str, said: Mapping[str, str], today: date) -> list[_Request]:
    def one(name: str, value: str) -> _Request:
        return _Request(name=value, path="/api/daily_papers", params={name: value})

    if "date" in said:
        try:
            return [one("date", date.fromisoformat(said["date"]).isoformat())]
        except ValueError:
            raise SourceError(f"{said['date']!r} is not a day; write {FORMS}", path=spec) from None
    for name, form in (("week", _WEEK), ("month", _MONTH)):
        if name in said:
            if not form.fullmatch(said[name]):
                raise SourceError(f"{said[name]!r} is not a {name}; write {FORMS}", path=spec)
            return [one(name, said[name])]
    days = _number(spec, "days", said.get("days", str(DEFAULT_DAYS)), MOST_DAYS)
    return [one("date", (today - timedelta(days=back)).isoformat()) for back in range(days)]


def _number(spec: str, name: str, said: str, most: int) -> int:
    if not re.fullmatch(r"\d{1,6}", said, re.ASCII) or not 1 <= int(said) <= most:
        raise SourceError(f"{name} is {said!r}, which is not a number from 1 to {most}; write {FORMS}", path=spec)
    return int(said)
