"""What the page sends, read with care: a browser may send anything. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rag.schema import Citation, Filters, Turn

LONGEST_QUESTION = 4_000
LONGEST_TURN = 20_000
MOST_TURNS = 12
MOST_PAPERS = 500


class BadRequest(Exception):
    """Something that the page never sends; the text says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as the page sends it."""

    question: str
    history: tuple[Turn, ...] = ()
    filters: Filters = field(default_factory=Filters)
    ignore: tuple[str, ...] = ()
    uid: str = "a0"
    client: str = ""
    caller: str = ""


def read_asked(payload: Any) -> Asked:
    """Raises BadRequest, and FilterError's plain cousin: a date that is none."""
    record = _mapping(payload)
    question = _text(record.get("question"), LONGEST_QUESTION).strip()
    if not question:
        raise BadRequest("The question is empty.")
    turns = []
    for turn in _list(record.get("history"))[-MOST_TURNS:]:
        one = _mapping(turn)
        if one.get("role") not in ("user", "assistant"):
            raise BadRequest("A turn of the conversation has no role.")
        turns.append(Turn(role=one["role"], text=_text(one.get("text"), LONGEST_TURN)))
    names = Filters.__dataclass_fields__
    ignore = tuple(name for name in _list(record.get("ignore")) if isinstance(name, str) and name in names)
    uid = _text(record.get("uid"), 40)
    return Asked(
        question=question,
        history=tuple(turns),
        filters=read_filters(record.get("filters")),
        ignore=ignore,
        uid=uid if uid.replace("-", "").isalnum() else "a0",
        client=_text(record.get("client"), 80),
        caller=_text(record.get("caller"), 300),
    )


def read_filters(payload: Any) -> Filters:
    """The filters set beside the question."""
    record = _mapping(payload or {})
    organisations = tuple(_text(name, 200) for name in _list(record.get("organisations")) if name)
    since, until = _day(record.get("since")), _day(record.get("until"))
    if since and until and since > until:
        raise BadRequest(f"No day is both after {since} and before {until}: correct the dates of the filters.")
    return Filters(
        since=since,
        until=until,
        organisation=organisations[0] if len(organisations) == 1 else None,
        organisations=organisations if len(organisations) > 1 else (),
        source=_text(record.get("source"), 1_000) or None,
        min_comments=_number(record.get("min_comments"), "Comments, at least"),
        paper_ids=read_ids(record.get("paper_ids")),
    )


def read_ids(payload: Any) -> tuple[str, ...]:
    return tuple(_text(name, 300) for name in _list(payload)[:MOST_PAPERS])


def read_doubted(payload: Any) -> frozenset[int]:
    """The markers among kept citations that stand only behind what their papers do not say."""
    rows = [_mapping(row) for row in _list(payload)[:MOST_PAPERS]]
    return frozenset(_number(row.get("marker"), "A citation") or 0 for row in rows if row.get("doubted") is True)


def read_citations(payload: Any) -> tuple[Citation, ...]:
    """Citations as the page keeps them: marker, paper and place; the words are read from the library again."""
    found = []
    for row in _list(payload)[:MOST_PAPERS]:
        one = _mapping(row)
        numbers = [_number(one.get(name), "A citation") for name in ("marker", "start", "end")]
        if None in numbers:
            raise BadRequest("A citation has no place.")
        marker, start, end = (number or 0 for number in numbers)
        found.append(
            Citation(
                marker=marker,
                paper_id=_text(one.get("paper_id"), 300),
                title="",
                published=None,
                url=None,
                quote="",
                start=start,
                end=end,
            )
        )
    return tuple(found)


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadRequest("What was sent is no record.")
    return value


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadRequest("What was sent is no list.")
    return value


def _text(value: Any, longest: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRequest("What was sent is no text.")
    if len(value) > longest:
        raise BadRequest(f"The text is longer than {longest:,} characters.")
    return value


def _number(value: Any, what: str) -> int | None:
    """A whole number; `what` names its field to the reader."""
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise BadRequest(f"{what}: what was sent is no number.")
    try:
        number = int(value)
    except (ValueError, OverflowError):
        raise BadRequest(f"{what}: {str(value)[:40]!r} is no whole number.") from None
    if not 0 <= number < 10**9:
        raise BadRequest(f"{what}: {number} is no whole number from 0 to 999,999,999.")
    return number


def _day(value: Any) -> date | None:
    text = _text(value, 20).strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{text!r} is no date; write it like 2024-05-24.") from None
