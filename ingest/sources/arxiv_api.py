"""Reads papers from the arXiv API, through the `arxiv` package.

    arxiv:cat:cs.CL AND abs:quantization             the newest 200 that match
    arxiv:au:hinton AND ti:distillation?max=50       as many as `max` says, at most 30,000
    arxiv:2403.03507,2312.00752                      papers by id, in any spelling; versions are folded

The package makes the addresses and reads the entries; the bytes come through `ingest.sources.http_get`, because the package
has no time-outs, waits the same three seconds after every failure, and sends a name of its own that arXiv often turns away.
arXiv's peculiarities are met there, too: an error comes as a list with one entry "Error", too many requests as a line of
plain text, both with status 200; and now and then a page is empty that should not be. A page is one request, three seconds
after the one before, as arXiv asks.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from ingest.sources.fields import Rejected, make_paper
from ingest.sources.gathering import wanted
from ingest.sources.http_get import Getter, HttpProblem, Reply, shown
from ingest.sources.reading import Portion, ReadOptions
from rag.errors import SourceError
from rag.identity import arxiv_id
from rag.schema import Paper

if TYPE_CHECKING:
    import arxiv

FORMS = "arxiv:cat:cs.CL AND abs:quantization (with ?max=500 for more than 200) or arxiv:2403.03507,2312.00752"
DEFAULT_FOUND, MOST_FOUND = 200, 30_000
PAGE = 100
_ATOM = "{http://www.w3.org/2005/Atom}"
_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
_SOURCE = "arxiv"
_FORBIDDEN = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:[0-8]|1[124-9]|2\d|3[01]|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));"
)
_IDS_ONLY = re.compile(r"[\w./:\-]+(,[\w./:\-]+)*,?", re.ASCII)


def read_arxiv(
    spec: str, *, options: ReadOptions | None = None, client: arxiv.Client | None = None, getter: Getter | None = None
) -> Iterator[Portion]:
    """A portion for each page of at most 100 papers, the newest first; by id, in batches of 100.

    Raises SourceError when the spec is of no known form, and when nothing could be read at all. Trouble after the first
    page is an error of the last portion. `client` says where arXiv is and how far apart requests must be; `getter` is for
    tests.
    """
    asked = _asked(spec)
    return _read(spec, asked, options or ReadOptions(), client, getter)


def check_arxiv(spec: str) -> None:
    """Raises SourceError when the spec is of no known form; asks nobody."""
    _asked(spec)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    query: str = ""
    ids: tuple[str, ...] = ()
    limit: int = DEFAULT_FOUND


def _read(
    spec: str, asked: _Asked, options: ReadOptions, client: arxiv.Client | None, getter: Getter | None
) -> Iterator[Portion]:
    import arxiv

    client = copy.copy(client or arxiv.Client())
    if getter is None:
        from ingest.sources.http_open import RequestsOpener

        getter = Getter(RequestsOpener(), pause_s=client.delay_seconds)
    session = _Session(getter)
    client.delay_seconds, client.num_retries = 0.0, 0  # the getter waits and tries again
    client._session = session  # the package's only seam for its requests
    pages = _by_id(client, session, asked) if asked.ids else _by_query(client, session, asked)
    n_read = 0
    begun = False
    try:
        for page in pages:
            portion = _portion(spec, page, options, n_read)
            n_read += len(portion.papers)
            begun = True
            yield portion
            if asked.query and page.results and options.since and page.results[-1].published.date() < options.since:
                return
    except HttpProblem as problem:
        if not begun:
            raise SourceError(f"{problem}; the library stays as it was", path=spec) from problem
        why = f"{problem}; what was read before stays, run the same command again to go on"
        yield Portion(path=spec, errors=(SourceError(why, path=spec, n_read=n_read),))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    results: list[arxiv.Result]
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def _by_query(client: arxiv.Client, session: _Session, asked: _Asked) -> Iterator[_Page]:
    import arxiv

    start = 0
    while start < asked.limit:
        size = min(PAGE, asked.limit - start)
        search = arxiv.Search(
            query=asked.query,
            max_results=start + size,
            sort_by=arxiv.SortCriterion.SubmittedDate,
            sort_order=arxiv.SortOrder.Descending,
        )
        results = _one_page(client, session, search, start, size)
        feed = session.feed
        start += size
        warnings: tuple[str, ...] = ()
        if start >= asked.limit < feed.total and asked.limit < MOST_FOUND:
            more = f"arxiv:{asked.query}?max={min(feed.total, MOST_FOUND)}"
            warnings = (
                f"arXiv has {feed.total:,} papers for this, the newest {asked.limit:,} were read; {more} reads more",
            )
        yield _Page(results=results, problems=feed.problems, warnings=warnings)
        if start >= feed.total:
            return


def _by_id(client: arxiv.Client, session: _Session, asked: _Asked) -> Iterator[_Page]:
    import arxiv

    for start in range(0, len(asked.ids), PAGE):
        batch = asked.ids[start : start + PAGE]
        search = arxiv.Search(id_list=list(batch), max_results=len(batch))
        results = _one_page(client, session, search, 0, len(batch))
        found = {arxiv_id(result.entry_id) for result in results} | session.feed.rejected
        missing = tuple(f"arXiv has no paper {number}" for number in batch if number not in found)
        yield _Page(results=results, problems=session.feed.problems + missing)


def _one_page(
    client: arxiv.Client, session: _Session, search: arxiv.Search, start: int, size: int
) -> list[arxiv.Result]:
    """The entries of one page. The package would ask for the next page by itself, from a wrong place where an entry was
    left out: no more is taken from it than the page holds.
    """
    client.page_size = size
    session.start = start
    results = client.results(search, start)
    first = next(results, None)
    return [] if first is None else [first, *islice(results, max(0, session.feed.n_entries - 1))]


def _portion(spec: str, page: _Page, options: ReadOptions, n_before: int) -> Portion:
    papers: list[Paper] = []
    problems = list(page.problems)
    warnings = list(page.warnings)
    n_skipped = 0
    for result in page.results:
        number = arxiv_id(result.entry_id)
        raw = {
            "title": result.title,
            "abstract": result.summary,
            "published": result.published.date(),
            "authors": [author.name for author in result.authors],
            "arxiv_id": number,
            "doi": result.doi,
        }
        try:
            paper = make_paper(raw, path=_SOURCE, warnings=warnings)
        except Rejected as why:
            problems.append(f"{number}: {why}")
            continue
        if wanted(paper, tuple(result.categories), options):
            papers.append(paper)
        else:
            n_skipped += 1
    return Portion(
        path=spec,
        papers=tuple(papers),
        n_skipped=n_skipped,
        warnings=tuple(f"{spec}: {warning}" for warning in warnings),
        errors=tuple(SourceError(why, path=spec, n_read=n_before + len(papers)) for why in problems),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Feed:
    """A page as it came, without the entries that cannot be read; `content` is what the package parses."""

    status_code: int
    content: bytes
    total: int
    n_entries: int
    problems: tuple[str, ...]
    rejected: frozenset[str | None] = field(default_factory=frozenset)


class _Session:
    """Stands where the package has its `requests.Session`; keeps the last page."""

    def __init__(self, getter: Getter) -> None:
        self._getter = getter
        self.start = 0
        self.feed = _Feed(status_code=200, content=b"", total=0, n_entries=0, problems=())

    def get(self, url: str, **options: Any) -> _Feed:
        self.feed = self._getter.get(url, accept="application/atom+xml", read=lambda reply: _checked(reply, self.start))
        return self.feed


def _checked(reply: Reply, start: int) -> _Feed:
    """A page, with its entries looked at one by one; HttpProblem when it is none."""
    from lxml import etree

    where, body = reply.host, reply.body.strip()
    if b"rate exceeded" in body[:200].lower():
        raise HttpProblem(f"{where} says that there were too many requests", again=True, busy=True)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        # Characters that XML forbids come in abstracts; anything else that is wrong is not guessed at.
        root = etree.fromstring(_FORBIDDEN.sub(b" ", body), parser=parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise HttpProblem(f"{where} sent something that is no list of papers", again=True) from error
    if root.tag != f"{_ATOM}feed":
        raise HttpProblem(f"{where} sent something that is no list of papers", again=True)
    total_text = root.findtext(_TOTAL, "").strip()
    total = int(total_text) if re.fullmatch(r"\d{1,9}", total_text, re.ASCII) else 0
    entries = root.findall(f"{_ATOM}entry")
    if not entries and start < total:
        raise HttpProblem(f"{where} sent an empty page", again=True)
    problems: list[str] = []
    rejected: set[str | None] = set()
    for number, entry in enumerate(entries, start + 1):
        named = entry.findtext(f"{_ATOM}id", "").strip()
        if "/api/errors" in named:
            said = shown(entry.findtext(f"{_ATOM}summary", ""), 160)
            raise HttpProblem(f"arXiv cannot read the query: {said or 'no reason given'}; write {FORMS}")
        if why := _fault(entry, named):
            problems.append(f"record {number} ({shown(named, 60)}): {why}" if named else f"record {number}: {why}")
            rejected.add(arxiv_id(named))
            root.remove(entry)
        for link in entry.findall(f"{_ATOM}link"):  # not needed; the package would log odd ones
            entry.remove(link)
    return _Feed(
        status_code=200,
        content=etree.tostring(root),
        total=max(total, start + len(entries)),
        n_entries=len(entries) - len(problems),
        problems=tuple(problems),
        rejected=frozenset(rejected),
    )


def _fault(entry: Any, named: str) -> str | None:
    """What keeps an entry from being a paper."""
    if arxiv_id(named) is None:
        return "no arXiv id"
    for name in ("published", "updated"):
        said = entry.findtext(f"{_ATOM}{name}", "").strip()
        try:
            datetime.fromisoformat(said.replace("Z", "+00:00")).astimezone(UTC)
        except (ValueError, OverflowError):
            return f"{name} must be a date such as 2024-05-24T17:59:46Z, found {shown(said, 40)!r}"
    return None


def _asked(spec: str) -> _Asked:
    text, limit = spec.removeprefix("arxiv:").strip(), DEFAULT_FOUND
    head, mark, tail = text.rpartition("?")
    # A question mark may belong to the query: ti:"what is attention?"
    if mark and re.match(r"\s*\w*=|\s*max\b", tail):
        said = re.fullmatch(r"\s*max=(\d{1,6})\s*", tail, re.ASCII)
        if said is None or not 1 <= int(said[1]) <= MOST_FOUND:
            raise SourceError(f"{tail!r} is not max= and a number from 1 to {MOST_FOUND}; write {FORMS}", path=spec)
        text, limit = head.strip(), int(said[1])
    if not text:
        raise SourceError(f"this names no papers; write {FORMS}", path=spec)
    parts = [part.strip() for part in text.split(",") if part.strip()]
    numbers = [arxiv_id(part) for part in parts]
    if parts and all(numbers):
        return _Asked(ids=tuple(dict.fromkeys(number for number in numbers if number)))
    if any(numbers) and _IDS_ONLY.fullmatch(text.replace(" ", "")):
        wrong = next(part for part, number in zip(parts, numbers, strict=True) if number is None)
        raise SourceError(f"{wrong!r} is not an arXiv id; write {FORMS}", path=spec)
    return _Asked(query=text, limit=limit)
