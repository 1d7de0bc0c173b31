"""Answers as the page keeps them between visits, read back for export: text, notes, doubts and places cited."""

from __future__ import annotations

from typing import Any

from rag.schema import Answer, Claim, Coverage
from ui.page_requests import BadRequest, read_citations

_MOST_TURNS = 400
_LONGEST = 60_000


def short_answer(question: str, text: str = "") -> Answer:
    """An answer that holds nothing but its question and text."""
    return Answer(
        question=question, text=text, mode="quoting", coverage=Coverage(n_papers=0, n_searched=0, first=None, last=None)
    )


def read_turns(payload: Any) -> tuple[str, list[Answer]]:
    """Title and answers of a conversation."""
    if not isinstance(payload, dict) or not isinstance(payload.get("turns"), list):
        raise BadRequest("There is no conversation in what was sent.")
    title = str(payload.get("title") or "Conversation")[:300]
    return title, [_answer(turn) for turn in payload["turns"][:_MOST_TURNS]]


def _answer(turn: Any) -> Answer:
    if not isinstance(turn, dict):
        raise BadRequest("A turn of the conversation is no record.")
    doubts = turn.get("doubts") or []
    notes = turn.get("notes") or []
    if not isinstance(doubts, list) or not isinstance(notes, list):
        raise BadRequest("A turn of the conversation holds no lists.")
    bare = short_answer(str(turn.get("question") or "")[:_LONGEST], str(turn.get("text") or "")[:_LONGEST])
    return Answer(
        question=bare.question,
        text=bare.text,
        mode="quoting",
        coverage=bare.coverage,
        rewritten=str(turn["rewritten"])[:_LONGEST] if turn.get("rewritten") else None,
        notes=tuple(str(note)[:2_000] for note in notes[:20]),
        claims=tuple(
            Claim(
                text=str(doubt.get("text", ""))[:5_000],
                citations=(),
                support="not_found",
                reason=str(doubt.get("reason", ""))[:500],
            )
            for doubt in doubts[:100]
            if isinstance(doubt, dict)
        ),
        citations=read_citations(turn.get("citations")),
    )
