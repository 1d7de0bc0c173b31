"""Reads a Hugging Face Daily Papers page that was saved as plain text.

Two layouts occur. *Compact*: after the banner, `Subscribe` is glued to the first title, then title and abstract take
turns line by line. *Bylined*: blocks separated by blank lines; each paper is a title, an abstract and, mostly, a byline
of three lines:

      • 7 authors           or an organisation, its slug and then its name: "openbmb OpenBMB"
    ·
    Jul 21, 2024 3          month and day; the year unless it is the page's own; the number of comments, if any

What the page leaves out is worked out where that is safe and marked: a date without a year is of the page's own year,
which is the year after the newest one written out on the page, and never falls after the page's own date. What stays
ambiguous is left empty with a warning. A page that breaks off keeps the papers before the break.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ingest.sources.cleaning import clean_title
from ingest.sources.fields import Rejected, clean_words, within
from ingest.sources.gathering import wanted
from ingest.sources.reading import Portion, ReadOptions
from ingest.titles import title_id
from rag.errors import SourceError
from rag.schema import Paper

_BANNER = "Get trending papers in your email inbox"
_BANNER_LINES = 12
_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_DAY = re.compile(
    r"(?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2})(?:, (?P<year>\d{4}))?(?: (?P<comments>\d[\d,]{0,11}))?$", re.ASCII
)
_AUTHORS = re.compile(r"•\s*(?P<n>\d[\d,]{0,11}) authors?$")
_ORGANISATION = re.compile(r"(?P<slug>[A-Za-z0-9][\w.\-]*) (?P<name>\S.*)$")
_SEPARATOR = "·"
# A title is a line; a block this long in a title's place is another paragraph of the abstract before it.
_LONGEST_TITLE = 320
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]}*$]*$|https?://\S+$")


@dataclass(slots=True)
class _Draft:
    title: str
    title_line: int
    abstract: str = ""
    abstract_line: int = 0
    byline: tuple[str, ...] = ()
    byline_line: int = 0


@dataclass(slots=True)
class _Reading:
    """Drafts in page order and where, if anywhere, the page broke off."""

    drafts: list[_Draft] = field(default_factory=list)
    broken_line: int | None = None
    broken_why: str = ""

    def break_off(self, line: int, why: str) -> None:
        if self.broken_line is None:
            self.broken_line, self.broken_why = line, why


def looks_like_page(text: str) -> bool:
    """Whether text is a saved Daily Papers page: its banner near the top, or a byline anywhere in the first part."""
    lines = [line.strip() for line in text[:20_000].split("\n")]
    if any(_BANNER in line for line in lines[:_BANNER_LINES]):
        return True
    return any(
        lines[i + 1] == _SEPARATOR and _DAY.match(lines[i + 2]) and _first_of_byline(lines[i])
        for i in range(len(lines) - 2)
    )


def read_page(text: str, *, path: str, encoding: str = "UTF-8", options: ReadOptions = ReadOptions()) -> Portion:
    """All papers of a saved page.

    `path` names the page in `Paper.seen_on` and in messages. Never raises for what the text holds: a page that is
    empty, of another kind or cut off comes back with one error and the papers before it.
    """
    if not text.strip():
        return Portion(path=path, errors=(SourceError("the file is empty", path=path, line=1),))
    if not looks_like_page(text):
        message = (
            "this is neither a saved Daily Papers page (no banner, no byline) nor anything else that is read: JSON, "
            "JSON Lines, CSV, TSV, Parquet, BibTeX, RIS, an Atom feed of arXiv"
        )
        if encoding != "UTF-8":
            message += f"; it was read as {encoding}, not UTF-8"
        return Portion(path=path, errors=(SourceError(message, path=path, line=1),))
    lines = [line.rstrip("\r") for line in text.split("\n")]
    start, page_day = _after_banner(lines)
    reading = _read_compact(lines, start) if _is_compact(lines) else _read_bylined(lines, start)
    _check_last_byline(reading, whole_line=text.endswith("\n"))
    return _finish(reading, page_day, path, options)


def _is_compact(lines: list[str]) -> bool:
    return any(re.match(r"Subscribe\S", line) for line in lines[:_BANNER_LINES])


def _after_banner(lines: list[str]) -> tuple[int, date | None]:
    """Index of the first line after the banner, and the page's own day in the leap year 2000 (or in its stated
    year).
    """
    start, day = 0, None
    for i, line in enumerate(lines[: _BANNER_LINES * 2]):
        text = line.strip()
        if re.match(r"Subscribe\S", text):
            return i, None
        if _BANNER in text or text in ("Subscribe", "Daily Papers", "new") or text.startswith("byAK and the research"):
            start = i + 1
        elif start and (match := _DAY.match(text)) and match["comments"] is None:
            return i + 1, _real_date(match, year=int(match["year"] or 2000))
        elif text and start:
            break
    return start, day


def _read_compact(lines: list[str], start: int) -> _Reading:
    reading = _Reading()
    draft: _Draft | None = None
    for number, line in _text_lines(lines, start):
        text = line.strip()
        if number == start + 1:
            text = text.removeprefix("Subscribe").strip()
        if draft is None:
            draft = _Draft(text, number)
        else:
            draft.abstract, draft.abstract_line = text, number
            reading.drafts.append(draft)
            draft = None
    if draft is not None:
        reading.break_off(
            draft.title_line, f"the page ends after the title “{_short(draft.title)}”, without its abstract"
        )
    _check_last_abstract(reading)
    return reading


def _read_bylined(lines: list[str], start: int) -> _Reading:
    reading = _Reading()
    draft: _Draft | None = None
    for number, block in _blocks(lines, start):
        if (byline := _as_byline(block)) is not None:
            if draft is not None and reading.drafts and not reading.drafts[-1].byline:
                # What looked like a title was another paragraph of the abstract before it.
                reading.drafts[-1].abstract += "\n\n" + draft.title
                reading.drafts[-1].byline, reading.drafts[-1].byline_line = byline, number
                draft = None
                continue
            if draft is not None:
                reading.break_off(
                    draft.title_line, f"the title “{_short(draft.title)}” is followed by a byline, not an abstract"
                )
                break
            if reading.drafts and not reading.drafts[-1].byline:
                reading.drafts[-1].byline, reading.drafts[-1].byline_line = byline, number
                continue
            reading.break_off(number, "a byline stands where a title was expected")
            break
        text = " ".join(part.strip() for part in block)
        if draft is not None:
            draft.abstract, draft.abstract_line = text, number
            reading.drafts.append(draft)
            draft = None
        elif len(text) > _LONGEST_TITLE and reading.drafts and not reading.drafts[-1].byline:
            reading.drafts[-1].abstract += "\n\n" + text
        else:
            draft = _Draft(text, number)
    if draft is not None:
        cut_byline = (
            bool(_AUTHORS.match(draft.title)) or draft.title.startswith("•") or draft.title.endswith(" " + _SEPARATOR)
        )
        what = (
            "in the middle of a byline"
            if cut_byline
            else f"after the title “{_short(draft.title)}”, without its abstract"
        )
        reading.break_off(draft.title_line, f"the page ends {what}")
    _check_last_abstract(reading)
    return reading


def _check_last_abstract(reading: _Reading) -> None:
    """The last abstract of a page that stops in mid-sentence is cut off: it is left out, the page is broken there."""
    if not reading.drafts or reading.broken_line is not None or reading.drafts[-1].byline:
        return
    last = reading.drafts[-1]
    if not _SENTENCE_END.search(last.abstract):
        reading.drafts.pop()
        reading.break_off(last.abstract_line, f"the page ends inside the abstract of “{_short(last.title)}”")


def _check_last_byline(reading: _Reading, *, whole_line: bool) -> None:
    """A page that stops within its last date ("Apr 17, 20") is broken there; the paper stands, undated.

    "Apr 17" at the very end is taken for a whole date: saved pages do end so.
    """
    if not reading.drafts or reading.broken_line is not None or whole_line:
        return
    last = reading.drafts[-1]
    if len(last.byline) == 3 and not _DAY.match(last.byline[2]):
        reading.break_off(last.byline_line + 2, f"the page ends in the middle of the byline of “{_short(last.title)}”")
        last.byline = (*last.byline[:2], "")


def _finish(reading: _Reading, page_day: date | None, path: str, options: ReadOptions) -> Portion:
    matches = [_DAY.match(draft.byline[2]) for draft in reading.drafts if len(draft.byline) == 3]
    written = [
        day.year for match in matches if match and match["year"] and (day := _real_date(match, year=int(match["year"])))
    ]
    page_year = page_day.year if page_day and page_day.year != 2000 else (max(written) + 1 if written else None)
    warnings: list[str] = []
    if reading.broken_line is not None and page_day and page_day.year == 2000:
        # The newest year written out may stand behind the break.
        page_year = None
    papers: list[Paper] = []
    errors: list[SourceError] = []
    n_skipped = 0
    for draft in reading.drafts:
        try:
            title, abstract = clean_words(title=draft.title, abstract=draft.abstract)
        except Rejected as why:
            errors.append(SourceError(str(why), path=path, line=draft.title_line, n_read=len(papers)))
            continue
        fields = _byline_fields(draft, page_year, page_day, path, warnings)
        paper = Paper(paper_id=title_id(title), title=title, abstract=abstract, seen_on=(path,), **fields)
        if wanted(paper, (), options):
            papers.append(paper)
        else:
            n_skipped += 1
    if reading.broken_line is not None:
        errors.append(SourceError(reading.broken_why, path=path, line=reading.broken_line, n_read=len(papers)))
    elif not (papers or errors or n_skipped):
        errors.append(SourceError("the page holds no papers", path=path, line=1))
    n_bylines = sum(bool(draft.byline) for draft in reading.drafts)
    return Portion(
        path=path,
        papers=tuple(papers),
        n_bylines=n_bylines,
        n_skipped=n_skipped,
        warnings=tuple(warnings),
        errors=tuple(errors),
    )


def _byline_fields(
    draft: _Draft, page_year: int | None, page_day: date | None, path: str, warnings: list[str]
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if not draft.byline:
        return fields
    first, day_line = draft.byline[0], draft.byline[2] if len(draft.byline) > 2 else ""
    if match := _AUTHORS.match(first.strip()):
        fields["n_authors"] = int(match["n"].replace(",", ""))
    elif match := _ORGANISATION.match(first.strip()):
        fields["organisation_slug"], fields["organisation"] = match["slug"], clean_title(match["name"])
    match = _DAY.match(day_line)
    if match is None and not day_line:
        return fields
    if match is None:
        warnings.append(
            f"{path}:{draft.byline_line + 2}: no date in {day_line!r}; “{_short(draft.title)}” stays undated"
        )
        return fields
    if match["comments"]:
        fields["n_comments"] = int(match["comments"].replace(",", ""))
    published = _dated(match, page_year, page_day)
    if published is None:
        warnings.append(
            f"{path}:{draft.byline_line + 2}: {day_line!r} gives no date that fits the page; "
            f"“{_short(draft.title)}” stays undated"
        )
    else:
        fields["published"], fields["published_inferred"] = published, match["year"] is None
    return fields


def _dated(match: re.Match[str], page_year: int | None, page_day: date | None) -> date | None:
    if match["year"]:
        return _real_date(match, year=int(match["year"]))
    if page_year is None:
        return None
    published = _real_date(match, year=page_year)
    if published and page_day and (published.month, published.day) > (page_day.month, page_day.day):
        return None
    return published


def _real_date(match: re.Match[str], *, year: int) -> date | None:
    month = _MONTHS.get(match["month"])
    try:
        return within(date(year, month, int(match["day"]))) if month else None
    except ValueError:
        return None


def _as_byline(block: list[str]) -> tuple[str, ...] | None:
    if len(block) == 3 and block[1].strip() == _SEPARATOR and _first_of_byline(block[0]):
        return tuple(part.strip() for part in block)
    return None


def _first_of_byline(line: str) -> bool:
    return bool(_AUTHORS.match(line.strip()) or _ORGANISATION.match(line.strip()))


def _text_lines(lines: list[str], start: int) -> Iterator[tuple[int, str]]:
    """Lines with text and their numbers, counted from 1."""
    return ((i + 1, lines[i]) for i in range(start, len(lines)) if lines[i].strip())


def _blocks(lines: list[str], start: int) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines with text, each with the number of its first line, counted from 1."""
    block: list[str] = []
    for i in range(start, len(lines) + 1):
        line = lines[i] if i < len(lines) else ""
        if line.strip():
            block.append(line)
        elif block:
            yield i + 1 - len(block), block
            block = []


def _short(title: str, width: int = 60) -> str:
    """A title in a message, with nothing that a terminal would obey."""
    title = clean_title(title[: 10 * width])
    return title if len(title) <= width else title[: width - 1].rstrip() + "…"
