"""What a running page does for other programs: ask, search, one paper, status. No gradio and no MCP in here.

Arguments come from outside and are checked here: a wrong one is a `BadRequest` that says which and why. What is given
back, errors too, names no folder of this machine and holds no key.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path, PurePath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Protocol, cast

from rag.bibtex import bibtex, web_link
from rag.errors import AskpapersError, LibraryDamaged, VectorsError
from rag.schema import Filters, Turn
from ui.limits import ADDRESS_AT_ONCE, ADDRESS_PER_MINUTE, RateLimiter
from ui.when import first_day, last_day
from ui.workers import Put

if TYPE_CHECKING:
    from rag.library import Library
    from rag.schema import Answer
    from ui.api_types import AnswerRecord, PaperRecord, SearchRecord, StatusRecord

# Calls that wait for a model, worked on at the same time. Quoting computes: as many as there are processes for it.
WRITING_AT_ONCE = 8
# The name under which gradio counts them together (`concurrency_id`).
ANSWERS = "answers"
MOST_CHARACTERS, MOST_TURNS, MOST_PAPERS = 4_000, 50, 100
# A turn of the conversation before a question: a long answer. What is read of it for understanding is less (`rag.questions`).
MOST_TURN_CHARACTERS = 20_000
LONGEST = {
    "question": MOST_CHARACTERS,
    "query": MOST_CHARACTERS,
    "paper_id": 300,
    "since": 20,
    "until": 20,
    "organisation": 200,
    "source": 1_000,
}
# An absolute path of this machine in a message; addresses of the web are left alone.
_PATH = re.compile(r"(?<![\w:/.~…-])(?:~|[A-Za-z]:)?[/\\](?:[^\s/\\:;,'\"`()]+[/\\])+([^\s/\\:;,'\"`()]*)")


# What happens where a library's files are broken, and what to do about it.
BROKEN = (LibraryDamaged, VectorsError)
WAY_OUT = (
    "Whoever keeps this library can look with `askpapers library verify` and mend it with `askpapers library rebuild`; where "
    "that fails, move its folder away and ingest again."
)


class BadRequest(AskpapersError):
    """An argument that makes no sense."""


class Shelf(Protocol):
    """The parts of `ui.desk.Desk` that are used here."""

    @property
    def library(self) -> Library: ...
    @property
    def quoting_at_once(self) -> int: ...
    @property
    def model_name(self) -> str | None: ...
    @property
    def is_sample(self) -> bool: ...
    def ask(self, put: Put) -> Answer: ...


class Service:
    """Answers other programs from a desk. `limiter` counts what one caller (an address) asks."""

    def __init__(self, desk: Shelf, *, limiter: RateLimiter | None = None) -> None:
        self._desk = desk
        self._limiter = limiter or RateLimiter(per_minute=ADDRESS_PER_MINUTE, at_once=ADDRESS_AT_ONCE)

    @property
    def at_once(self) -> int:
        """How many calls of a kind may be worked on at the same time."""
        return self._desk.quoting_at_once if self._desk.model_name is None else WRITING_AT_ONCE

    def ask(
        self,
        caller: str,
        question: object,
        history: object = None,
        since: object = None,
        until: object = None,
        organisation: object = None,
        source: object = None,
        min_comments: object = None,
        k: object = 20,
    ) -> AnswerRecord:
        """One question, answered; the record of `rag.Answer`."""
        with self._serving(caller):
            put = Put(
                question=_text(question, "question"),
                history=_history(history),
                filters=_filters(since, until, organisation, source, min_comments),
                k=_count(k, "k", most=MOST_PAPERS),
            )
            answer = self._desk.ask(put)
            record = answer.to_dict()
            if record["error"]:
                record["error"] = without_paths(record["error"], library_folders(self._desk))
            for citation in record["citations"]:
                citation["url"] = _web(citation["url"])
            return cast("AnswerRecord", record)

    def search(
        self,
        caller: str,
        query: object,
        k: object = 10,
        since: object = None,
        until: object = None,
        organisation: object = None,
        source: object = None,
        min_comments: object = None,
    ) -> SearchRecord:
        """Ranked papers for a query, without an answer."""
        with self._serving(caller):
            text = _text(query, "query")
            filters = _filters(since, until, organisation, source, min_comments)
            library = self._desk.library
            hits = library.search(text, k=_count(k, "k", most=MOST_PAPERS), filters=filters)
            papers = [
                {
                    "paper_id": hit.paper.paper_id,
                    "title": hit.paper.title,
                    "score": round(hit.score, 4),
                    "published": hit.paper.published.isoformat() if hit.paper.published else None,
                    "url": web_link(hit.paper),
                    "organisation": hit.paper.organisation,
                    "n_authors": hit.paper.n_authors,
                    "n_comments": hit.paper.n_comments,
                    "passage": {"text": hit.text, "start": hit.passage.start, "end": hit.passage.end},
                }
                for hit in hits
            ]
            coverage = library.coverage(filters).to_dict()
            record = {"query": text, "papers": papers, "filters": filters.to_dict(), "coverage": coverage}
            return cast("SearchRecord", record)

    def paper(self, caller: str, paper_id: object) -> PaperRecord:
        """Everything known of one paper."""
        with self._serving(caller):
            name = _text(paper_id, "paper_id", most=LONGEST["paper_id"])
            found = self._desk.library.get(name)
            if found is None:
                raise BadRequest(f"there is no paper {name!r} here; a search gives the ids")
            record = found.to_dict() | {
                "url": web_link(found),
                "code_url": _web(found.code_url),
                "seen_on": sorted({source_name(source) for source in found.seen_on}),
                "bibtex": bibtex([found]),
            }
            return cast("PaperRecord", record)

    def status(self, caller: str) -> StatusRecord:
        """What the library holds, and what writes the answers."""
        with self._serving(caller):
            found = self._desk.library.status()
            sources: dict[str, int] = {}
            for name, n in found.sources.items():
                sources[source_name(name)] = sources.get(source_name(name), 0) + n
            return {
                "n_papers": found.n_papers,
                "n_passages": found.n_passages,
                "n_undated": found.n_undated,
                "first": found.first.isoformat() if found.first else None,
                "last": found.last.isoformat() if found.last else None,
                "embedding": found.embedding,
                "generation": found.generation,
                "fingerprint": found.fingerprint,
                "sources": sources,
                "model": self._desk.model_name,
                "sample": self._desk.is_sample,
            }

    @contextmanager
    def _serving(self, caller: str) -> Iterator[None]:
        """Counts the call and makes every failure one clear sentence; what nobody foresaw goes to the server's log."""
        try:
            with self._limiter.asking(caller):
                yield
        except BadRequest:  # of what the caller sent; it holds nothing of this machine
            raise
        except AskpapersError as error:
            raise BadRequest(told(error, self._desk)) from error
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            raise BadRequest("the server failed at this; its log says why") from error


def source_name(name: str) -> str:
    """A source without the folders of this machine: the file's name; anything that is no path stays."""
    if name.startswith(("/", "~")):
        return PurePath(name).name
    return PureWindowsPath(name).name if re.match(r"[A-Za-z]:[\\/]", name) else name


def without_paths(message: str, folders: Sequence[Path] = ()) -> str:
    """A message in which the folders of this machine are not named, only what stands in them. `folders` are known ones, hidden
    also where they are written in another way than as absolute paths without spaces.
    """
    for folder in folders:
        name = folder.name or "library"
        for text in sorted(
            {str(folder), str(folder.absolute()), str(folder.resolve())} - {".", "/"}, key=len, reverse=True
        ):
            message = re.sub(rf"(?<![\w./\\-]){re.escape(text)}(?![\w-])", lambda _, name=name: f"…/{name}", message)  # type: ignore[misc]
    return _PATH.sub(lambda match: f"…/{match.group(1)}", message)


def library_folders(desk: Any) -> list[Path]:
    """The folders whose names are nobody's business: the user's library and the one that answers."""
    found = []
    for name in ("own", "library"):
        with suppress(AskpapersError):
            found.append(Path(getattr(desk, name, desk.library).path))
    return list(dict.fromkeys(found))


def told(error: AskpapersError, desk: Any) -> str:
    """An error as it is told to callers and readers: without folders, and where the library is broken, with the way out."""
    message = without_paths(str(error), library_folders(desk))
    if isinstance(error, BROKEN):
        message = f"{message.rstrip('. ')}. {WAY_OUT}"
    return message


def _web(url: str | None) -> str | None:
    return url if url and url.lower().startswith(("https://", "http://")) else None


def _text(value: object, name: str, *, most: int = MOST_CHARACTERS) -> str:
    if not isinstance(value, str):
        raise BadRequest(f"{name} must be text, found {_shown(value)}")
    if not value.strip():
        raise BadRequest(f"{name} is empty")
    if len(value) > most:
        raise BadRequest(f"{name} has {len(value):,} characters, more than the {most:,} allowed")
    # A lone surrogate is no text that can be stored, searched or sent on.
    return value.encode("utf-8", "replace").decode("utf-8")


def _count(value: object, name: str, *, least: int = 1, most: int) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadRequest(f"{name} must be a whole number from {least} to {most:,}, found {_shown(value)}")
    return value


def _history(value: object) -> list[Turn]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadRequest(f"history must be a list of turns, found {_shown(value)}")
    turns = []
    for place, turn in enumerate(value[-MOST_TURNS:], 1):
        role = turn.get("role") if isinstance(turn, dict) else None
        if role not in ("user", "assistant"):
            raise BadRequest(
                f'turn {place} of history must be {{"role": "user" or "assistant", "text": …}}, found {_shown(turn)}'
            )
        turns.append(
            Turn(role=role, text=_text(turn.get("text"), f"text of turn {place} of history", most=MOST_TURN_CHARACTERS))
        )
    return turns


def _filters(since: object, until: object, organisation: object, source: object, min_comments: object) -> Filters:
    low, high = _day(since, "since", first_day), _day(until, "until", last_day)
    if low and high and low > high:
        raise BadRequest(f"since ({since}) is after until ({until})")
    return Filters(
        since=low,
        until=high,
        organisation=_text(organisation, "organisation", most=200) if organisation not in (None, "") else None,
        source=_text(source, "source", most=LONGEST["source"]) if source not in (None, "") else None,
        min_comments=_count(min_comments, "min_comments", least=0, most=10**9) if min_comments is not None else None,
    )


def _day(value: Any, name: str, read: Callable[[str], date]) -> date | None:
    if value is None or value == "":
        return None
    try:
        return read(_text(value, name, most=LONGEST[name]))
    except ValueError:
        raise BadRequest(f"{name} must be a date such as 2024, 2024-05 or 2024-05-24, found {_shown(value)}") from None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
