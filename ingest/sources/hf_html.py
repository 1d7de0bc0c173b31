"""Reads a Hugging Face Daily Papers page, or a page of one paper, that was saved as HTML.

The page carries its data twice. Svelte's: an element with data-target="DailyPapers" whose data-props is JSON,
{"dailyPapers": [{"paper": {"id", "title", "summary", "authors", "upvotes", …}, "numComments", "organization", …}]}; this is
preferred. And what is seen: an <article> for each paper, with its title in a heading that links to /papers/ID, and, on pages
that show them, the abstract, the authors, the organisation, the day and the number of comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from ingest.sources.cleaning import clean_title, without_unseen
from ingest.sources.fields import make_paper
from ingest.sources.gathering import Found, found, portions
from ingest.sources.json_stream import NotJson, load
from ingest.sources.reading import Portion, ReadOptions
from ingest.sources.records import paper_from_object
from ingest.sources.streams import ByteStream
from rag.schema import Paper

_PAPER_LINK = re.compile(
    r"(?:https?://(?:www\.)?(?:huggingface\.co|hf\.co))?/papers/(?P<id>\d{4}\.\d{4,5})(?:v\d+)?(?P<rest>[#?].*)?$"
)
_N_AUTHORS = re.compile(r"•?\s*(?P<n>\d[\d,]*)\s+authors?$")
_DAY = re.compile(r"(?:Published on\s+)?(?P<day>[A-Z][a-z]{2}\.? \d{1,2}(?:, \d{4})?)$")
_SHORTEST_ABSTRACT = 60
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][\w\-]*)(?P<rest>[^<>]*)")
_CLOSE_THEMSELVES = frozenset(
    "area base br col embed hr img input link meta source track wbr p li td th tr tbody thead option dt dd".split()
)
_DEEPEST = 1_000
_MOST_ATTRIBUTES = 500
_DEEPEST_PROPS = 6


def read_html(stream: ByteStream, *, path: str, options: ReadOptions) -> Iterator[Portion]:
    """Papers of a saved page. Where its data cannot be read, what is seen on it is."""
    return portions(_read(stream, path), path=path, options=options, what="page")


def _read(stream: ByteStream, path: str) -> Iterator[Found]:
    yield from papers_of(stream.read_whole().decode("utf-8", "replace"), path)


def papers_of(text: str, path: str) -> Iterator[Found]:
    """The papers of a page, and what is wrong with it."""
    from selectolax.lexbor import LexborHTMLParser

    text = text.replace("\x00", "")
    whole = without_unseen(text)
    if too_tangled(whole):
        yield Found(line=1, why="this HTML is nested too deeply, or has tags with too many attributes, to be a page")
        return
    page = LexborHTMLParser(whole)
    entries, wrong = _entries(page)
    lines = _Lines(text)
    n_found = 0
    seen: set[str] = set()
    for entry in entries:
        n_found += 1
        number = str((entry.get("paper") or entry).get("id") or "")
        seen.add(number)
        yield found(lines.of_data(number), lambda warnings, entry=entry: _paper(entry, path, warnings))  # type: ignore[misc]
    year = _page_year(page, text)
    for raw, link in _articles(page, year):
        if link in seen:
            continue
        seen.add(link)
        if not raw.get("abstract"):
            n_found += 1
            yield Found(line=lines.of_link(link), why=f"no abstract on this page for “{raw['title'][:60]}”")
            continue
        n_found += 1
        yield found(lines.of_link(link), lambda warnings, raw=raw: make_paper(raw, path=path, warnings=warnings))  # type: ignore[misc]
    if wrong and not n_found:
        yield Found(line=lines.of_data(""), why=f"the page's data cannot be read: {wrong}")
    elif not n_found:
        yield Found(line=1, why="this HTML page holds no Daily Papers (no data, no article that links to /papers/…)")


def too_tangled(text: str) -> bool:
    """Whether a page is built to be slow to parse: time grows with the square of open elements and of attributes."""
    depth = 0
    for match in _TAG.finditer(text):
        name = match["name"].lower()
        if name not in _CLOSE_THEMSELVES and not match["rest"].endswith("/"):
            depth = max(depth - 1, 0) if match["end"] else depth + 1
            if depth > _DEEPEST:
                return True
    for part in text.split(">"):
        if len(part) > 2 * _MOST_ATTRIBUTES and (tag := re.search(r"<[a-zA-Z]", part)):
            attributes = re.sub(r""" "[^"]*"|'[^']*' """.strip(), "", part[tag.start() :])
            if len(re.findall(r"[\s/]+", attributes)) > _MOST_ATTRIBUTES:
                return True
    return False


def _paper(entry: dict[str, Any], path: str, warnings: list[str]) -> Paper:
    return paper_from_object(entry, path=path, warnings=warnings)[0]


def _entries(page: Any) -> tuple[list[dict[str, Any]], str | None]:
    """What the page's data says of papers, and what is wrong with the data."""
    wrong: str | None = None
    entries: list[dict[str, Any]] = []
    for element in page.css("[data-target][data-props]"):
        props = element.attributes.get("data-props") or ""
        target = element.attributes.get("data-target") or ""
        if "aper" not in target and '"dailyPapers"' not in props:
            continue
        try:
            data = load(props)
        except NotJson as error:
            wrong = str(error)
            continue
        entries += _papers_in(data, 0)
    return entries, wrong


def _papers_in(data: Any, depth: int) -> list[dict[str, Any]]:
    """Entries wherever they stand in the data: what has a paper inside, or is one."""
    if depth > _DEEPEST_PROPS:
        return []
    if isinstance(data, list):
        return [entry for item in data for entry in _papers_in(item, depth + 1)]
    if not isinstance(data, dict):
        return []
    paper = data.get("paper")
    if isinstance(paper, dict) and isinstance(paper.get("title", data.get("title")), str):
        return [data]
    if isinstance(data.get("title"), str) and isinstance(data.get("summary"), str):
        return [{"paper": data}]
    return [entry for item in data.values() for entry in _papers_in(item, depth + 1)]


def _articles(page: Any, year: int | None) -> Iterator[tuple[dict[str, Any], str]]:
    """Raw values of each article, and the id of its paper."""
    for article in page.css("article"):
        title, link = "", ""
        for anchor in article.css("h1 a, h2 a, h3 a, h4 a"):
            match = _PAPER_LINK.match(anchor.attributes.get("href") or "")
            if match and not title:
                title, link = clean_title(_text(anchor)), match["id"]
        if not title:
            continue
        raw: dict[str, Any] = {"title": title, "arxiv_id": link}
        paragraphs = [_text(node) for node in article.css("p")]
        raw["abstract"] = max((p for p in paragraphs if len(p) >= _SHORTEST_ABSTRACT), key=len, default=None)
        _add_byline(raw, article, link, year)
        yield raw, link


def _add_byline(raw: dict[str, Any], article: Any, link: str, year: int | None) -> None:
    for anchor in article.css("a"):
        href, text = anchor.attributes.get("href") or "", " ".join(_text(anchor).split())
        match = _PAPER_LINK.match(href)
        if match and match["id"] == link:
            if match["rest"] == "#community" and text.isdecimal():
                raw["n_comments"] = text
            elif (count := _N_AUTHORS.match(text)) is not None:
                raw["n_authors"] = count["n"]
        elif href.startswith("https://github.com/"):
            raw.setdefault("code_url", href)
        elif (
            re.fullmatch(r"(?:https://huggingface\.co)?/[A-Za-z0-9][\w.\-]*", href)
            and not anchor.css("img[alt]")
            and text
        ):
            slug = href.rpartition("/")[2]
            raw.setdefault("organisation_slug", slug)
            raw.setdefault("organisation", text.removeprefix(f"{slug} ").strip() or text)
    for node in article.css("time, span, div, li"):
        if (value := node.attributes.get("datetime")) and "published" not in raw:
            raw["published"] = value
            continue
        if node.child is None or len(node.html or "") > 2_000:
            continue
        text = " ".join(_text(node).split())
        if "published" not in raw and (match := _DAY.match(text)):
            raw["published"] = match["day"] if "," in match["day"] else (f"{match['day']}, {year}" if year else None)
            raw["published_inferred"] = "," not in match["day"]
        if "n_authors" not in raw and (count := _N_AUTHORS.match(text)):
            raw["n_authors"] = count["n"]
        if (
            "n_upvotes" not in raw
            and "leading-none" in (node.attributes.get("class") or "").split()
            and text.isdecimal()
        ):
            raw["n_upvotes"] = text


def _text(node: Any) -> str:
    return str(node.text(deep=True, separator=" ") or "")


def _page_year(page: Any, text: str) -> int | None:
    """The year of the page's own day, from its address or its day picker."""
    match = re.search(r"/papers/(?:date|week|month)/(\d{4})-", text) or re.search(r"/papers\?date=(\d{4})-", text)
    year = int(match[1]) if match else 0
    return year if 2020 <= year <= date.today().year + 1 else None


class _Lines:
    """Which line of the page something stands in."""

    def __init__(self, text: str) -> None:
        self._text = text

    def of_data(self, number: str) -> int:
        at = self._text.find("data-props")
        inside = self._text.find(number, at) if number and at >= 0 else -1
        return self._line(inside if inside >= 0 else at)

    def of_link(self, number: str) -> int:
        return self._line(self._text.find(f"/papers/{number}"))

    def _line(self, at: int) -> int:
        return self._text.count("\n", 0, max(at, 0)) + 1
