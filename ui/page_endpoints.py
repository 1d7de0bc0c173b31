"""What the page asks of its server, as asynchronous generators of small records. Nothing here knows Gradio.

Each takes one record (`payload`) and gives records with a `kind`; `{"kind": "error", "message": …}` says in a sentence what went
wrong. Work that computes runs in threads, so that nobody waits for another's question.
"""

from __future__ import annotations

import asyncio
import sys
import time
import traceback
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from rag.errors import AskpapersError
from rag.events import DoneEvent, SentenceEvent, StatusEvent
from rag.references import FORMATS, conversation_markdown, export
from rag.schema import Answer, Citation, Claim, Paper
from ui.desk import Desk
from ui.limits import RateLimiter
from ui.page_answer import answer_html, doubted_markers, footer_html, partial_html, short_model, understood_html
from ui.page_feedback import keep
from ui.page_requests import Asked, BadRequest, read_asked, read_citations, read_doubted, read_ids
from ui.page_sources import panel_html, similar_html
from ui.page_status import status
from ui.page_turns import read_turns, short_answer
from ui.service import library_folders, told, without_paths
from ui.workers import Put

Record = dict[str, Any]
Endpoint = Callable[[Any], AsyncIterator[Record]]
# What is being done while sentences come.
_WRITING = "Writing"
_EMPTY = "The library is empty, so there is nothing to answer from yet."
# A page is told of new words at most this often.
_PAUSE_S = 0.05
_N_SIMILAR = 8
# Questions of one open page; and of one address, behind which many people may sit.
SESSION_PER_MINUTE, SESSION_AT_ONCE = 240, 4
ADDRESS_PER_MINUTE, ADDRESS_AT_ONCE = 6_000, 100


def endpoints(desk: Desk) -> dict[str, Endpoint]:
    """By name. Adding papers is in `ui.page_adding`."""
    page = _Page(desk)
    found = {
        "page_ask": page.ask,
        "page_status": page.status,
        "page_sources": page.sources,
        "page_similar": page.similar,
        "page_export": page.export,
        "page_conversation": page.conversation,
        "page_feedback": page.feedback,
        "page_sample": page.sample,
    }
    return {name: guarded(endpoint, desk) for name, endpoint in found.items()}


def guarded(endpoint: Endpoint, desk: Desk) -> Endpoint:
    """An endpoint that never ends in a traceback for the reader; what was not expected is printed for the owner."""

    async def run(payload: Any) -> AsyncIterator[Record]:
        try:
            async with aclosing(endpoint(payload)) as records:  # type: ignore[type-var]
                async for record in records:
                    yield record
        except (BadRequest, AskpapersError) as error:
            message = told(error, desk) if isinstance(error, AskpapersError) else str(error)
            yield {"kind": "error", "message": message[:1].upper() + message[1:]}
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            yield {"kind": "error", "message": f"Something went wrong here ({type(error).__name__}); try it again."}

    return run


@dataclass(slots=True)
class _Draft:
    """What has been written of an answer so far."""

    text: str = ""
    claims: list[Claim] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    shown_at: float = 0.0

    def add(self, event: SentenceEvent) -> None:
        self.text += event.text
        self.citations += event.citations
        if event.claim is not None:
            self.claims.append(event.claim)


class _Page:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sessions = RateLimiter(per_minute=SESSION_PER_MINUTE, at_once=SESSION_AT_ONCE)
        self._addresses = RateLimiter(per_minute=ADDRESS_PER_MINUTE, at_once=ADDRESS_AT_ONCE)

    async def ask(self, payload: Any) -> AsyncIterator[Record]:
        """A question: `status`, `partial` (HTML so far), `answer` (HTML, and what is needed later), `sources` (HTML)."""
        asked = read_asked(payload)
        # A browser may call itself anything, so its address is counted, too.
        with self._sessions.asking(f"{asked.caller} {asked.client}"), self._addresses.asking(asked.caller):
            async for record in self._answered(asked):
                yield record

    async def _answered(self, asked: Asked) -> AsyncIterator[Record]:
        draft = _Draft()
        papers: dict[str, Paper] = {}
        put = Put(question=asked.question, history=asked.history, filters=asked.filters or None, ignore=asked.ignore)
        events = self._desk.astream(put)
        doing = ""
        async with aclosing(events) as stream:  # type: ignore[type-var]
            async for event in stream:
                if isinstance(event, StatusEvent):
                    doing = event.text
                    yield {"kind": "status", "text": doing}
                elif isinstance(event, SentenceEvent):
                    if doing != _WRITING:
                        doing = _WRITING
                        yield {"kind": "status", "text": doing}
                    draft.add(event)
                    if time.monotonic() - draft.shown_at >= _PAUSE_S:
                        await self._look_up(draft.citations, papers)
                        yield {"kind": "partial", "html": _draft_html(draft, papers, asked, self._desk)}
                        draft.shown_at = time.monotonic()
                elif isinstance(event, DoneEvent):
                    answer = event.answer
                    if answer.error:
                        answer = replace(answer, error=without_paths(answer.error, library_folders(self._desk)))
                    await self._look_up(answer.citations, papers)
                    yield _answer_record(answer, papers, asked)
                    found = [paper.paper_id for paper in answer.papers]
                    known = papers | await asyncio.to_thread(self._desk.library.get_many, found)
                    doubted = doubted_markers(answer)
                    yield {"kind": "sources", "html": panel_html(answer.citations, found, known, doubted)}

    async def status(self, payload: Any) -> AsyncIterator[Record]:
        """What is on the shelf, for the page's first look and after papers were added."""
        yield {"kind": "status"} | await asyncio.to_thread(status, self._desk)

    async def sources(self, payload: Any) -> AsyncIterator[Record]:
        """The sources panel of an answer given earlier."""
        kept = payload.get("citations")
        citations, doubted, found = read_citations(kept), read_doubted(kept), read_ids(payload.get("found"))
        names = [*(citation.paper_id for citation in citations), *found]
        papers = await asyncio.to_thread(self._desk.library.get_many, names)
        yield {"kind": "sources", "html": panel_html(citations, found, papers, doubted)}

    async def similar(self, payload: Any) -> AsyncIterator[Record]:
        """Papers like one paper."""
        yield {"kind": "sources", "html": await asyncio.to_thread(self._similar, _one_id(payload))}

    def _similar(self, paper_id: str) -> str:
        paper = self._desk.library.get(paper_id)
        if paper is None:
            raise BadRequest("This paper is not in the library any more.")
        hits = self._desk.library.search(f"{paper.title}. {paper.abstract[:800]}", k=_N_SIMILAR + 1)
        return similar_html(paper, [hit.paper for hit in hits if hit.paper.paper_id != paper_id][:_N_SIMILAR])

    async def export(self, payload: Any) -> AsyncIterator[Record]:
        """Chosen papers in one of the formats of `rag.references`."""
        form, names = payload.get("format"), read_ids(payload.get("ids"))
        if form not in FORMATS:
            raise BadRequest(f"Papers are exported as one of {', '.join(FORMATS)}.")
        papers = await asyncio.to_thread(self._desk.library.get_many, names)
        chosen = [papers[name] for name in names if name in papers]
        yield {"kind": "file", "name": f"papers.{form}", "text": export(chosen, form), "n": len(chosen)}

    async def conversation(self, payload: Any) -> AsyncIterator[Record]:
        """A conversation (or one answer) as Markdown, with its references."""
        title, answers = read_turns(payload)
        names = sorted({citation.paper_id for answer in answers for citation in answer.citations})
        papers = await asyncio.to_thread(self._desk.library.get_many, names)
        text = conversation_markdown([_quoted(answer, papers) for answer in answers], papers, title=title)
        yield {"kind": "file", "name": "conversation.md", "text": text}

    async def feedback(self, payload: Any) -> AsyncIterator[Record]:
        """A thumb and a comment, kept in a file on this machine."""
        await asyncio.to_thread(keep, self._desk, payload)
        yield {"kind": "kept"}

    async def sample(self, payload: Any) -> AsyncIterator[Record]:
        """From now on the sample answers, until there are papers of the reader's own."""
        await asyncio.to_thread(self._desk.use_sample)
        yield {"kind": "status"} | await asyncio.to_thread(status, self._desk)

    async def _look_up(self, citations: Any, papers: dict[str, Paper]) -> None:
        missing = sorted({citation.paper_id for citation in citations} - papers.keys())
        if missing:
            papers |= await asyncio.to_thread(self._desk.library.get_many, missing)


def _one_id(payload: Any) -> str:
    names = read_ids([payload.get("paper_id")] if isinstance(payload, Mapping) else None)
    if not names:
        raise BadRequest("No paper was named.")
    return names[0]


def _quoted(answer: Answer, papers: Mapping[str, Paper]) -> Answer:
    """The answer with the titles and words of its citations as the library has them."""
    citations = tuple(
        Citation.of(papers[one.paper_id], (one.start, one.end), marker=one.marker) if one.paper_id in papers else one
        for one in answer.citations
    )
    return replace(answer, citations=citations)


def _draft_html(draft: _Draft, papers: Mapping[str, Paper], asked: Asked, desk: Desk) -> str:
    like = short_answer(asked.question)
    return partial_html(draft.text, draft.claims, draft.citations, papers, like, uid=asked.uid)


def _answer_record(answer: Answer, papers: Mapping[str, Paper], asked: Asked) -> Record:
    """What the page shows of an answer, and what it keeps to show the sources again and to go on from it."""
    doubted = doubted_markers(answer)
    empty = not answer.coverage.n_papers
    if empty:  # the page offers what to do next, as buttons
        answer = replace(answer, text=_EMPTY)
    return {
        "kind": "answer",
        "html": answer_html(answer, papers, uid=asked.uid),
        "understood": understood_html(answer, asked.filters),
        "footer": footer_html(answer),
        "abstained": answer.abstained,
        "empty": empty,
        "reason": answer.reason,
        "error": answer.error,
        "text": answer.text,
        "rewritten": answer.rewritten,
        "notes": list(answer.notes),
        "doubts": [
            {"text": claim.text, "reason": claim.reason} for claim in answer.claims if claim.support == "not_found"
        ],
        "citations": [
            {"marker": one.marker, "paper_id": one.paper_id, "start": one.start, "end": one.end}
            | ({"doubted": True} if one.marker in doubted else {})
            for one in answer.citations
        ],
        "found": [paper.paper_id for paper in answer.papers],
        "mode": answer.mode,
        "model": short_model(answer.model) if answer.model else None,
    }
